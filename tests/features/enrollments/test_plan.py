"""The plan is what then happens: laid out by the engine's own parts, it is compared here with the engine (SEQ-49, SEQ-108)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from make import MONDAY, Small, email, make_small, sequence, task
from segue.domain.send_window import DayMode, SendWindow
from segue.domain.sequence import TaskKind, TaskSettings, ZoneMode
from segue.features.enrollments.admission import EnrollRequest
from segue.features.enrollments.plan import Plan
from segue.features.enrollments.preview import preview, render_step
from segue.features.enrollments.react import pause_enrollments
from segue.features.enrollments.survey import plan

DAY = timedelta(days=1)
EVERYDAY = SendWindow(540, 1020, DayMode.EVERYDAY)


@pytest.fixture
def small(db_urls) -> Iterator[Small]:
    made = make_small(db_urls.app_url, jitter=timedelta(0), warm_up=False)
    yield made
    made.close()


def plan_of(small: Small, email: str = "", *, days: int = 60) -> Plan:
    with small.db.tx(small.workspace_id) as tx:
        return plan(tx, email=email, until=tx.now + timedelta(days=days))


def emails_of(plan: Plan) -> list[tuple[str, str, datetime]]:
    return sorted((s.loaded.address, s.step.key, s.at) for s in plan.steps if s.step.type == "email" and s.at is not None)


def run_exactly(small: Small, end: datetime) -> None:
    """Let time jump from one piece of work to the next, as a worker that never sleeps too long."""
    while True:
        small.world.tick()
        while small.engine.run_due(small.workspace_id):
            pass
        following = small.engine.find_next_at(small.workspace_id)
        if following is None or following > end:
            return
        small.clock.at = max(small.clock.now(), following)


def sent(small: Small) -> list[tuple[str, str, datetime]]:
    rows = small.sql("SELECT recipient, step_key, handed_at FROM messages WHERE workspace_id = %(ws)s AND state = 'sent'")
    return sorted((row["recipient"], row["step_key"], row["handed_at"]) for row in rows)


def test_the_plan_of_one_contact_is_what_then_happens(small: Small) -> None:
    flow = sequence(email("a", subject="Hi"), email("b", after=2 * DAY), email("c", after=3 * DAY))
    small.enroll(small.add_sequence(flow), [small.add_contact("ann@prospect.test")])
    planned = emails_of(plan_of(small))
    run_exactly(small, MONDAY + 30 * DAY)
    assert len(planned) == 3
    assert planned == sent(small)


def test_the_plan_of_many_contacts_keeps_distance_minute_and_day_limits_as_the_engine_does(db_urls) -> None:
    small = make_small(db_urls.app_url, jitter=timedelta(0), warm_up=False, per_day=20, per_minute=2, spacing=timedelta(seconds=20))
    flow = sequence(email("a", subject="Hi"), email("b", after=1 * DAY))
    small.enroll(small.add_sequence(flow), [small.add_contact(f"c{i}@prospect{i}.test") for i in range(40)])
    planned = emails_of(plan_of(small))
    run_exactly(small, MONDAY + 60 * DAY)
    done = sent(small)
    small.close()
    assert len(planned) == 80
    assert sorted(at for *_, at in planned) == sorted(at for *_, at in done)


def test_a_plan_made_in_the_middle_still_holds(small: Small) -> None:
    flow = sequence(email("a", subject="Hi"), email("b", after=2 * DAY), email("c", after=2 * DAY), window=EVERYDAY)
    contacts = [small.add_contact(f"c{i}@prospect{i}.test") for i in range(12)]
    small.enroll(small.add_sequence(flow), contacts)
    run_exactly(small, MONDAY + 3 * DAY)
    before = sent(small)
    planned = emails_of(plan_of(small))
    run_exactly(small, MONDAY + 30 * DAY)
    assert sorted([*before, *planned]) == sent(small)


def test_warm_up_is_foreseen_over_many_days(db_urls) -> None:
    small = make_small(db_urls.app_url, jitter=timedelta(0), warm_up=True, spacing=timedelta(0), per_minute=60)
    flow = sequence(email("a", subject="Hi"), window=EVERYDAY)
    small.enroll(small.add_sequence(flow), [small.add_contact(f"c{i}@prospect{i}.test") for i in range(130)])
    planned = [at for *_, at in emails_of(plan_of(small))]
    run_exactly(small, MONDAY + 20 * DAY)
    done = [at for *_, at in sent(small)]
    small.close()
    assert sorted(planned) == sorted(done)
    assert sum(at < MONDAY + DAY for at in planned) == 45


def test_the_plan_explains_each_shift(small: Small) -> None:
    small.clock.at = MONDAY + 4 * DAY + timedelta(hours=7)  # Friday 17:00 in Berlin
    flow = sequence(email("a", subject="Hi"), email("b", after=1 * DAY))
    small.enroll(small.add_sequence(flow), [small.add_contact(f"c{i}@prospect{i}.test") for i in range(2)])
    first, second, third, _ = (s for s in plan_of(small).steps if s.step.type == "email")
    assert first.why == ("A first email waits for no day and no hour.",)
    assert second.why[1] == "One mail of this mailbox goes before it, at least 20 seconds apart."
    assert third.why == (
        "Sat 2027-01-16 to Sun 2027-01-17 are no working days and do not count.",
        "17:00 on Mon 2027-01-18 is after the send window 09:00–17:00.",
    )
    assert third.at == datetime.fromisoformat("2027-01-19T09:00:00+01:00")


def test_a_limit_is_named_with_the_instant_at_which_it_ends(db_urls) -> None:
    small = make_small(db_urls.app_url, jitter=timedelta(0), warm_up=False, per_day=3)
    small.enroll(small.add_sequence(sequence(email("a", subject="Hi"))), [small.add_contact(f"c{i}@p{i}.test") for i in range(3)])
    *_, last = (s for s in plan_of(small).steps if s.step.type == "email")
    small.close()
    assert last.at == MONDAY + DAY
    assert "Sequences may send 2 mails in 24 hours from this mailbox; there is room again at 2027-01-12 09:00:00 UTC." in last.why


def test_what_waits_for_a_person_has_no_time_and_says_for_what(small: Small) -> None:
    flow = sequence(email("a", subject="Hi"), task("call"), email("b", after=2 * DAY))
    small.enroll(small.add_sequence(flow), [small.add_contact("ann@prospect.test")])
    last = plan_of(small).steps[-1]
    assert (last.step.key, last.at) == ("b", None)
    assert last.why == ("Waits until the task of step call is done or skipped; `segue tasks list` shows it.",)
    run_exactly(small, MONDAY + 5 * DAY)
    [waiting] = plan_of(small).steps
    assert waiting.why == ("Waits until the task of step call is done or skipped; `segue tasks list` shows it.",)


def test_a_paused_enrollment_has_no_time_and_says_so(small: Small) -> None:
    small.enroll(small.add_sequence(sequence(email("a", subject="Hi"))), [small.add_contact("ann@prospect.test")])
    with small.db.tx(small.workspace_id) as tx:
        pause_enrollments(tx, [small.state("ann@prospect.test")["id"]])
    [step] = plan_of(small).steps
    assert step.at is None
    assert step.why == ("Paused by hand since 2027-01-11; `segue resume ann@prospect.test` goes on.",)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("UPDATE mailbox_lanes SET paused = true WHERE workspace_id = %(ws)s", "is paused"),
        ("UPDATE mailboxes SET state = 'sign_in' WHERE workspace_id = %(ws)s", "does not work"),
        ("UPDATE sequences SET paused = true WHERE workspace_id = %(ws)s", 'The sequence "Welcome" is stopped'),
        ("UPDATE workspaces SET sending_stopped_at = %(now)s WHERE workspace_id = %(ws)s", "All sending is stopped"),
    ],
)
def test_what_is_blocked_has_no_time_and_says_why(small: Small, change: str, words: str) -> None:
    small.enroll(small.add_sequence(sequence(email("a", subject="Hi"))), [small.add_contact("ann@prospect.test")])
    with small.db.tx(small.workspace_id) as tx:
        tx.run(change, {"now": tx.now})
    [step] = plan_of(small).steps
    assert step.at is None
    assert words in step.why[0]


def test_the_plan_of_one_contact_sees_the_mails_of_others(small: Small) -> None:
    flow = small.add_sequence(sequence(email("a", subject="Hi")))
    small.enroll(flow, [small.add_contact(f"c{i}@prospect{i}.test") for i in range(5)])
    small.enroll(flow, [small.add_contact("ann@prospect.test")])
    first, *_ = plan_of(small, "ann@prospect.test").steps
    assert first.at is not None
    # Three a minute and 20 seconds apart: the fourth waits for the next minute, the sixth is the third of it.
    assert first.at == MONDAY + timedelta(seconds=100)


def test_a_preview_is_what_happens_after_enrolling(small: Small) -> None:
    flow = sequence(email("a", subject="Hello {{ contact.first_name }}"), email("b", after=2 * DAY), zone_mode=ZoneMode.CONTACT)
    sequence_id = small.add_sequence(flow)
    contacts = [small.add_contact(f"c{i}@prospect{i}.test", timezone="America/New_York") for i in range(4)]
    request = EnrollRequest(sequence_id, small.mailbox_id, small.user_id)
    with small.db.tx(small.workspace_id) as tx:
        shown = preview(tx, request, contacts)
    assert small.sql("SELECT count(*) AS n FROM enrollments WHERE workspace_id = %(ws)s") == [{"n": 0}]
    small.enroll(sequence_id, contacts)
    run_exactly(small, MONDAY + 10 * DAY)
    assert emails_of(shown) == sent(small)
    follow_up = next(step for step in shown.steps if step.step.key == "b")
    text = render_step(follow_up)
    assert text is not None
    assert text.subject == "Re: Hello Ann"


def test_a_preview_shows_what_is_missing_in_a_text(small: Small) -> None:
    sequence_id = small.add_sequence(sequence(email("a", "Your {{ contact.shoe_size }}", subject="Hi")))
    contact = small.add_contact("ann@prospect.test")
    with small.db.tx(small.workspace_id) as tx:
        shown = preview(tx, EnrollRequest(sequence_id, small.mailbox_id, small.user_id), [contact])
    text = render_step(shown.steps[0])
    assert text is not None
    assert "[[MISSING TOKEN - contact.shoe_size]]" in text.body


def test_a_preview_lays_out_what_a_task_holds_back_and_says_that_it_does(small: Small) -> None:
    sequence_id = small.add_sequence(sequence(email("a", subject="Hi"), task("call"), email("b", after=2 * DAY)))
    contact = small.add_contact("ann@prospect.test")
    with small.db.tx(small.workspace_id) as tx:
        shown = preview(tx, EnrollRequest(sequence_id, small.mailbox_id, small.user_id), [contact])
    assert [(s.step.key, s.after_person) for s in shown.steps] == [("a", False), ("call", False), ("b", True), ("finish", True)]
    assert all(step.at is not None for step in shown.steps)


def test_a_task_is_filled_in_as_it_is_shown_before(small: Small) -> None:
    call = replace(task("call"), settings=TaskSettings(TaskKind.CALL, "Ring {{ contact.first_name }}", "About {{ contact.shoe_size }}"))
    small.enroll(small.add_sequence(sequence(email("a", subject="Hi"), call)), [small.add_contact("ann@prospect.test")])
    shown = render_step(plan_of(small).steps[1])
    run_exactly(small, MONDAY + 5 * DAY)
    [row] = small.sql("SELECT subject, notes FROM tasks WHERE workspace_id = %(ws)s")
    assert shown is not None
    assert (shown.subject, shown.body) == (row["subject"], row["notes"])
    assert (row["subject"], row["notes"]) == ("Ring Ann", "About [[MISSING TOKEN - contact.shoe_size]]")


def test_what_lies_behind_the_horizon_is_said_to_lie_there(small: Small) -> None:
    small.enroll(
        small.add_sequence(sequence(email("a", subject="Hi"), email("b", after=20 * DAY))), [small.add_contact("ann@prospect.test")]
    )
    _, later = plan_of(small, days=10).steps
    assert (later.step.key, later.at) == ("b", None)
    assert later.why == ("Not before 2027-01-21, where this plan ends; `segue plan --days` looks further.",)


def test_reasons_do_not_pile_up_while_a_mail_waits_for_days(db_urls) -> None:
    small = make_small(db_urls.app_url, jitter=timedelta(0), warm_up=False, per_day=2)
    flow = sequence(email("a", subject="Hi"), email("b", after=1 * DAY))
    small.enroll(small.add_sequence(flow), [small.add_contact(f"c{i}@prospect{i}.test") for i in range(12)])
    steps = plan_of(small).steps
    small.close()
    assert max(len(step.why) for step in steps) <= 4
