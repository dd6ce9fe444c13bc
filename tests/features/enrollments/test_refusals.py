"""Who may not be enrolled (SEQ-62): each code has one case that fires and one that does not."""

from datetime import UTC, datetime, timedelta

import pytest

from make import MONDAY, email, make_small, sequence
from segue.domain.errors import Refused
from segue.features.contacts.suppression import UNSUBSCRIBED_ALL, suppress
from segue.features.workspaces.service import set_enrolling_limits


@pytest.fixture
def small(db_urls):
    made = make_small(db_urls.app_url)
    yield made
    made.close()


@pytest.fixture
def flow(small):
    return small.add_sequence(sequence(email("one", "Hello", subject="Hi")))


def codes(report):
    return [each.code for each in report.refused]


def limit(small, **given):
    with small.db.tx(small.workspace_id) as tx:
        set_enrolling_limits(tx, **given)


def block(small, address, reason):
    with small.db.tx(small.workspace_id) as tx:
        suppress(tx, "address", address, reason)


def test_contact_not_found(small, flow):
    known = small.add_contact("ann@one.test")
    report = small.enroll(flow, [known, 987_654])
    assert (codes(report), report.enrolled) == (["CONTACT_NOT_FOUND"], 1)


@pytest.mark.parametrize("address", ["ann@", "ann one@one.test", "ann@one", "ann..lee@one.test", "ann@-one.test"])
def test_invalid_email_address(small, flow, address):
    report = small.enroll(flow, [small.add_contact(address)])
    assert codes(report) == ["INVALID_EMAIL_ADDRESS"]
    assert report.refused[0].message == f"{address} is not a valid email address."


def test_no_email_address(small, flow):
    assert codes(small.enroll(flow, [small.add_contact("")])) == ["NO_EMAIL_ADDRESS"]


def test_unusual_addresses_are_not_refused(small, flow):
    unusual = ["o'hara@one.test", "jörg@bücher.example", "a+b_c@one.test", "x@sub.one.museum"]
    assert small.enroll(flow, [small.add_contact(address) for address in unusual]).enrolled == len(unusual)


@pytest.mark.parametrize(
    ("reason", "code"), [(UNSUBSCRIBED_ALL, "UNSUBSCRIBED"), ("unsubscribed", "UNSUBSCRIBED_PERSONAL"), ("by hand", "BLOCKED_ADDRESS")]
)
def test_unsubscribed_from_all_mail_and_from_personal_mail_are_told_apart(small, flow, reason, code):
    block(small, "ann@one.test", reason)
    report = small.enroll(flow, [small.add_contact("Ann@one.test"), small.add_contact("bob@one.test")])
    assert (codes(report), report.enrolled) == ([code], 1)


@pytest.mark.parametrize(
    ("days", "reason", "refused"),
    [(29, "blocked", ["OTHER_SEND_REJECTED"]), (31, "blocked", []), (1, "full", [])],
)
def test_other_send_rejected_lasts_thirty_days_and_is_of_policy_alone(small, flow, days, reason, refused):
    contact = small.add_contact("ann@one.test")
    small.sql(
        """INSERT INTO events (workspace_id, at, kind, contact_id, data)
           VALUES (%(ws)s, %(at)s, 'bounce_received', %(id)s, jsonb_build_object('reason', %(reason)s::text, 'proven', true,
             'detail', '550 5.7.1 policy')) RETURNING id""",
        {"at": MONDAY - timedelta(days=days), "id": contact, "reason": reason},
    )
    report = small.enroll(flow, [contact])
    assert codes(report) == refused
    assert all("550 5.7.1 policy" in each.message for each in report.refused)


def test_a_forged_report_of_a_policy_refusal_bars_nobody(small, flow):
    contact = small.add_contact("ann@one.test")
    small.sql(
        """INSERT INTO events (workspace_id, at, kind, contact_id, data)
           VALUES (%(ws)s, %(at)s, 'bounce_received', %(id)s, '{"reason": "blocked", "proven": false}') RETURNING id""",
        {"at": MONDAY - timedelta(days=1), "id": contact},
    )
    assert small.enroll(flow, [contact]).enrolled == 1


def test_seq_140_cool_off_bars_until_it_is_over_and_a_person_may_override(small, flow):
    contact = small.add_contact("ann@one.test")
    small.enroll(flow, [contact])
    small.run_until(datetime(2027, 1, 13, 9, 0, tzinfo=UTC), step=timedelta(hours=1))
    ended = small.state("ann@one.test")["ended_at"]
    assert ended is not None
    limit(small, cool_off_days=10)
    report = small.enroll(flow, [contact], dry_run=True)
    assert codes(report) == ["COOL_OFF"]
    assert report.refused[0].message == "Last sequence ended on 2027-01-12; 9 days of cool-off remain."
    assert small.enroll(flow, [contact], dry_run=True, override_cool_off=True).enrolled == 1
    small.clock.at = ended + timedelta(days=10)
    assert small.enroll(flow, [contact]).enrolled == 1


def test_company_limit_counts_who_is_enrolled_and_who_stands_before_in_the_selection(small, flow):
    limit(small, company_limit=2)
    first = small.add_contact("ann@one.test", company="One")
    assert small.enroll(flow, [first]).enrolled == 1
    more = [small.add_contact(f"p{i}@one.test", company="One") for i in range(3)]
    report = small.enroll(flow, [*more, small.add_contact("bob@two.test", company="Two")])
    assert (codes(report), report.enrolled) == (["COMPANY_LIMIT", "COMPANY_LIMIT"], 2)
    assert report.refused[0].message == "2 people at one.test are enrolled already."


def test_people_at_a_free_mail_domain_are_no_company(small, flow):
    limit(small, company_limit=1)
    people = [small.add_contact(f"p{i}@gmail.com", company="") for i in range(3)]
    assert small.enroll(flow, people).enrolled == 3


def test_duplicate_in_selection(small, flow):
    ann, bob = small.add_contact("ann@one.test"), small.add_contact("bob@one.test")
    report = small.enroll(flow, [ann, bob, ann, ann])
    assert (codes(report), report.enrolled) == (["DUPLICATE_IN_SELECTION"] * 2, 2)
    assert {each.email for each in report.refused} == {"ann@one.test"}


@pytest.mark.parametrize("ahead", [timedelta(seconds=-1), timedelta(days=90, seconds=1)])
def test_start_time_invalid(small, flow, ahead):
    with pytest.raises(Refused) as refused:
        small.enroll(flow, [small.add_contact("ann@one.test")], start_at=MONDAY + ahead)
    assert refused.value.code == "START_TIME_INVALID"
    assert small.sql("SELECT FROM enrollments") == []


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(days=90)])
def test_a_start_time_within_ninety_days_is_taken(small, flow, ahead):
    assert small.enroll(flow, [small.add_contact("ann@one.test")], start_at=MONDAY + ahead).enrolled == 1
