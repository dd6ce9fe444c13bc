"""Who may do what (SEQ-1, SEQ-2, SEQ-3, SEQ-122): each permission has one who holds it and one who does not."""

import pytest

from segue.domain.ids import UserId
from segue.domain.permissions import GRANTS, OPERATOR, Actor, Permission, Reach, Role, holds_seat


def actor(role: Role, **more: object) -> Actor:
    return Actor(**({"user_id": UserId(7), "email": "rita@acme.test", "role": role} | more))  # type: ignore[arg-type]


@pytest.mark.parametrize("permission", Permission)
def test_owners_and_the_operator_have_every_permission_and_viewers_none(permission):
    assert actor(Role.OWNER).may(permission)
    assert OPERATOR.may(permission)
    assert not actor(Role.VIEWER).may(permission)


@pytest.mark.parametrize(
    ("permission", "user", "manager"),
    [
        (Permission.USE, True, True),
        (Permission.CREATE, True, True),
        (Permission.COMMUNICATE, True, True),
        (Permission.BULK_ENROLL, True, True),
        (Permission.EDIT_ANY, False, True),
        (Permission.MANAGE_ANY, False, True),
        (Permission.USERS, False, False),
        (Permission.SETTINGS, False, False),
        (Permission.SUPPRESSION, False, False),
    ],
)
def test_the_table_of_seq_3(permission, user, manager):
    assert (actor(Role.USER).may(permission), actor(Role.MANAGER).may(permission)) == (user, manager)


def test_every_role_stands_in_the_table():
    assert set(GRANTS) == set(Role)


def test_without_a_seat_nobody_enrolls_but_everyone_may_still_stop_a_contact():
    """SEQ-2, SEQ-10."""
    seatless = actor(Role.USER, seat=False)
    assert not seatless.may(Permission.USE)
    assert seatless.may(Permission.COMMUNICATE)
    assert not actor(Role.ADMIN, active=False).may(Permission.COMMUNICATE)


def test_a_manager_manages_the_team_and_a_user_what_is_theirs():
    """SEQ-122."""
    manager, user = actor(Role.MANAGER, team="north"), actor(Role.USER, team="north")
    assert manager.may_manage(8, "north")
    assert not manager.may_manage(8, "south")
    assert not actor(Role.MANAGER, team="").may_manage(8, "")
    assert user.may_manage(7, "north")
    assert not user.may_manage(8, "north")
    assert actor(Role.ADMIN).may_manage(8, "south")
    assert manager.reach(Permission.MANAGE_ANY) is Reach.TEAM


@pytest.mark.parametrize(
    ("row", "holds"),
    [
        ({"role": "user", "seat": True, "active": True}, True),
        ({"role": "user", "seat": False, "active": True}, False),
        ({"role": "user", "seat": True, "active": False}, False),
        ({"role": "viewer", "seat": True, "active": True}, False),
    ],
)
def test_what_being_downgraded_means(row, holds):
    """SEQ-11."""
    assert holds_seat(**row) is holds
