"""The forecast of a mailbox, by the planner's own rules and for many at once (SEQ-95, SEQ-96), and starts spread over days (SEQ-68)."""

import time
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest

from make import MONDAY, Small, email, make_small, sequence, task
from segue.domain.errors import Refused
from segue.features.enrollments.admission import EnrollRequest, OverLimit
from segue.features.enrollments.forecast import Outlook, Start, find_last_first, list_outlooks
from segue.features.enrollments.react import pause_enrollments
from segue.features.enrollments.spread import enroll_spread, plan_starts
from segue.features.enrollments.survey import plan

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
FLOW = sequence(email("a", subject="Hi"), email("b", after=2 * DAY), email("c", after=3 * DAY))


@pytest.fixture
def small(db_urls) -> Iterator[Small]:
    made = make_small(db_urls.app_url, jitter=timedelta(0), warm_up=False)
    yield made
    made.close()


def add_many(small: Small, count: int, name: str = "p") -> list[int]:
    with small.db.tx(small.workspace_id) as tx:
        rows = tx.all(
            """INSERT INTO contacts (workspace_id, email, email_normal, created_at, updated_at, first_name)
               SELECT %(ws)s, e, e, %(now)s, %(now)s, 'Ann' FROM (SELECT %(name)s || n || '@prospect' || n || '.test' AS e
                 FROM generate_series(1, %(count)s) AS n) AS x RETURNING id""",
            {"now": tx.now, "count": count, "name": name},
        )
    return [row["id"] for row in rows]


def outlook(small: Small, days: int = 14) -> Outlook:
    with small.db.tx(small.workspace_id) as tx:
        [found] = list_outlooks(tx, days=days)
    return found


def test_the_worked_example_of_the_full_mailbox(small: Small) -> None:
    """sequences.md §6.1: 150 sent, 30 planned, 20 paused are 200 of 180: refused with the first instant at which there is room."""
    old = small.add_sequence(sequence(email("a", subject="Hi", after=DAY), name="Old"))
    paused = small.add_sequence(sequence(email("a", subject="Hi", after=timedelta(hours=2)), name="Paused"))
    small.clock.at = MONDAY + 5 * MINUTE
    small.enroll(old, add_many(small, 30, "follow"))  # due Tuesday 10:05
    small.enroll(paused, add_many(small, 20, "paused"))
    with small.db.tx(small.workspace_id) as tx:
        rows = tx.all("SELECT id FROM enrollments WHERE workspace_id = %(ws)s AND address LIKE 'paused%%'", {})
        pause_enrollments(tx, [row["id"] for row in rows])
        seed = tx.one("SELECT id, contact_id FROM enrollments WHERE workspace_id = %(ws)s LIMIT 1", {})
        tx.run(
            """INSERT INTO messages (workspace_id, enrollment_id, step_key, generation, contact_id, mailbox_id, user_id, state, first_email,
                 sender, recipient, recipient_normal, subject, base_subject, message_id, key, wire, created_at, handed_at, accepted_at)
               SELECT %(ws)s, %(enrollment)s, 'x' || n, 0, %(contact)s, %(box)s, %(user)s, 'sent', true, 's', 'r', 'r@' || n || '.test', 's',
                 's', 'm', 'k', '', %(from)s, %(from)s + n * interval '30 seconds', %(from)s + n * interval '30 seconds'
               FROM generate_series(0, 149) AS n""",
            {
                "enrollment": seed["id"],
                "contact": seed["contact_id"],
                "box": small.mailbox_id,
                "user": small.user_id,
                "from": MONDAY,
            },
        )
    small.clock.at = MONDAY + 6 * HOUR  # Monday 16:00 in Berlin
    seen = outlook(small)
    assert (seen.sent_24h, seen.planned_24h, seen.limit, seen.room) == (150, 50, 180, 0)
    assert seen.free_at.date() == date(2027, 1, 12)
    fresh = small.add_sequence(sequence(email("a", subject="Hi"), name="Fresh"))
    report = small.enroll(fresh, [small.add_contact("new@prospect.test")], over_limit=OverLimit.REFUSE)
    assert [(each.code, "is full until 2027-01-12 10:" in each.message) for each in report.refused] == [("SEND_LIMIT_REACHED", True)]
    assert report.enrolled == 0
    queued = small.enroll(fresh, [small.add_contact("other@prospect.test")])
    assert (queued.enrolled, queued.refused) == (1, []), "by default it waits in line"


def test_with_room_for_some_the_first_are_enrolled_and_the_rest_refused(small: Small) -> None:
    report = small.enroll(small.add_sequence(FLOW), add_many(small, 200), over_limit=OverLimit.REFUSE)
    assert (report.enrolled, len(report.refused)) == (180, 20)


def test_a_start_more_than_24_hours_ahead_is_never_refused_for_the_limit(small: Small) -> None:
    report = small.enroll(small.add_sequence(FLOW), add_many(small, 200), over_limit=OverLimit.REFUSE, start_at=MONDAY + 2 * DAY)
    assert (report.enrolled, report.refused) == (200, [])


def test_the_forecast_draws_the_days_that_the_plan_of_single_mails_finds(small: Small) -> None:
    """SEQ-95: the same rules, cohort by cohort instead of mail by mail."""
    small.enroll(small.add_sequence(FLOW), add_many(small, 60))
    flow = sequence(email("a", subject="Hi"), task("call", after=DAY, wait=False), email("b", after=3 * DAY), name="Other")
    small.enroll(small.add_sequence(flow), add_many(small, 40, "q"))
    seen = outlook(small)
    with small.db.tx(small.workspace_id) as tx:
        steps = plan(tx, until=tx.now + 14 * DAY).steps
    mails = Counter(s.at.astimezone(s.loaded.around.zone).date() for s in steps if s.at and s.step.type == "email")
    assert {day.day: day.planned for day in seen.days if day.planned} == dict(mails)


def test_more_than_the_limit_goes_over_several_days_follow_ups_first(small: Small) -> None:
    small.enroll(small.add_sequence(FLOW), add_many(small, 500))
    days = outlook(small).days
    assert [(day.firsts, day.follow_ups) for day in days[:4]] == [(180, 0), (180, 0), (0, 180), (0, 180)]
    assert days[0].waiting == 320
    assert sum(day.firsts for day in days) == 500
    assert all(day.planned <= day.limit for day in days)
    assert (days[0].warns, days[-1].warns) == (True, days[-1].planned >= 144)


def test_paused_ones_count_as_if_resumed_now(small: Small) -> None:
    small.enroll(small.add_sequence(FLOW), add_many(small, 30))
    with small.db.tx(small.workspace_id) as tx:
        pause_enrollments(tx, [row["id"] for row in tx.all("SELECT id FROM enrollments WHERE workspace_id = %(ws)s", {})])
    assert outlook(small).planned_24h == 30


def test_what_waits_for_a_task_is_not_planned(small: Small) -> None:
    flow = small.add_sequence(sequence(task("call", after=timedelta(0)), email("a", subject="Hi", after=DAY)))
    small.enroll(flow, add_many(small, 5))
    small.run_until(MONDAY + MINUTE, step=MINUTE)
    assert sum(day.planned for day in outlook(small).days) == 0


def test_the_day_of_the_last_first_email_is_said_before_and_after_enrolling(small: Small) -> None:
    """900 first emails and their follow-ups share 180 a day: a dry run and the real one say the same day."""
    flow, contacts = small.add_sequence(FLOW), add_many(small, 900)
    foreseen = small.enroll(flow, contacts, dry_run=True).last_first_on
    assert foreseen is not None
    assert foreseen > date(2027, 1, 16)
    assert small.enroll(flow, contacts).last_first_on == foreseen


def test_what_goes_today_needs_no_such_sentence(small: Small) -> None:
    assert small.enroll(small.add_sequence(FLOW), add_many(small, 50)).last_first_on is None


def test_nothing_enrolled_has_no_last_first_email(small: Small) -> None:
    with small.db.tx(small.workspace_id) as tx:
        assert find_last_first(tx, Start(small.add_sequence(FLOW), small.mailbox_id, small.user_id)) is None


def test_a_forecast_of_100_000_enrollments_takes_seconds(small: Small) -> None:
    small.enroll(small.add_sequence(FLOW), add_many(small, 100_000))
    began = time.monotonic()
    seen = outlook(small)
    assert seen.days[0].waiting == 100_000 - 180
    assert time.monotonic() - began < 5


# --- spread (SEQ-68) --------------------------------------------------------------------------------------------------------------------


def starts(small: Small, contacts: int, **how) -> list[tuple[datetime | None, int]]:
    with small.db.tx(small.workspace_id) as tx:
        return [(each.at, each.count) for each in plan_starts(tx, _request(small), contacts, **how)]


def _request(small: Small) -> EnrollRequest:
    known = small.sql("SELECT id FROM sequences WHERE workspace_id = %(ws)s ORDER BY id LIMIT 1")
    return EnrollRequest(known[0]["id"] if known else small.add_sequence(FLOW), small.mailbox_id, small.user_id)


def test_so_many_a_day_start_on_working_days_today_at_once(small: Small) -> None:
    opening = MONDAY - HOUR  # 9:00 in Berlin
    days = [1, 2, 3, 4, 7]
    assert starts(small, 25, per_day=4) == [(None, 4), *((opening + n * DAY, 4) for n in days), (opening + 8 * DAY, 1)]


def test_spread_evenly_between_two_dates(small: Small) -> None:
    week = [date(2027, 1, 14) + timedelta(days=n) for n in range(5)]  # Thursday to Monday
    opening = MONDAY - HOUR
    assert starts(small, 10, days=week) == [(opening + 3 * DAY, 4), (opening + 4 * DAY, 3), (opening + 7 * DAY, 3)]


def test_a_weekend_alone_and_more_than_90_days_are_refused(small: Small) -> None:
    with pytest.raises(Refused, match="None of these days"):
        starts(small, 10, days=[date(2027, 1, 16)])
    with pytest.raises(Refused, match="90 days"):
        starts(small, 1000, per_day=1)


def test_what_does_not_fit_today_waits_for_its_start(small: Small) -> None:
    request = _request(small)
    contacts = add_many(small, 5)
    with small.db.tx(small.workspace_id) as tx:
        made = plan_starts(tx, request, 5, per_day=2)
    report = enroll_spread(small.db, small.workspace_id, (request, made), contacts)
    rows = small.sql("SELECT waiting_for, due_at FROM enrollments WHERE workspace_id = %(ws)s ORDER BY id")
    assert report.enrolled == 5
    assert [row["waiting_for"] for row in rows] == ["DELAY", "DELAY", "START", "START", "START"]
    small.run_until(MONDAY + 2 * HOUR, step=10 * MINUTE)
    assert len(small.world.acceptances()) == 2
    small.run_until(MONDAY + DAY + HOUR, step=HOUR)
    assert len(small.world.acceptances()) == 4
