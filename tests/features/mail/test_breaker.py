"""The circuit breakers of SEQ-106: each way to open one, the figure just below it, and the ways on."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from psycopg.types.json import Jsonb

from make import MONDAY, REP, Small, email, make_small, sequence
from segue.features.mail.breaker import MAILBOX, SEQUENCE, list_breakers, set_breaker, tend_breakers
from segue.features.workspaces.notices import list_notices
from segue.providers.mail.fake_world import Call, Fault, FaultKind
from segue.providers.mail.outcomes import Stage

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture
def small(db_urls) -> Iterator[Small]:
    made = make_small(db_urls.app_url, jitter=timedelta(0), warm_up=False, spacing=timedelta(0), per_minute=60)
    yield made
    made.close()


def send(small: Small, count: int, name: str = "Welcome", *, faults: int = 0, reply: str = "550 5.1.1 no such user") -> None:
    """Enroll so many contacts of a sequence; the first `faults` of their mails are refused."""
    fault = Fault(FaultKind.REPLY, reply, Stage.RCPT)
    small.world.script(Call.HAND_OFF, REP, *[fault] * faults)
    flow = small.add_sequence(sequence(email("a", subject="Hi"), name=name))
    small.enroll(flow, [small.add_contact(f"{name.lower()}{i}@prospect.test") for i in range(count)])
    small.run_until(small.clock.at + 2 * MINUTE, step=MINUTE)


def breakers(small: Small) -> dict[str, str]:
    with small.db.tx(small.workspace_id) as tx:
        return {row["kind"]: row["state"] for row in list_breakers(tx)}


def waiting(small: Small) -> int:
    return small.sql("SELECT count(*) AS n FROM enrollments WHERE workspace_id = %(ws)s AND position = 0 AND state = 'active'")[0]["n"]


@pytest.mark.parametrize(
    ("mails", "bounces", "opened"),
    [
        (20, 3, {"mailbox": "open", "sequence": "open"}),  # 15 % of 20
        (19, 3, {}),  # fewer than 20 mails prove nothing
        (20, 2, {}),  # two dead addresses are no pattern
        (50, 3, {"mailbox": "open"}),  # 6 %: enough for a mailbox (5 %), not for a sequence (8 %)
        (70, 3, {}),  # 4.3 %
    ],
)
def test_three_hard_bounces_that_are_5_or_8_percent_open_it(small: Small, mails: int, bounces: int, opened: dict[str, str]) -> None:
    send(small, mails, faults=bounces)
    assert breakers(small) == opened


def test_behind_an_open_breaker_mail_waits_until_a_person_closes_it(small: Small) -> None:
    """Waiting is seen, told once with what to do, and what opened the breaker does not open it again."""
    send(small, 20, faults=3)
    before = len(small.world.acceptances())
    send(small, 5, "Second")
    assert (waiting(small), len(small.world.acceptances())) == (5, before)
    with small.db.tx(small.workspace_id) as tx:
        told = list_notices(tx)
        assert {row["subject"].split()[0] for row in told} == {"mailbox", "sequence"}
        assert all("segue breaker close" in row["todo"] for row in told)
        assert set_breaker(tx, MAILBOX, small.mailbox_id, "")
        assert not set_breaker(tx, MAILBOX, small.mailbox_id, "")
    small.run_until(small.clock.at + 5 * MINUTE, step=MINUTE)
    assert (waiting(small), breakers(small)) == (0, {"sequence": "open"})


def test_a_sequence_s_breaker_holds_its_mail_alone(small: Small) -> None:
    send(small, 20, faults=3)
    with small.db.tx(small.workspace_id) as tx:
        set_breaker(tx, MAILBOX, small.mailbox_id, "")
    [flow] = small.sql("SELECT id FROM sequences WHERE workspace_id = %(ws)s")
    small.enroll(flow["id"], [small.add_contact("late@prospect.test")])
    send(small, 3, "Other")
    assert small.state("late@prospect.test")["waiting_for"] == "BREAKER"
    assert small.sent_to("other0@prospect.test")
    with small.db.tx(small.workspace_id) as tx:
        set_breaker(tx, SEQUENCE, flow["id"], "")
    small.run_until(small.clock.at + MINUTE, step=MINUTE)
    assert len(small.sent_to("late@prospect.test")) == 1


def test_three_refusals_for_policy_in_a_row_open_it_and_one_mail_between_does_not(small: Small) -> None:
    send(small, 2, "First", faults=2, reply="550 5.7.1 message rejected for policy reasons")
    send(small, 1, "Good")
    send(small, 1, "Third", faults=1, reply="550 5.7.1 message rejected for policy reasons")
    assert breakers(small) == {}
    send(small, 2, "Fourth", faults=2, reply="550 5.7.1 message rejected for policy reasons")
    assert breakers(small) == {"mailbox": "open"}


def test_two_complaints_in_seven_days_open_it(small: Small) -> None:
    send(small, 3)
    messages = small.sql("SELECT id FROM messages WHERE workspace_id = %(ws)s ORDER BY id")
    opened = []
    for message in messages[:2]:
        with small.db.tx(small.workspace_id) as tx:
            _complain(tx, message["id"])
        with small.db.tx(small.workspace_id) as tx:
            tend_breakers(tx)
        opened.append(sorted(breakers(small)))
        small.clock.at += 5 * DAY
    assert opened == [[], ["mailbox", "sequence"]]


def test_complaints_eight_days_apart_open_nothing(small: Small) -> None:
    send(small, 3)
    for message in small.sql("SELECT id FROM messages WHERE workspace_id = %(ws)s ORDER BY id")[:2]:
        with small.db.tx(small.workspace_id) as tx:
            _complain(tx, message["id"])
        small.clock.at += 8 * DAY
        with small.db.tx(small.workspace_id) as tx:
            tend_breakers(tx)
    assert breakers(small) == {}


def _complain(tx, message: int) -> None:
    from segue.domain.events import ComplaintReceived

    tx.record(ComplaintReceived(message_id=message, inbound_id=0, address_normal="nobody@prospect.test"))


def test_switched_off_by_a_setting_nothing_opens(small: Small) -> None:
    _set_mode(small, "off")
    send(small, 20, faults=3)
    assert breakers(small) == {}


def test_automatic_half_open_tries_five_mails_after_a_day_and_closes_after_another(small: Small) -> None:
    _set_mode(small, "half_open")
    send(small, 20, faults=3)
    send(small, 10, "Second")
    assert waiting(small) == 10
    small.run_until(MONDAY + DAY + HOUR, step=HOUR)
    assert (breakers(small)["mailbox"], waiting(small)) == ("half_open", 5)
    small.run_until(MONDAY + 2 * DAY + 3 * HOUR, step=HOUR)
    assert ("mailbox" in breakers(small), waiting(small)) == (False, 0)


def test_a_half_open_breaker_opens_with_the_first_trouble(small: Small) -> None:
    send(small, 20, faults=3)
    with small.db.tx(small.workspace_id) as tx:
        set_breaker(tx, MAILBOX, small.mailbox_id, "half_open")
    send(small, 3, "Second", faults=1)
    assert breakers(small)["mailbox"] == "open"


def test_without_the_setting_an_open_breaker_stays_open(small: Small) -> None:
    send(small, 20, faults=3)
    small.run_until(MONDAY + 4 * DAY, step=6 * HOUR)
    assert breakers(small) == {"mailbox": "open", "sequence": "open"}


def _set_mode(small: Small, mode: str) -> None:
    with small.db.tx(small.workspace_id) as tx:
        tx.run("UPDATE workspaces SET settings = settings || %(s)s WHERE workspace_id = %(ws)s", {"s": Jsonb({"breaker": mode})})
