"""Settings of a sequence, each with one case in which it acts and one in which it does not (sequences.md §3.2)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from make import MONDAY, REP, answer, email, make_small, sequence, task
from segue.domain.sequence import OpenTasks, Overlap
from segue.domain.stop_rules import Stop
from segue.features.contacts.merge import merge_contacts
from segue.features.enrollments.react import pause_enrollments, resume_enrollments, stop_enrollments
from segue.features.workspaces.service import set_enrolling_limits

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
ANN, BOB = "ann@prospect.test", "bob@prospect.test"


@pytest.fixture
def small(db_urls):
    made = make_small(db_urls.app_url)
    yield made
    made.close()


def flow(name="Welcome", **settings):
    return sequence(email("one", subject="Hi"), email("two", after=2 * DAY), name=name, **settings)


def limits(small, **given):
    with small.db.tx(small.workspace_id) as tx:
        set_enrolling_limits(tx, **given)


def stop(small, address, reason="MANUAL"):
    with small.db.tx(small.workspace_id) as tx:
        stop_enrollments(tx, [small.state(address)["id"]], Stop(reason))


def reply(small, address):
    small.clock.at += timedelta(minutes=1)
    small.world.deliver(REP, answer(small.sent_to(address)[0].wire, sender=address))
    small.engine.read(small.workspace_id, small.mailbox_id)


# --- open tasks ----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("setting", "state"), [(OpenTasks.KEEP, "open"), (OpenTasks.CANCEL, "deleted")])
def test_seq_119_open_tasks_stay_or_go_when_the_enrollment_ends(small, setting, state):
    small.enroll(small.add_sequence(sequence(task("ring", after=timedelta(0)), on_end_open_tasks=setting)), [small.add_contact(ANN)])
    small.run_until(MONDAY + HOUR)
    stop(small, ANN)
    assert small.sql("SELECT state, enrollment_active FROM tasks WHERE workspace_id = %(ws)s") == [
        {"state": state, "enrollment_active": False}
    ]


# --- cool-off ------------------------------------------------------------------------------------------------------------------------------


def test_seq_140_the_sequences_own_cool_off_counts_and_others_are_free(small):
    contact = small.add_contact(ANN)
    calm, other = small.add_sequence(flow(cool_off_days=10)), small.add_sequence(flow("Other"))
    small.enroll(calm, [contact])
    stop(small, ANN)
    assert [each.code for each in small.enroll(calm, [contact]).refused] == ["COOL_OFF"]
    assert small.enroll(other, [contact]).enrolled == 1
    stop(small, ANN)
    small.clock.at = MONDAY + 10 * DAY
    assert small.enroll(calm, [contact]).enrolled == 1


# --- starts a day --------------------------------------------------------------------------------------------------------------------------


def test_seq_98_no_more_than_so_many_begin_on_a_day_and_the_others_in_order(small):
    contacts = [small.add_contact(f"p{n}@prospect.test") for n in range(5)]
    small.enroll(small.add_sequence(flow(max_starts_per_day=2)), contacts)
    waits = [small.state(f"p{n}@prospect.test")["waiting_for"] for n in range(5)]
    assert waits[2:] == ["START"] * 3
    small.run_until(MONDAY + 3 * DAY, step=timedelta(hours=1))
    first = [small.sent_to(f"p{n}@prospect.test")[0].accepted_at.date() for n in range(5)]
    assert [(day - MONDAY.date()).days for day in first] == [0, 0, 1, 1, 2]


def test_seq_98_a_second_batch_finds_the_room_that_the_first_has_left(small):
    made = small.add_sequence(flow(max_starts_per_day=2))
    small.enroll(made, [small.add_contact(f"p{n}@prospect.test") for n in range(3)])
    small.enroll(made, [small.add_contact("late@prospect.test")])
    assert small.state("late@prospect.test")["base_at"] == MONDAY + DAY


def test_seq_98_one_resumed_on_a_full_day_waits_for_the_next(small):
    made = small.add_sequence(flow(max_starts_per_day=1))
    small.enroll(made, [small.add_contact(ANN)], start_at=MONDAY + HOUR)
    with small.db.tx(small.workspace_id) as tx:
        pause_enrollments(tx, [small.state(ANN)["id"]])
    small.clock.at = MONDAY + DAY
    small.enroll(made, [small.add_contact(BOB)])
    with small.db.tx(small.workspace_id) as tx:
        resume_enrollments(tx, [small.state(ANN)["id"]])
    assert (small.state(ANN)["waiting_for"], small.state(ANN)["base_at"].date()) == ("START", (MONDAY + 2 * DAY).date())


def test_seq_98_without_a_limit_all_begin_at_once(small):
    small.enroll(small.add_sequence(flow()), [small.add_contact(f"p{n}@prospect.test") for n in range(5)])
    assert {small.state(f"p{n}@prospect.test")["base_at"] for n in range(5)} == {MONDAY}


# --- drawn delays --------------------------------------------------------------------------------------------------------------------------


def test_seq_44_a_range_in_front_of_the_first_step_is_drawn_for_each_contact(small):
    first = replace(email("one", subject="Hi", after=DAY), delay_most=3 * DAY)
    contacts = [small.add_contact(f"p{n}@prospect.test") for n in range(8)]
    small.enroll(small.add_sequence(sequence(first)), contacts)
    raws = {small.state(f"p{n}@prospect.test")["raw_due_at"] for n in range(8)}
    assert len(raws) > 4
    assert all(MONDAY + DAY <= raw <= MONDAY + 3 * DAY for raw in raws)


# --- holidays of the contact ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("added", "day"), [(False, 6), (True, 7)])
def test_seq_82_the_contacts_country_counts_only_where_it_is_added(db_urls, added, day):
    small = make_small(db_urls.app_url, at=datetime(2027, 1, 4, 9, 0, tzinfo=UTC))
    contact = small.add_contact(ANN)
    small.sql("UPDATE contacts SET country = 'IT' WHERE workspace_id = %(ws)s")  # Epiphany, 6 January, is free in Italy, and not in Berlin
    small.enroll(small.add_sequence(flow(contact_holidays=added)), [contact])
    small.run_until(datetime(2027, 1, 9, tzinfo=UTC), step=timedelta(hours=1))
    assert small.sent_to(ANN)[1].accepted_at.day == day
    small.close()


# --- overlap -------------------------------------------------------------------------------------------------------------------------------


def both(small, first=Overlap.ALLOWED, second=Overlap.ALLOWED):
    contact = small.add_contact(ANN)
    small.enroll(small.add_sequence(flow("First", overlap=first)), [contact])
    return small.enroll(small.add_sequence(flow("Second", overlap=second)), [contact])


def open_ones(small):
    return small.sql("SELECT count(*) AS n FROM enrollments WHERE workspace_id = %(ws)s AND state IN ('active', 'paused')")[0]["n"]


@pytest.mark.parametrize("limit", [1, 2])
@pytest.mark.parametrize(("first", "second"), [("OFF", "ALLOWED"), ("ALLOWED", "OFF"), ("OFF", "OFF"), ("ALLOWED", "ALLOWED")])
def test_seq_141_both_sequences_and_the_workspace_must_allow_it(small, first, second, limit):
    limits(small, overlap_limit=limit)
    report = both(small, Overlap(first), Overlap(second))
    allowed = limit == 2 and first == second == "ALLOWED"
    assert report.enrolled == int(allowed)
    assert open_ones(small) == 1 + int(allowed)
    assert [each.code for each in report.refused] == ([] if allowed else ["ALREADY_ENROLLED"])


def test_seq_141_never_twice_in_the_same_sequence_and_never_more_than_the_limit(small):
    limits(small, overlap_limit=2)
    both(small)
    contact = small.state(ANN)["contact_id"]
    again = small.enroll(small.add_sequence(flow("Second", overlap=Overlap.ALLOWED)), [contact])
    third = small.enroll(small.add_sequence(flow("Third", overlap=Overlap.ALLOWED)), [contact])
    assert [again.enrolled, third.enrolled, open_ones(small)] == [0, 0, 2]


def test_seq_141_a_day_lies_between_two_mails_to_the_address(small):
    limits(small, overlap_limit=2)
    both(small)
    small.run_until(MONDAY + 9 * DAY, step=timedelta(hours=1))
    times = sorted(mail.accepted_at for mail in small.sent_to(ANN))
    assert len(times) == 4
    assert all(later - earlier >= DAY for earlier, later in pairwise(times))


def test_seq_141_an_answer_to_one_ends_all(small):
    limits(small, overlap_limit=2)
    both(small)
    small.run_until(MONDAY + HOUR)
    reply(small, ANN)
    small.run_until(MONDAY + 2 * HOUR)
    rows = small.sql("SELECT reason FROM enrollments WHERE workspace_id = %(ws)s")
    assert [row["reason"] for row in rows] == ["REPLIED", "REPLIED"]


def test_seq_141_a_persons_word_ends_only_the_one_it_means(small):
    limits(small, overlap_limit=2)
    both(small)
    stop(small, ANN)
    assert open_ones(small) == 1


@pytest.mark.parametrize("other_first", [False, True])
def test_seq_143_merging_keeps_what_overlaps_at_the_oldest_ones_address_and_nothing_else(small, other_first):
    """SEQ-141: at another address nobody would see to it that a reply ends both, or that a day lies between their mails. The defect: a merge
    with anybody ended one of two that the workspace allows."""
    limits(small, overlap_limit=2)
    anna = small.add_contact("anna@else.test")
    third = small.add_sequence(flow("Third", overlap=Overlap.ALLOWED))
    if other_first:
        small.enroll(third, [anna])
        small.clock.advance(timedelta(minutes=5))
    both(small)
    small.clock.advance(timedelta(minutes=5))
    if not other_first:
        small.enroll(third, [anna])
    assert open_ones(small) == 3
    with small.db.tx(small.workspace_id) as tx:
        merge_contacts(tx, ANN, "anna@else.test")
    kept = {row["address"] for row in small.sql("SELECT address FROM enrollments WHERE workspace_id = %(ws)s AND state = 'active'")}
    assert (open_ones(small), kept) == ((1, {"anna@else.test"}) if other_first else (2, {ANN}))
