"""Enrolling in somebody's name: whose rights are asked, who may send for whom, all hits, warnings (SEQ-3, SEQ-9, SEQ-60…63)."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest

from kills.waiting import wait_until
from make import MONDAY, REP, Small, email, make_small, sequence
from segue.domain.errors import Forbidden, Refused
from segue.domain.ids import UserId
from segue.domain.permissions import OPERATOR, Actor, Permission, Reach, Role
from segue.domain.sequence import ZoneMode
from segue.features.contacts.suppression import UNSUBSCRIBED_ALL, suppress
from segue.features.enrollments.admission import EnrollReport, EnrollRequest
from segue.features.enrollments.by_owner import enroll_for_owners
from segue.features.enrollments.enroll import enroll
from segue.features.enrollments.rights import require_to_hold, require_to_manage_all
from segue.features.enrollments.spread import Starts
from segue.features.sequences.lifecycle import Sharing, share
from segue.features.workspaces.queries import get_actor
from segue.features.workspaces.service import set_enrolling_limits

BOB, CID = "bob@acme.test", "cid@acme.test"
HOUR = timedelta(hours=1)


@pytest.fixture
def small(db_urls) -> Iterator[Small]:
    made = make_small(db_urls.app_url)
    yield made
    made.close()


def actor(small: Small, address: str) -> Actor:
    with small.db.tx(small.workspace_id) as tx:
        return get_actor(tx, address)


def limit(small: Small, **given) -> None:
    with small.db.tx(small.workspace_id) as tx:
        set_enrolling_limits(tx, **given)


def owned(small: Small, address: str, owner: str) -> int:
    contact = small.add_contact(address)
    small.sql(
        "UPDATE contacts SET properties = jsonb_build_object('owner', %(owner)s::text) WHERE workspace_id = %(ws)s AND id = %(id)s RETURNING id",
        {"owner": owner, "id": contact},
    )
    return contact


def codes(report: EnrollReport) -> list[str]:
    return [each.code for each in report.refused]


def refusal(small: Small, flow, contacts: list[int], **given) -> Refused:
    with pytest.raises(Refused) as refused:
        small.enroll(flow, contacts, **given)
    return refused.value


def entries(small: Small) -> list[tuple[str, str, str]]:
    rows = small.sql("SELECT actor, data FROM events WHERE workspace_id = %(ws)s AND kind = 'enrollment_refused' ORDER BY id")
    return [(row["actor"], row["data"]["code"], row["data"]["sequence"]) for row in rows]


def hello(name: str = "Welcome", **settings):
    return sequence(email("one", subject="Hi"), email("two", "Again", after=timedelta(days=2)), name=name, **settings)


def test_who_may_not_use_sequences_enrolls_nobody_and_it_stands_on_the_timeline(small: Small) -> None:
    """SEQ-62, SEQ-63: with code, actor and sequence."""
    flow, ann = small.add_sequence(hello()), small.add_contact("ann@one.test")
    small.add_rep(BOB, role=Role.VIEWER)
    refused = refusal(small, flow, [ann], actor=actor(small, BOB))
    assert (refused.code, refused.message) == ("NOT_ALLOWED", "You are not allowed to enroll contacts.")
    assert entries(small) == [("cli as bob@acme.test", "NOT_ALLOWED", "Welcome")]
    refusal(small, flow, [ann], actor=actor(small, BOB), dry_run=True)
    assert len(entries(small)) == 1


def test_a_private_sequence_of_somebody_else_looks_as_if_it_were_not_there(small: Small) -> None:
    flow, ann = small.add_sequence(hello()), small.add_contact("ann@one.test")
    bob, box = small.add_rep(BOB)
    with small.db.tx(small.workspace_id) as tx:
        share(tx, "Welcome", Sharing("private"))
    refused = refusal(small, flow, [ann], actor=actor(small, BOB), by=bob, sender=box)
    assert (refused.code, [code for code, _ in refused.also]) == ("SEQUENCE_NOT_FOUND", [])
    assert refusal(small, flow, [ann], by=bob, sender=box).code == "SEQUENCE_NOT_SHARED"  # the operator sees it, its sender may not use it
    with small.db.tx(small.workspace_id) as tx:
        share(tx, "Welcome", Sharing("chosen", users=(bob,)))
    assert small.enroll(flow, [ann], actor=actor(small, BOB), by=bob, sender=box).enrolled == 1


def test_nobody_sends_from_somebody_elses_mailbox_but_managers_of_theirs(small: Small) -> None:
    flow, ann = small.add_sequence(hello()), small.add_contact("ann@one.test")
    bob, _ = small.add_rep(BOB, team="north")
    boss, _ = small.add_rep("boss@acme.test", role=Role.MANAGER, team="north")
    _, cids = small.add_rep(CID, team="north")
    refused = refusal(small, flow, [ann], actor=actor(small, BOB), by=bob, sender=cids)
    assert (refused.code, refused.message) == ("SENDER_MISMATCH", "bob@acme.test cannot send as cid@acme.test.")
    assert refusal(small, flow, [ann], actor=actor(small, "boss@acme.test"), by=boss).code == "SENDER_MISMATCH"  # another team's
    assert refusal(small, flow, [ann], by=bob, sender=cids, named_sender=bob).code == "SENDER_MISMATCH"
    assert small.enroll(flow, [ann], actor=actor(small, "boss@acme.test"), by=boss, sender=cids).enrolled == 1
    assert small.sql("SELECT actor FROM events WHERE workspace_id = %(ws)s AND kind = 'contact_enrolled'") == [
        {"actor": "cli as boss@acme.test"}
    ]


@pytest.mark.parametrize(
    ("reach", "role", "refused"),
    [
        ("all", Role.USER, set()),
        ("own", Role.USER, {"cids@one.test", "nobodys@one.test"}),
        ("team", Role.USER, {"nobodys@one.test"}),
        ("own", Role.MANAGER, {"nobodys@one.test"}),
        ("own", Role.ADMIN, set()),
    ],
)
def test_contact_no_access(small: Small, reach: str, role: Role, refused: set[str]) -> None:
    """SEQ-3: contacts.communicate own, team, all."""
    flow = small.add_sequence(hello())
    bob, box = small.add_rep(BOB, role=role, team="north")
    small.add_rep(CID, team="north")
    limit(small, communicate=reach)
    contacts = [owned(small, "bobs@one.test", BOB), owned(small, "cids@one.test", CID), owned(small, "nobodys@one.test", "")]
    report = small.enroll(flow, contacts, actor=actor(small, BOB), by=bob, sender=box)
    assert {each.email for each in report.refused} == refused
    assert {each.code for each in report.refused} <= {"CONTACT_NO_ACCESS"}
    assert report.enrolled == 3 - len(refused)


def test_who_may_write_to_a_contact_may_hold_it_and_only_managers_let_it_go_on(small: Small) -> None:
    """SEQ-10, SEQ-122."""
    flow, ann = small.add_sequence(hello()), owned(small, "ann@one.test", CID)
    small.add_rep(BOB, team="north")
    small.enroll(flow, [ann])
    ids = [small.state("ann@one.test")["id"]]
    with small.db.tx(small.workspace_id) as tx:
        require_to_hold(tx, get_actor(tx, BOB), ids)
        with pytest.raises(Forbidden):
            require_to_manage_all(tx, get_actor(tx, BOB), ids)
        require_to_manage_all(tx, get_actor(tx, REP), ids)
        require_to_manage_all(tx, OPERATOR, ids)
    limit(small, communicate="own")
    with small.db.tx(small.workspace_id) as tx, pytest.raises(Forbidden, match="may not write to"):
        require_to_hold(tx, get_actor(tx, BOB), ids)


def for_owners(small: Small, flow, contacts: list[int], **given) -> EnrollReport:
    request = EnrollRequest(flow, small.mailbox_id, UserId(small.user_id), **given)
    return enroll_for_owners(small.db, small.workspace_id, (request, [Starts(None, len(contacts))]), contacts)


def test_each_contact_goes_from_its_owners_mailbox_and_who_has_none_is_refused(small: Small) -> None:
    """SEQ-61; what concerns one owner refuses their contacts alone."""
    flow = small.add_sequence(hello())
    bob, box = small.add_rep(BOB)
    small.add_rep(CID, seat=False)
    contacts = [
        owned(small, "bobs@one.test", BOB),
        owned(small, "ritas@two.test", REP),
        owned(small, "nobodys@three.test", ""),
        owned(small, "gone@four.test", "gone@acme.test"),
        owned(small, "cids@five.test", CID),
        987_654,
    ]
    report = for_owners(small, flow, contacts)
    assert {each.email: each.code for each in report.refused} == {
        "nobodys@three.test": "SENDER_MISSING",
        "gone@four.test": "SENDER_MISSING",
        "cids@five.test": "SENDER_NO_SEAT",
        "": "CONTACT_NOT_FOUND",
    }
    assert report.enrolled == 2
    first = small.state("bobs@one.test")
    assert (first["mailbox_id"], first["sender_user_id"], first["enroller_user_id"]) == (box, bob, bob)
    assert small.state("ritas@two.test")["mailbox_id"] == small.mailbox_id
    assert ("cli", "SENDER_MISSING", "Welcome") in entries(small)


def test_a_user_may_enroll_for_any_contacts_owner_and_is_the_enroller(small: Small) -> None:
    flow = small.add_sequence(hello())
    bob, _ = small.add_rep(BOB)
    contact = owned(small, "ritas@two.test", REP)
    assert for_owners(small, flow, [contact], actor=actor(small, BOB)).enrolled == 1
    row = small.state("ritas@two.test")
    assert (row["enroller_user_id"], row["sender_user_id"]) == (bob, small.user_id)


def test_an_owner_without_a_mailbox_is_named(small: Small) -> None:
    flow = small.add_sequence(hello())
    small.sql(
        """INSERT INTO users (workspace_id, email, created_at) VALUES (%(ws)s, 'dan@acme.test', %(now)s) RETURNING id""", {"now": MONDAY}
    )
    [refused] = for_owners(small, flow, [owned(small, "dans@one.test", "dan@acme.test")]).refused
    assert (refused.code, refused.message.partition(".")[0]) == ("SENDER_NO_MAILBOX", "dan@acme")
    with pytest.raises(Refused, match="Choose a step"):
        for_owners(small, flow, [owned(small, "ritas@two.test", REP)], start_position=9)


def test_all_further_hits_are_listed_in_the_order_of_the_table(small: Small) -> None:
    """SEQ-62."""
    limit(small, company_limit=1, cool_off_days=10)
    flow = small.add_sequence(sequence(email("one", "{{ contact.birthday }}", subject="Hi")))
    plain = small.add_sequence(sequence(email("one", "Hello", subject="Hi"), name="Plain"))
    assert small.enroll(plain, [small.add_contact("bob@one.test")]).enrolled == 1
    ann = small.add_contact("ann@one.test")
    with small.db.tx(small.workspace_id) as tx:
        suppress(tx, "address", "ann@one.test", UNSUBSCRIBED_ALL)
    [refused] = small.enroll(flow, [ann]).refused
    assert refused.code == "UNSUBSCRIBED"
    assert [code for code, _ in refused.also] == ["COMPANY_LIMIT", "MISSING_TOKEN"]
    assert dict(refused.also)["COMPANY_LIMIT"] == "1 people at one.test are enrolled already."
    assert dict(refused.also)["MISSING_TOKEN"] == "The emails of this sequence lack a value for contact.birthday."
    assert entries(small)[-1][1] == "UNSUBSCRIBED"


def test_who_is_refused_for_something_else_takes_no_place_of_the_company(small: Small) -> None:
    limit(small, company_limit=1)
    flow = small.add_sequence(hello())
    barred, ann, cid = (small.add_contact(f"{name}@one.test") for name in ("barred", "ann", "cid"))
    with small.db.tx(small.workspace_id) as tx:
        suppress(tx, "address", "barred@one.test", "by hand")
    report = small.enroll(flow, [barred, ann, cid])
    assert [(each.email, each.code, each.also) for each in report.refused] == [
        ("barred@one.test", "BLOCKED_ADDRESS", ()),
        ("cid@one.test", "COMPANY_LIMIT", ()),
    ]


def test_two_enrollings_at_once_do_not_both_pass_the_company_limit(small: Small, db_urls) -> None:
    """SEQ-62. The defect: each counted before the other had committed. Their rows wait for the mailbox's, so both have counted by then."""
    limit(small, company_limit=1)
    flow = small.add_sequence(hello())
    contacts = [small.add_contact("ann@one.test"), small.add_contact("bob@one.test")]
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with ThreadPoolExecutor(2) as threads, psycopg.connect(db_urls.app_url, autocommit=True) as eye:
        with small.db.tx(small.workspace_id) as tx:
            tx.run("SELECT FROM mailboxes WHERE workspace_id = %(ws)s FOR UPDATE", {})
            both = [threads.submit(small.enroll, flow, [each]) for each in contacts]
            wait_until(lambda: any(each.done() for each in both) or eye.execute(waiting).fetchone() == (2,), 60)
        reports = [each.result(timeout=60) for each in both]
    assert sorted((report.enrolled, codes(report)) for report in reports) == [(0, ["COMPANY_LIMIT"]), (1, [])]


def test_what_is_worth_a_word_is_counted_and_bars_nobody(small: Small) -> None:
    """SEQ-60."""
    flow = small.add_sequence(hello(zone_mode=ZoneMode.CONTACT))
    small.add_rep(BOB)
    colleague, other = small.add_contact("col@one.test", timezone="Europe/Paris"), small.add_contact("x@gmail.com", timezone="Europe/Paris")
    again = small.add_contact("again@two.test", timezone="Europe/Paris")
    small.enroll(flow, [again])
    small.run_until(MONDAY + timedelta(days=5), step=HOUR)
    small.enroll(flow, [colleague, other])
    contacts = [
        again,
        small.add_contact("ann@one.test", timezone="Europe/Paris"),
        small.add_contact("info@three.test"),
        owned(small, "bobs@four.test", BOB),
        small.add_contact("y@gmail.com", timezone="Europe/Paris"),
    ]
    assert small.enroll(flow, contacts, dry_run=True).warnings == []
    report = small.enroll(flow, contacts, dry_run=True, warn=True)
    assert {each.code: (each.count, each.emails) for each in report.warnings} == {
        "OWNED_BY_OTHER": (1, ("bobs@four.test",)),
        "COLLEAGUE_ENROLLED": (1, ("ann@one.test",)),
        "FINISHED_BEFORE": (1, ("again@two.test",)),
        "ROLE_ADDRESS": (1, ("info@three.test",)),
        "NO_TIME_ZONE": (2, ("info@three.test", "bobs@four.test")),
    }
    assert (report.enrolled, report.refused) == (5, [])


def test_more_than_one_contact_needs_a_permission_of_its_own(small: Small) -> None:
    """SEQ-3: every role that may use sequences has it, so one without it is made up here."""
    flow, ann, bob = small.add_sequence(hello()), small.add_contact("ann@one.test"), small.add_contact("bob@two.test")

    class Careful(Actor):
        def reach(self, permission: Permission) -> Reach:
            return Reach.NONE if permission is Permission.BULK_ENROLL else Reach.ALL

    request = EnrollRequest(flow, small.mailbox_id, small.user_id, actor=Careful(small.user_id, REP))
    with pytest.raises(Refused) as refused:
        enroll(small.db, small.workspace_id, request, [ann, bob])
    assert refused.value.code == "NOT_ALLOWED"
    assert enroll(small.db, small.workspace_id, replace(request, dry_run=True), [ann]).enrolled == 1
