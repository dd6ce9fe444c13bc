"""What is different for single contacts from the start: hours, days, zone, held first email, texts (sequences.md §4.2, SEQ-57, SEQ-66)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from make import MONDAY, Small, email, make_small, sequence
from segue.domain.edits import OwnSettings, StepEdit
from segue.domain.errors import Invalid
from segue.domain.ids import StepKey
from segue.domain.send_window import DayMode
from segue.domain.sequence import ZoneMode
from segue.features.enrollments.admission import EnrollRequest
from segue.features.enrollments.apply_version import move_enrollments
from segue.features.enrollments.preview import preview
from segue.features.enrollments.transfer import change_sender

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ANN = "ann@prospect.test"
A, B = email("a", "First", subject="Hi"), email("b", "Second", after=2 * DAY)
BERLIN = ZoneInfo("Europe/Berlin")
LATE = OwnSettings(15 * 60, 16 * 60)


@pytest.fixture
def small(db_urls) -> Iterator[Small]:
    made = make_small(db_urls.app_url)
    yield made
    made.close()


def begin(small: Small, *steps, **given) -> int:
    flow = small.add_sequence(sequence(*(steps or (A, B))))
    assert small.enroll(flow, [small.add_contact(ANN)], **given).enrolled == 1
    return int(small.state(ANN)["id"])


def sent_at(small: Small, until: timedelta) -> list[datetime]:
    small.run_until(MONDAY + until, step=HOUR)
    return [each.accepted_at.astimezone(BERLIN) for each in small.sent_to(ANN)]


def test_hours_of_their_own_hold_follow_ups_and_nobody_elses(small: Small) -> None:
    """Enrolled Mon 10:00; the sequence's hours would let the second go Wed 10:00."""
    begin(small, own=LATE)
    other = small.add_contact("bob@two.test")
    small.enroll(small.state(ANN)["sequence_id"], [other])
    assert [at.hour for at in sent_at(small, 4 * DAY)] == [10, 15]
    assert max(each.accepted_at.astimezone(BERLIN).hour for each in small.sent_to("bob@two.test")) < 15


def test_days_of_their_own(small: Small) -> None:
    begin(small, A, email("b", "Second", after=5 * DAY), own=OwnSettings(mode=DayMode.EVERYDAY))
    assert [at.strftime("%a") for at in sent_at(small, 8 * DAY)] == ["Mon", "Sat"]


@pytest.mark.parametrize(("held", "day"), [(True, "Mon"), (False, "Sat"), (None, "Sat")])
def test_a_first_email_is_held_for_those_alone(small: Small, held: bool | None, day: str) -> None:
    """SEQ-81: enrolled on a Saturday."""
    small.clock.at = MONDAY + 5 * DAY
    begin(small, own=OwnSettings(hold_first_email=held))
    assert sent_at(small, 7 * DAY + 2 * HOUR)[0].strftime("%a") == day


def test_a_zone_that_is_given_wins_and_no_later_move_of_the_contact_changes_it(small: Small) -> None:
    """SEQ-70."""
    flow = small.add_sequence(sequence(A, B, zone_mode=ZoneMode.CONTACT))
    small.enroll(flow, [small.add_contact(ANN, timezone="Asia/Tokyo")], timezone="America/New_York")
    row = small.state(ANN)
    assert (row["timezone"], row["timezone_source"]) == ("America/New_York", "override")
    small.run_until(MONDAY + 3 * DAY, step=HOUR)
    assert small.sent_to(ANN)[1].accepted_at == MONDAY + 2 * DAY + 5 * HOUR


def test_texts_given_at_enrolling_are_sent_and_asked_for_their_values(small: Small) -> None:
    """SEQ-20, SEQ-66."""
    flow = small.add_sequence(sequence(email("a", "About {{ contact.hobby }}", subject="Hi"), B))
    ann = small.add_contact(ANN)
    assert [each.code for each in small.enroll(flow, [ann]).refused] == ["MISSING_TOKEN"]
    text = StepEdit(subject="For you", body="Nothing is missing here.", delay=None)
    missing = {StepKey("b"): StepEdit(body="Dear {{ contact.hobby }}"), StepKey("a"): text}
    assert [each.code for each in small.enroll(flow, [ann], edits=missing).refused] == ["MISSING_TOKEN"]
    assert small.enroll(flow, [ann], edits={StepKey("a"): text}).enrolled == 1
    small.run_until(MONDAY + HOUR)
    assert small.sql("SELECT subject FROM messages WHERE workspace_id = %(ws)s") == [{"subject": "For you"}]


@pytest.mark.parametrize(
    "given",
    [
        {"own": OwnSettings(600, 600)},
        {"own": OwnSettings(600, 1500)},
        {"timezone": "Mars/Base"},
        {"edits": {StepKey("nine"): StepEdit(body="x")}},
        {"edits": {StepKey("finish"): StepEdit(body="x")}},
        {"edits": {StepKey("a"): StepEdit(body="{{ contact.first_name")}},
        {"edits": {StepKey("a"): StepEdit(delay=timedelta(days=400))}},
    ],
)
def test_what_cannot_be_is_said_and_nobody_is_enrolled(small: Small, given: dict[str, object]) -> None:
    flow = small.add_sequence(sequence(A, B))
    with pytest.raises(Invalid):
        small.enroll(flow, [small.add_contact(ANN)], **given)
    assert small.sql("SELECT id FROM enrollments") == []


@pytest.mark.parametrize(("overwrite", "hour"), [(False, 15), (True, 10)])
def test_they_survive_another_version_unless_they_are_overwritten(small: Small, overwrite: bool, hour: int) -> None:
    """SEQ-57, SEQ-133."""
    enrollment = begin(small, own=LATE)
    small.run_until(MONDAY + HOUR)
    small.add_sequence(sequence(A, email("b", "New", after=2 * DAY)))
    with small.db.tx(small.workspace_id) as tx:
        move_enrollments(tx, [enrollment], 2, overwrite=overwrite)
    assert sent_at(small, 4 * DAY)[1].hour == hour


def test_they_go_on_with_another_sender(small: Small) -> None:
    enrollment = begin(small, own=LATE)
    small.run_until(MONDAY + HOUR)
    _, box = small.add_rep("bob@acme.test")
    with small.db.tx(small.workspace_id) as tx:
        change_sender(tx, [enrollment], box)
    assert sent_at(small, 4 * DAY)[1].hour == 15


def test_the_preview_shows_them(small: Small) -> None:
    """SEQ-49."""
    flow, ann = small.add_sequence(sequence(A, B)), small.add_contact(ANN)
    request = EnrollRequest(flow, small.mailbox_id, small.user_id, own=LATE, edits={StepKey("b"): StepEdit(body="Only here")})
    with small.db.tx(small.workspace_id) as tx:
        steps = preview(tx, request, [ann]).steps
    assert [each.at.astimezone(BERLIN).hour for each in steps[:2] if each.at] == [10, 15]
