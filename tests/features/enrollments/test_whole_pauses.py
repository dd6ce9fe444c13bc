"""Pauses of a sequence or a user (SEQ-122, SEQ-123, SEQ-126, SEQ-128), and emergency stops (SEQ-107)."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from make import MONDAY, REP, Small, email, make_small, sequence
from segue.domain.enrollment import PauseKind
from segue.features.enrollments.emergency import Reach, Scope, allow_sending, stop_sending
from segue.features.enrollments.pauses import Whose, foresee_resume, list_paused_ids, pause_whole, resume_whole
from segue.features.enrollments.react import pause_enrollments

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ANN, CID, DAN = "ann@prospect.test", "cid@other.test", "dan@third.test"


@pytest.fixture
def small(db_urls) -> Iterator[Small]:
    made = make_small(db_urls.app_url)
    yield made
    made.close()


def flow(name: str = "Welcome"):
    return sequence(email("a", subject="Hi"), email("b", "Again", after=3 * DAY), name=name)


def pause(small: Small, whose: Whose, **more) -> int:
    return pause_whole(small.db, small.workspace_id, whose, actor="test", **more)


def resume(small: Small, whose: Whose) -> int:
    return resume_whole(small.db, small.workspace_id, whose, actor="test")


def states(small: Small) -> list[str]:
    return [small.state(each)["state"] for each in (ANN, CID, DAN)]


@pytest.fixture
def three(small: Small) -> Small:
    """Rita has enrolled Ann, Bob has enrolled Cid into the same sequence and Dan into another."""
    bob, box = small.add_rep("bob@acme.test")
    welcome, other = small.add_sequence(flow()), small.add_sequence(flow("Other"))
    small.enroll(welcome, [small.add_contact(ANN)])
    small.enroll(welcome, [small.add_contact(CID)], by=bob, sender=box)
    small.enroll(other, [small.add_contact(DAN)], by=bob, sender=box)
    return small


def ids(small: Small) -> tuple[int, int]:
    [bob] = small.sql("SELECT id FROM users WHERE workspace_id = %(ws)s AND email = 'bob@acme.test'")
    return small.state(CID)["sequence_id"], bob["id"]


def test_pausing_a_sequence_pauses_only_what_that_user_enrolled(three: Small) -> None:
    """SEQ-122."""
    welcome, bob = ids(three)
    assert pause(three, Whose(welcome, (bob,))) == 1
    assert states(three) == ["active", "paused", "active"]
    assert pause(three, Whose(welcome, (bob,))) == 0
    assert resume(three, Whose(welcome, (bob,))) == 1
    assert states(three) == ["active", "active", "active"]


def test_all_sequences_of_a_user_can_be_paused_and_one_sequence_for_everybody(three: Small) -> None:
    """SEQ-123, SEQ-122."""
    welcome, bob = ids(three)
    assert pause(three, Whose(0, (bob,))) == 2
    assert states(three) == ["active", "paused", "paused"]
    assert resume(three, Whose(0, (bob,))) == 2
    assert pause(three, Whose(welcome)) == 2
    assert states(three) == ["paused", "paused", "active"]


@pytest.mark.parametrize("everywhere", [True, False])
def test_who_is_enrolled_during_a_pause_begins_paused_and_it_says_so(three: Small, everywhere: bool) -> None:
    """SEQ-123; another user's enrollments begin as ever."""
    welcome, bob = ids(three)
    pause(three, Whose(0 if everywhere else welcome, (bob,)))
    new = three.add_contact("new@prospect.test")
    report = three.enroll(welcome, [new], by=bob)
    assert "begin paused" in report.paused
    held = three.state("new@prospect.test")
    assert (held["state"], held["pause_kind"], held["due_at"]) == ("paused", "manual", None)
    report = three.enroll(welcome, [three.add_contact("other@prospect.test")])
    assert (report.paused, three.state("other@prospect.test")["state"]) == ("", "active")
    three.run_until(MONDAY + HOUR)
    assert three.sent_to("new@prospect.test") == []
    resume(three, Whose(0 if everywhere else welcome, (bob,)))
    three.run_until(MONDAY + 2 * HOUR)
    assert len(three.sent_to("new@prospect.test")) == 1
    report = three.enroll(welcome, [three.add_contact("later@prospect.test")], by=bob)
    assert report.paused == ""


def test_a_pause_until_a_day_ends_at_the_first_opening_of_that_day(three: Small) -> None:
    """SEQ-128: Berlin, window from 09:00; new enrollments that day begin as ever."""
    welcome, bob = ids(three)
    pause(three, Whose(welcome, (bob,)), until=date(2027, 1, 18))
    assert three.state(CID)["resume_at"] == datetime(2027, 1, 18, 8, 0, tzinfo=UTC)
    three.run_until(datetime(2027, 1, 18, 7, 50, tzinfo=UTC), step=DAY / 2)
    assert three.state(CID)["state"] == "paused"
    three.run_until(datetime(2027, 1, 18, 9, 0, tzinfo=UTC))
    assert (three.state(CID)["state"], len(three.sent_to(CID))) == ("active", 1)
    assert three.enroll(welcome, [three.add_contact("new@prospect.test")], by=bob).paused == ""


def test_who_is_enrolled_during_a_pause_until_a_day_begins_at_the_first_opening_of_that_day_too(three: Small) -> None:
    """SEQ-123, SEQ-128. The defect: their first email went at midnight, and the sentence named the day before."""
    welcome, bob = ids(three)
    pause(three, Whose(welcome, (bob,)), until=date(2027, 1, 18))
    report = three.enroll(welcome, [three.add_contact("new@prospect.test")], by=bob)
    assert "until 2027-01-18" in report.paused
    assert three.state("new@prospect.test")["resume_at"] == three.state(CID)["resume_at"] == datetime(2027, 1, 18, 8, 0, tzinfo=UTC)


def test_resuming_a_sequence_leaves_an_absence_and_a_doubt_alone(three: Small) -> None:
    """SEQ-129, SEQ-130."""
    welcome, _ = ids(three)
    with three.db.tx(three.workspace_id) as tx:
        pause_enrollments(tx, [three.state(ANN)["id"]], PauseKind.AWAY)
        pause_enrollments(tx, [three.state(CID)["id"]], PauseKind.REVIEW)
    assert resume(three, Whose(welcome)) == 0
    assert states(three)[:2] == ["paused", "paused"]


def test_the_new_times_can_be_seen_before_resuming(three: Small) -> None:
    """SEQ-126: mail Mon 10:00, delay 3 days, paused Wed 10:00 with 1 day left, looked at on Mon 18 14:00: due Tue 19 14:00."""
    welcome, _ = ids(three)
    three.run_until(MONDAY + 2 * DAY)
    pause(three, Whose(welcome))
    three.clock.at = datetime(2027, 1, 18, 13, 0, tzinfo=UTC)
    with three.db.tx(three.workspace_id) as tx:
        found = foresee_resume(tx, list_paused_ids(tx, Whose(welcome)))
    assert {loaded.address: after.due_at for loaded, after in found}[ANN] == datetime(2027, 1, 19, 13, 0, tzinfo=UTC)
    assert states(three)[:2] == ["paused", "paused"]


def scope(small: Small, reach: Reach) -> Scope:
    row = small.state(ANN)
    ids = {Reach.WORKSPACE: 0, Reach.MAILBOX: row["mailbox_id"], Reach.USER: row["sender_user_id"], Reach.SEQUENCE: row["sequence_id"]}
    return Scope(reach, ids[reach], REP)


@pytest.mark.parametrize("reach", Reach)
def test_an_emergency_stop_holds_everything_it_covers_and_lifting_it_wakes_at_once(small: Small, reach: Reach) -> None:
    """SEQ-107: states stay, nothing leaves; and what the gate had put off does not wait for its next look."""
    welcome = small.add_sequence(flow())
    small.enroll(welcome, [small.add_contact(ANN)])
    with small.db.tx(small.workspace_id) as tx:
        assert stop_sending(tx, scope(small, reach)) is True
        assert stop_sending(tx, scope(small, reach)) is False
    small.run_until(MONDAY + HOUR)
    assert (small.state(ANN)["state"], small.sent_to(ANN)) == ("active", [])
    with small.db.tx(small.workspace_id) as tx:
        assert allow_sending(tx, scope(small, reach)) is True
        assert allow_sending(tx, scope(small, reach)) is False
    small.engine.run_due(small.workspace_id)
    assert len(small.sent_to(ANN)) == 1
    assert [
        row["kind"] for row in small.sql("SELECT kind FROM events WHERE workspace_id = %(ws)s AND kind LIKE 'sending_%%' ORDER BY id")
    ] == [
        "sending_stopped",
        "sending_allowed",
    ]


@pytest.mark.parametrize("reach", [Reach.MAILBOX, Reach.USER, Reach.SEQUENCE])
def test_an_emergency_stop_leaves_others_alone(three: Small, reach: Reach) -> None:
    with three.db.tx(three.workspace_id) as tx:
        stop_sending(tx, scope(three, reach))
    three.run_until(MONDAY + HOUR)
    assert (three.sent_to(ANN), len(three.sent_to(DAN))) == ([], 1)
