"""sequences.md §1 and §4: who enrolls, from what, and what enrolling leaves alone."""

from datetime import timedelta

import pytest

from make import MONDAY, email, sequence
from segue.domain.errors import Refused
from segue.domain.ids import MailboxId
from segue.domain.permissions import Role
from segue.features.contacts.edit import set_contact
from segue.features.contacts.properties import add_property
from segue.features.enrollments.leaving import change_user
from segue.features.workspaces.users import UserChange

FLOW = sequence(email("a", subject="Hi"))


def test_seq_4_only_a_connected_mailbox_sends(small):
    flow, ann = small.add_sequence(FLOW), small.add_contact("ann@prospect.test")
    with pytest.raises(Refused) as refused:
        small.enroll(flow, [ann], sender=MailboxId(4711))
    assert refused.value.code == "SENDER_NO_MAILBOX"
    assert small.enroll(flow, [ann]).enrolled == 1


def test_seq_13_what_changes_nothing_is_not_written_down(small):
    bob, _ = small.add_rep("bob@acme.test")

    def change(**what):
        before = len(audited(small))
        change_user(small.db, small.workspace_id, bob, UserChange(**what), actor="test")
        return len(audited(small)) - before

    assert change(role=Role.MANAGER) == 1
    assert change(role=Role.MANAGER) == 0
    assert change(team="north", role=Role.MANAGER) == 1


def audited(small):
    return small.sql("SELECT data FROM events WHERE workspace_id = %(ws)s AND kind = 'user_changed'")


def test_seq_52_every_entry_point_is_recorded_and_checked_alike(small):
    flow = small.add_sequence(FLOW)
    for point in ("cli", "csv", "list"):
        ann = small.add_contact(f"{point}@prospect.test")
        assert small.enroll(flow, [ann], entry_point=point).enrolled == 1
        assert small.state(f"{point}@prospect.test")["entry_point"] == point
        assert [each.code for each in small.enroll(flow, [ann], entry_point=point).refused] == ["ALREADY_ENROLLED"]


def test_seq_56_enrolling_touches_no_property_that_people_set(small):
    """The lifecycle stage changes when somebody changes it, and not by being enrolled, mailed and finished."""
    with small.db.tx(small.workspace_id) as tx:
        add_property(tx, "lifecycle_stage", "", "text")
    ann = small.add_contact("ann@prospect.test")
    set_stage(small, "lead")
    small.enroll(small.add_sequence(FLOW), [ann])
    small.run_until(MONDAY + timedelta(days=2), step=timedelta(hours=1))
    assert (small.state("ann@prospect.test")["state"], stage(small)) == ("finished", "lead")
    set_stage(small, "customer")
    assert stage(small) == "customer"


def set_stage(small, value):
    with small.db.tx(small.workspace_id) as tx:
        set_contact(tx, "ann@prospect.test", {"lifecycle_stage": value})


def stage(small):
    return small.sql("SELECT properties ->> 'lifecycle_stage' AS stage FROM contacts WHERE workspace_id = %(ws)s")[0]["stage"]
