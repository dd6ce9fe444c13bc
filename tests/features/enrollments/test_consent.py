"""Consent (reliability.md §9): a policy by country, a basis by address; refused at enrolling, and asked again at the gate."""

from datetime import UTC, datetime, timedelta

import pytest

from make import MONDAY, email, make_small, sequence
from segue.domain.consent import Basis, Policy
from segue.domain.errors import Invalid
from segue.features.contacts.consent import record_consent, set_policy, withdraw_consent
from segue.features.enrollments.react import resume_enrollments


@pytest.fixture
def small(db_urls):
    made = make_small(db_urls.app_url)
    yield made
    made.close()


def contact(small, address, country):
    made = small.add_contact(address)
    small.sql(
        "UPDATE contacts SET country_code = %(c)s WHERE workspace_id = %(ws)s AND id = %(id)s RETURNING id", {"c": country, "id": made}
    )
    return made


def policy(small, country, what):
    with small.db.tx(small.workspace_id) as tx:
        return set_policy(tx, country, what)


def consent(small, address, basis=Basis.EXPRESS, **more):
    with small.db.tx(small.workspace_id) as tx:
        record_consent(tx, address, basis, "a form", **more)


def flow(small):
    return small.add_sequence(sequence(email("one", subject="Hello"), email("two", after=timedelta(days=1))))


def codes(report):
    return [each.code for each in report.refused]


def test_a_country_that_blocks_refuses_contacts_without_consent_and_no_others(small):
    assert policy(small, "Germany", Policy.BLOCK) == "DE"
    ids = [
        contact(small, address, land) for address, land in (("a@x.test", "DE"), ("b@x.test", "DE"), ("c@x.test", "FR"), ("d@x.test", ""))
    ]
    consent(small, "B@x.test")
    report = small.enroll(flow(small), ids)
    assert codes(report) == ["CONSENT_REQUIRED"]
    assert report.refused[0].message == "The policy for DE needs a recorded consent."
    assert report.enrolled == 3


def test_a_policy_for_all_others_covers_unknown_countries_but_none_that_has_its_own(small):
    policy(small, "*", Policy.BLOCK)
    policy(small, "US", Policy.OFF)
    ids = [contact(small, address, land) for address, land in (("a@x.test", ""), ("b@x.test", "US"), ("c@x.test", "FR"))]
    assert codes(small.enroll(flow(small), ids)) == ["CONSENT_REQUIRED", "CONSENT_REQUIRED"]


def test_the_gate_holds_nobody_whom_enrolling_only_warns_of(small):
    """The defect: blocking all other countries held Germans at the gate, whose own policy is to warn."""
    policy(small, "*", Policy.BLOCK)
    assert small.enroll(flow(small), [contact(small, "a@x.test", "DE")]).enrolled == 1
    small.run_until(MONDAY + timedelta(hours=1))
    assert len(small.sent_to("a@x.test")) == 1


def test_a_warning_is_counted_and_stops_nobody(small):
    report = small.enroll(flow(small), [contact(small, "a@x.test", "DE"), contact(small, "b@x.test", "FR")])
    assert (report.enrolled, report.without_consent) == (2, 1)


@pytest.mark.parametrize(
    ("basis", "age", "valid"),
    [
        (Basis.EXPRESS, 5_000, True),
        (Basis.BUSINESS, 729, True),
        (Basis.BUSINESS, 731, False),
        (Basis.INQUIRY, 181, True),
        (Basis.INQUIRY, 183, False),
    ],
)
def test_an_implied_consent_ends_by_itself(small, basis, age, valid):
    policy(small, "CA", Policy.BLOCK)
    made = contact(small, "a@x.test", "CA")
    consent(small, "a@x.test", basis, given_at=MONDAY - timedelta(days=age))
    assert codes(small.enroll(flow(small), [made])) == ([] if valid else ["CONSENT_REQUIRED"])


@pytest.mark.parametrize("how", ["expired", "withdrawn", "policy"])
def test_without_consent_at_the_gate_nothing_goes_until_a_person_has_recorded_one(small, how):
    made = contact(small, "a@x.test", "DE")
    if how != "policy":
        policy(small, "DE", Policy.BLOCK)
    consent(small, "a@x.test", until=MONDAY + timedelta(hours=12) if how == "expired" else None)
    small.enroll(flow(small), [made])
    small.run_until(MONDAY + timedelta(hours=1))
    assert len(small.sent_to("a@x.test")) == 1
    if how != "expired":
        with small.db.tx(small.workspace_id) as tx:
            withdraw_consent(tx, "a@x.test")
    if how == "policy":
        policy(small, "DE", Policy.BLOCK)
    small.run_until(MONDAY + timedelta(days=3))
    row = small.state("a@x.test")
    assert (row["state"], row["pause_kind"]) == ("paused", "review")
    assert "consent" in row["reason_detail"]
    assert len(small.sent_to("a@x.test")) == 1
    consent(small, "a@x.test")
    with small.db.tx(small.workspace_id) as tx:
        resume_enrollments(tx, [row["id"]])
    small.run_until(MONDAY + timedelta(days=5))
    assert len(small.sent_to("a@x.test")) == 2


def test_a_consent_that_holds_lets_everything_go(small):
    policy(small, "DE", Policy.BLOCK)
    made = contact(small, "a@x.test", "DE")
    consent(small, "a@x.test")
    small.enroll(flow(small), [made])
    small.run_until(MONDAY + timedelta(days=3))
    assert len(small.sent_to("a@x.test")) == 2


def test_a_consent_without_source_or_before_its_time_is_refused(small):
    with small.db.tx(small.workspace_id) as tx:
        for source, given in (("", None), ("a form", datetime(2030, 1, 1, tzinfo=UTC))):
            with pytest.raises(Invalid):
                record_consent(tx, "a@x.test", Basis.EXPRESS, source, given_at=given)
        with pytest.raises(Invalid):
            record_consent(tx, "nobody", Basis.EXPRESS, "a form")
