"""Caps on mails to one address and to one company in 24 hours (SEQ-94, S30)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from make import MONDAY, Small, email, make_small, sequence
from segue.features.enrollments.execute import claim_and_prepare
from segue.features.enrollments.survey import plan
from segue.features.mail.hand_off import Held
from segue.features.workspaces.service import set_sending_rules

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
FLOW = sequence(email("a", subject="Hi"))


@pytest.fixture
def small(db_urls) -> Iterator[Small]:
    made = make_small(db_urls.app_url, jitter=timedelta(0), warm_up=False)
    yield made
    made.close()


def send(small: Small, *addresses: str) -> list[str]:
    small.enroll(small.add_sequence(FLOW), [small.add_contact(each) for each in addresses])
    small.run_until(MONDAY + 10 * MINUTE, step=MINUTE)
    return [each for each in addresses if small.sent_to(each)]


def cap(small: Small, **rules: int) -> None:
    with small.db.tx(small.workspace_id) as tx:
        set_sending_rules(tx, **rules)


def test_by_default_a_company_gets_as_many_as_are_enrolled(small: Small) -> None:
    assert len(send(small, *(f"p{i}@prospect.test" for i in range(5)))) == 5


def test_the_cap_holds_the_company_s_contacts_alone_and_lets_them_go_a_day_later(small: Small) -> None:
    cap(small, domain_per_day=2)
    sent = send(small, *(f"p{i}@prospect.test" for i in range(4)), "ann@other.test")
    assert sent == ["p0@prospect.test", "p1@prospect.test", "ann@other.test"]
    assert small.state("p2@prospect.test")["waiting_for"] == "LIMIT"
    small.run_until(MONDAY + DAY + HOUR, step=10 * MINUTE)
    assert len(small.sent_to("p2@prospect.test")) == len(small.sent_to("p3@prospect.test")) == 1


def test_domains_where_everybody_has_an_address_are_exempt(small: Small) -> None:
    cap(small, domain_per_day=1)
    assert len(send(small, *(f"person{i}@gmail.com" for i in range(3)))) == 3


def test_of_two_that_saw_room_at_once_the_second_finds_none(small: Small) -> None:
    """Counted and taken under the company's lock, when `in_doubt` is written: here the gate's own look is made blind."""
    cap(small, domain_per_day=1)
    send(small, "p0@prospect.test")
    small.enroll(small.add_sequence(sequence(email("a", subject="Hi"), name="Two")), [small.add_contact("p1@prospect.test")])
    [sending] = claim_and_prepare(small.db, small.workspace_id, lanes=1)
    blind = replace(sending, limits=replace(sending.limits, domain_per_day=0))
    assert isinstance(small.engine.deliver(blind).outcome, Held)
    assert small.sent_to("p1@prospect.test") == []


def test_mails_to_one_address_have_a_cap_of_their_own(small: Small) -> None:
    cap(small, address_per_day=1)
    flow = sequence(email("a", subject="Hi"), email("b", after=timedelta(hours=2)), email("c", after=timedelta(hours=2)))
    small.enroll(small.add_sequence(flow), [small.add_contact("ann@prospect.test")])
    small.run_until(MONDAY + 7 * HOUR, step=10 * MINUTE)
    assert len(small.sent_to("ann@prospect.test")) == 1
    small.run_until(MONDAY + 2 * DAY - HOUR, step=HOUR)
    assert len(small.sent_to("ann@prospect.test")) == 2


def test_the_plan_keeps_the_same_caps(small: Small) -> None:
    cap(small, domain_per_day=2)
    small.enroll(small.add_sequence(FLOW), [small.add_contact(f"p{i}@prospect.test") for i in range(4)])
    with small.db.tx(small.workspace_id) as tx:
        steps = [step for step in plan(tx).steps if step.step.key == "a"]
    assert [step.at is not None and step.at >= MONDAY + DAY for step in steps] == [False, False, True, True]
