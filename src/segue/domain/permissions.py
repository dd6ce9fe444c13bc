"""Who may do what: roles, seats and the permissions that go with them (SEQ-1, SEQ-2, SEQ-3)."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from segue.domain.ids import UserId


class Role(StrEnum):
    """Roles of SEQ-1."""

    OWNER = "owner"
    ADMIN = "admin"
    MANAGER = "manager"
    USER = "user"
    VIEWER = "viewer"


class Permission(StrEnum):
    """Permissions of SEQ-3, as far as there is something for them to allow."""

    USE = "sequences.use"
    CREATE = "sequences.create"
    EDIT_ANY = "sequences.edit_any"
    MANAGE_ANY = "sequences.manage_any"
    COMMUNICATE = "contacts.communicate"
    BULK_ENROLL = "bulk.enroll"
    USERS = "users.manage"
    SETTINGS = "settings.manage"
    SUPPRESSION = "suppression.manage"
    API = "api.manage"


class Reach(IntEnum):
    """Whose things a permission covers."""

    NONE = 0
    OWN = 1
    TEAM = 2
    ALL = 3


_USER = {
    Permission.USE: Reach.OWN,
    Permission.CREATE: Reach.OWN,
    Permission.COMMUNICATE: Reach.ALL,
    Permission.BULK_ENROLL: Reach.ALL,
}
_MANAGER = {**_USER, Permission.EDIT_ANY: Reach.TEAM, Permission.MANAGE_ANY: Reach.TEAM}
_ADMIN = dict.fromkeys(Permission, Reach.ALL)

GRANTS: dict[Role, dict[Permission, Reach]] = {
    Role.OWNER: _ADMIN,
    Role.ADMIN: _ADMIN,
    Role.MANAGER: _MANAGER,
    Role.USER: _USER,
    Role.VIEWER: {},
}
"""What each role may. Creating, enrolling and sending need a seat besides (SEQ-2)."""

NEEDS_SEAT = frozenset({Permission.USE, Permission.CREATE, Permission.BULK_ENROLL})


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks for something. Without a user it is the operator at the machine, who may everything."""

    user_id: UserId | None = None
    email: str = ""
    role: Role = Role.OWNER
    team: str = ""
    seat: bool = True
    active: bool = True
    communicate: Reach = Reach.ALL
    """How far the workspace lets users go to whom they write (SEQ-3); managers reach their team's contacts at least."""

    def reach(self, permission: Permission) -> Reach:
        """Return whose things this actor may touch with a permission."""
        if not self.active or (permission in NEEDS_SEAT and not self.seat):
            return Reach.NONE
        granted = GRANTS[self.role].get(permission, Reach.NONE)
        if permission is Permission.COMMUNICATE and self.role in (Role.USER, Role.MANAGER):
            return min(granted, max(self.communicate, Reach.TEAM) if self.role is Role.MANAGER else self.communicate)
        return granted

    def may(self, permission: Permission) -> bool:
        return self.reach(permission) is not Reach.NONE

    def may_manage(self, user_id: int, team: str) -> bool:
        """Say whether the actor may pause, resume and unenroll what this user has enrolled (SEQ-3, SEQ-122), and send in their name."""
        if self.user_id is not None and user_id == self.user_id:
            return self.may(Permission.USE)
        reach = self.reach(Permission.MANAGE_ANY)
        return reach is Reach.ALL or (reach is Reach.TEAM and team != "" and team == self.team)


OPERATOR = Actor()


def holds_seat(*, role: str, seat: bool, active: bool) -> bool:
    """Say whether a user may be enrolled by and sent from: what being downgraded takes away (SEQ-2, SEQ-11)."""
    return active and seat and Permission.USE in GRANTS[Role(role)]
