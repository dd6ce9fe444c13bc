"""Ways out by people who leave (SEQ-11, SEQ-12, SEQ-121, SEQ-168, SEQ-169): who is downgraded or removed sends nothing any more."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from make import MONDAY, REP, Small, email, make_small, sequence, task
from segue.domain.enrollment import WaitingFor
from segue.domain.errors import Conflict, Refused
from segue.domain.permissions import Role
from segue.features.enrollments.leaving import change_user, count_hanging
from segue.features.sequences.lifecycle import activate
from segue.features.sequences.service import give_sequence
from segue.features.workspaces.service import set_enrolling_limits
from segue.features.workspaces.users import UserChange

DAY = timedelta(days=1)
BOB = "bob@acme.test"
ANN, CID = "ann@prospect.test", "cid@other.test"

LOSSES = {
    "the seat is taken away": UserChange(seat=False),
    "the user becomes a viewer": UserChange(role=Role.VIEWER),
    "the user is deactivated": UserChange(active=False),
    "the user is removed": UserChange(deleted=True),
}


@pytest.fixture
def small(db_urls) -> Iterator[Small]:
    made = make_small(db_urls.app_url)
    yield made
    made.close()


def flow(name: str = "Welcome"):
    return sequence(email("a", subject="Hi"), email("b", "Again", after=2 * DAY), name=name)


def lose(small: Small, user, change: UserChange, **more):
    return change_user(small.db, small.workspace_id, user, change, actor="test", **more)


@pytest.mark.parametrize("loss", LOSSES)
def test_everyone_in_the_sequences_of_a_lost_user_is_unenrolled_whoever_enrolled_them(small: Small, loss: str) -> None:
    """SEQ-168 [seed]: Rita enrolled Ann into Bob's sequence, and Cid into her own."""
    bob, _ = small.add_rep(BOB)
    his, hers = small.add_sequence(flow(), owner=bob), small.add_sequence(flow("Mine"))
    small.enroll(his, [small.add_contact(ANN)])
    small.enroll(hers, [small.add_contact(CID)])
    small.run_until(MONDAY + timedelta(hours=1))
    left = lose(small, bob, LOSSES[loss])
    assert (left.archived, left.creator_lost, left.sender_lost) == (1, 1, 0)
    assert (small.state(ANN)["state"], small.state(ANN)["reason"]) == ("unenrolled", "CREATOR_LOST")
    assert small.state(CID)["state"] == "active"
    with pytest.raises(Refused, match="not active"):
        small.enroll(his, [small.add_contact("new@prospect.test")])
    small.run_until(MONDAY + 7 * DAY)
    assert (len(small.sent_to(ANN)), len(small.sent_to(CID))) == (1, 2)


@pytest.mark.parametrize("loss", LOSSES)
def test_what_a_lost_user_sends_or_has_enrolled_ends(small: Small, loss: str) -> None:
    """SEQ-169: Bob sends to Ann, and has enrolled Cid for Rita."""
    bob, box = small.add_rep(BOB)
    hers = small.add_sequence(flow())
    small.enroll(hers, [small.add_contact(ANN)], sender=box)
    small.enroll(hers, [small.add_contact(CID)], by=bob)
    small.enroll(hers, [small.add_contact("dan@third.test")])
    left = lose(small, bob, LOSSES[loss])
    assert (left.archived, left.sender_lost) == (0, 2)
    assert {small.state(each)["reason"] for each in (ANN, CID)} == {"SENDER_LOST"}
    assert small.state("dan@third.test")["state"] == "active"
    small.run_until(MONDAY + DAY)
    assert (small.sent_to(ANN), small.sent_to(CID), len(small.sent_to("dan@third.test"))) == ([], [], 1)


def test_a_sequence_that_was_given_away_before_keeps_everyone_in_it(small: Small) -> None:
    """SEQ-12, SEQ-168: transferring ownership beforehand avoids it."""
    bob, _ = small.add_rep(BOB)
    small.enroll(small.add_sequence(flow(), owner=bob), [small.add_contact(ANN)])
    with small.db.tx(small.workspace_id) as tx:
        assert (count_hanging(tx, bob).sequences, count_hanging(tx, bob).in_sequences) == (1, 1)
    left = lose(small, bob, UserChange(deleted=True, hand_over_to=small.user_id))
    assert (left.handed_over, left.archived, left.creator_lost) == (1, 0, 0)
    small.run_until(MONDAY + 7 * DAY)
    assert len(small.sent_to(ANN)) == 2


def test_a_receiver_must_have_a_seat(small: Small) -> None:
    """SEQ-7."""
    bob, _ = small.add_rep(BOB)
    small.add_sequence(flow(), owner=bob)
    with small.db.tx(small.workspace_id) as tx:
        row = tx.one(
            "INSERT INTO users (workspace_id, email, seat, created_at) VALUES (%(ws)s, 'x@acme.test', false, now()) RETURNING id", {}
        )
    assert row is not None
    with pytest.raises(Conflict, match="no sequence seat"):
        lose(small, bob, UserChange(deleted=True, hand_over_to=row["id"]))
    with pytest.raises(Conflict, match="themself"):
        lose(small, bob, UserChange(deleted=True, hand_over_to=bob))
    assert small.sql("SELECT active FROM users WHERE email = %(b)s", {"b": BOB}) == [{"active": True}]


def test_running_enrollments_may_finish_where_the_workspace_says_so(small: Small) -> None:
    """SEQ-168 onCreatorLoss = ARCHIVE."""
    bob, _ = small.add_rep(BOB)
    with small.db.tx(small.workspace_id) as tx:
        set_enrolling_limits(tx, on_creator_loss="ARCHIVE")
    his = small.add_sequence(flow(), owner=bob)
    small.enroll(his, [small.add_contact(ANN)])
    left = lose(small, bob, UserChange(seat=False))
    assert (left.archived, left.creator_lost) == (1, 0)
    with pytest.raises(Refused):
        small.enroll(his, [small.add_contact(CID)])
    small.run_until(MONDAY + 7 * DAY)
    assert (small.state(ANN)["state"], len(small.sent_to(ANN))) == ("finished", 2)


def test_a_new_owner_makes_the_sequence_usable_again(small: Small) -> None:
    """SEQ-168: archived until an admin gives it a new owner."""
    bob, _ = small.add_rep(BOB)
    his = small.add_sequence(flow(), owner=bob)
    lose(small, bob, UserChange(active=False))
    with small.db.tx(small.workspace_id) as tx:
        give_sequence(tx, his, small.user_id)
    small.enroll(his, [small.add_contact(ANN)])
    small.run_until(MONDAY + timedelta(hours=1))
    assert len(small.sent_to(ANN)) == 1


def test_a_sequence_whose_owner_is_lost_cannot_be_activated_and_comes_back_with_its_owner(small: Small) -> None:
    """SEQ-168. The defect: activated or published anew it took contacts, and the gate ended each at its first mail."""
    bob, _ = small.add_rep(BOB)
    his = small.add_sequence(flow(), owner=bob)
    lose(small, bob, UserChange(seat=False))
    with small.db.tx(small.workspace_id) as tx, pytest.raises(Conflict, match="has left"):
        activate(tx, "Welcome")
    with pytest.raises(Conflict, match="has left"):
        small.add_sequence(sequence(email("a", subject="Other")))
    lose(small, bob, UserChange(seat=True))
    lose(small, bob, UserChange(hand_over_to=bob))
    small.enroll(his, [small.add_contact(ANN)])
    small.run_until(MONDAY + timedelta(hours=1))
    assert len(small.sent_to(ANN)) == 1


def test_what_a_crash_left_open_ends_when_its_mail_is_due(small: Small) -> None:
    """The gate reads owner, sender and enroller: nothing leaves after the first commit, whatever becomes of the rest (S3, S10)."""
    bob, box = small.add_rep(BOB)
    his, hers = small.add_sequence(flow(), owner=bob), small.add_sequence(flow("Mine"))
    small.enroll(his, [small.add_contact(ANN)])
    small.enroll(hers, [small.add_contact(CID)], sender=box)
    small.enroll(hers, [small.add_contact("dan@third.test")], by=bob)

    def crash(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        lose(small, bob, UserChange(seat=False), progress=crash)
    assert small.state(CID)["state"] == "active"
    small.run_until(MONDAY + DAY)
    assert small.sent_to(ANN) + small.sent_to(CID) + small.sent_to("dan@third.test") == []
    assert [small.state(each)["reason"] for each in (ANN, CID, "dan@third.test")] == ["CREATOR_LOST", "SENDER_LOST", "SENDER_LOST"]


def test_asking_again_completes_what_was_broken_off(small: Small) -> None:
    bob, box = small.add_rep(BOB)
    small.enroll(small.add_sequence(flow()), [small.add_contact(ANN)], sender=box)
    small.sql("UPDATE users SET seat = false WHERE workspace_id = %(ws)s AND id = %(id)s", {"id": bob})
    assert lose(small, bob, UserChange(seat=False)).sender_lost == 1
    assert lose(small, bob, UserChange(seat=False)).sender_lost == 0


def test_open_tasks_go_to_an_admin_and_still_release_what_waits(small: Small) -> None:
    """SEQ-121, S9."""
    bob, _ = small.add_rep(BOB)
    calls = sequence(task("call", after=timedelta(0)), email("b", "Again", subject="Hi", after=DAY))
    small.enroll(small.add_sequence(calls), [small.add_contact(ANN)], by=bob)
    small.run_until(MONDAY + timedelta(hours=1))
    assert small.state(ANN)["waiting_for"] == WaitingFor.TASK.value
    assert lose(small, bob, UserChange(seat=False)).tasks == 1
    [row] = small.sql("SELECT assignee_user_id, state, enrollment_active FROM tasks WHERE workspace_id = %(ws)s")
    assert row == {"assignee_user_id": small.user_id, "state": "open", "enrollment_active": False}
    assert small.sql("SELECT data FROM events WHERE workspace_id = %(ws)s AND kind = 'task_reassigned'")[0]["data"]["after"] == REP


def test_there_is_always_an_active_owner(small: Small) -> None:
    """SEQ-1."""
    for change in (UserChange(role=Role.USER), UserChange(active=False), UserChange(deleted=True)):
        with pytest.raises(Conflict, match="last owner"):
            lose(small, small.user_id, change)
    bob, _ = small.add_rep(BOB)
    lose(small, bob, UserChange(role=Role.OWNER))
    lose(small, small.user_id, UserChange(deleted=True))
    assert small.sql("SELECT email FROM users WHERE workspace_id = %(ws)s AND active") == [{"email": BOB}]


def test_who_has_no_seat_cannot_enroll_or_send(small: Small) -> None:
    """SEQ-2: NOT_ALLOWED for the one who enrolls, SENDER_NO_SEAT for the one whose mailbox sends."""
    bob, box = small.add_rep(BOB, seat=False)
    hers, ann = small.add_sequence(flow()), small.add_contact(ANN)
    with pytest.raises(Refused) as refused:
        small.enroll(hers, [ann], by=bob)
    assert refused.value.code == "NOT_ALLOWED"
    with pytest.raises(Refused) as refused:
        small.enroll(hers, [ann], sender=box)
    assert refused.value.code == "SENDER_NO_SEAT"
    lose(small, bob, UserChange(seat=True))
    assert small.enroll(hers, [ann], by=bob, sender=box).enrolled == 1


def test_every_change_is_written_down_with_before_and_after(small: Small) -> None:
    """SEQ-13."""
    bob, _ = small.add_rep(BOB)
    lose(small, bob, UserChange(role=Role.MANAGER, team="north"))
    [row] = small.sql("SELECT actor, data FROM events WHERE workspace_id = %(ws)s AND kind = 'user_changed' ORDER BY id DESC LIMIT 1")
    assert row["actor"] == "test"
    assert row["data"]["before"] == {"role": "user", "team": ""}
    assert row["data"]["after"] == {"role": "manager", "team": "north"}
