"""Users: adding them, changing role, team and seat, removing them (SEQ-1, SEQ-2, SEQ-11).

What a lost seat does to sequences, enrollments and tasks is decided above, in `enrollments.leaving`.
"""

from dataclasses import dataclass
from typing import Any

from segue.db.tx import Tx
from segue.domain.acts import UserChanged
from segue.domain.errors import Conflict, Invalid
from segue.domain.ids import UserId
from segue.domain.permissions import Role, holds_seat
from segue.features.workspaces.queries import get_user_row
from segue.features.workspaces.service import check_timezone
from segue.features.workspaces.user_sessions import end_access

AUDITED = ("name", "role", "team", "seat", "active", "timezone", "per_day")
MOST_PER_DAY = 10_000
"""sequences.md §16."""


@dataclass(frozen=True, slots=True)
class UserChange:
    """What is to be different of a user; None leaves a thing as it is."""

    name: str | None = None
    timezone: str | None = None
    role: Role | None = None
    team: str | None = None
    seat: bool | None = None
    active: bool | None = None
    deleted: bool = False
    hand_over_to: UserId | None = None
    """Who gets the sequences and tasks first, where the user leaves."""
    per_day: int | None = None
    """Automated mails in any 24 hours over all mailboxes, 1 to 10,000 (SEQ-88)."""


def add_user(tx: Tx, email: str, change: UserChange) -> UserId:
    """Add a user, or take one back who was removed. The first user of a workspace is its owner (SEQ-1).

    Raises:
        Conflict: there is one with this address.
        Invalid: the address, the zone or a seat for a viewer.
    """
    address = email.strip().lower()
    if "@" not in address:
        raise Invalid(f"{email!r} is no address.", hint="Write name@company.example.", field="email")
    check_timezone(change.timezone or "UTC")
    row = tx.one(
        """INSERT INTO users (workspace_id, email, created_at) VALUES (%(ws)s, %(email)s, %(now)s)
           ON CONFLICT (workspace_id, email) DO UPDATE SET deleted_at = NULL, active = true, seat = false, role = 'user'
             WHERE users.deleted_at IS NOT NULL RETURNING id""",
        {"email": address, "now": tx.now},
    )
    if row is None:
        raise Conflict(f"There is a user {address} already.", hint="`segue user set` changes one.")
    user_id = UserId(row["id"])
    first = tx.one("SELECT NOT EXISTS (SELECT FROM users WHERE workspace_id = %(ws)s AND id <> %(id)s) AS first", {"id": user_id})
    role = Role.OWNER if first and first["first"] else change.role or Role.USER
    seat = role is not Role.VIEWER if change.seat is None else change.seat
    write_user(tx, user_id, UserChange(change.name, change.timezone, role, change.team, seat), added=True)
    return user_id


def write_user(tx: Tx, user_id: UserId, change: UserChange, *, added: bool = False) -> dict[str, Any]:
    """Change a user and write down before and after (SEQ-13); returns the user as it is now.

    Raises:
        Conflict: the workspace would be left without an active owner (SEQ-1).
        Invalid: a viewer cannot hold a seat (SEQ-2), or a limit out of range.
    """
    tx.run("SELECT FROM users WHERE workspace_id = %(ws)s ORDER BY id FOR NO KEY UPDATE", {})  # two at once must not both be the last owner
    before = get_user_row(tx, user_id)
    given: dict[str, Any] = {"name": change.name, "role": change.role, "team": change.team, "seat": change.seat, "active": change.active}
    given["per_day"] = change.per_day
    after = {**before, **{name: value for name, value in given.items() if value is not None}}
    if change.timezone:
        after["timezone"] = check_timezone(change.timezone)
    if not 1 <= after["per_day"] <= MOST_PER_DAY:
        raise Invalid("A user sends 1 to 10,000 mails in 24 hours.", hint="500 is usual.", field="per_day")
    if change.deleted:
        after.update(active=False, seat=False, deleted_at=tx.now)
    if after["role"] == Role.VIEWER:
        if change.seat:
            raise Invalid("A viewer cannot hold a sequence seat.", hint="Give the role user with it: --role user.", field="seat")
        after["seat"] = False
    _keep_an_owner(tx, before, after)
    tx.run(
        """UPDATE users SET name = %(name)s, timezone = %(timezone)s, role = %(role)s, team = %(team)s, seat = %(seat)s,
               active = %(active)s, per_day = %(per_day)s, deleted_at = %(deleted_at)s WHERE workspace_id = %(ws)s AND id = %(id)s""",
        after,
    )
    _end_lost_access(tx, before, after)
    different = [name for name in AUDITED if added or before[name] != after[name]]
    if different or change.deleted:
        tx.record(
            UserChanged(
                user_id=user_id,
                email=before["email"],
                before={} if added else {name: before[name] for name in different},
                after={name: after[name] for name in different} | ({"deleted": True} if change.deleted else {}),
            )
        )
    return after


def is_seated(row: dict[str, Any]) -> bool:
    """Say whether a user may create, enroll and send; only such a one can be given a sequence (SEQ-2, SEQ-7)."""
    return holds_seat(role=row["role"], seat=row["seat"], active=row["active"])


def find_admin(tx: Tx, *, besides: int) -> UserId | None:
    """Return the first active owner or admin other than this user: who takes what nobody else can (SEQ-121)."""
    row = tx.one(
        """SELECT id FROM users WHERE workspace_id = %(ws)s AND id <> %(id)s AND active AND role IN ('owner', 'admin')
           ORDER BY role <> 'owner', id LIMIT 1""",
        {"id": besides},
    )
    return UserId(row["id"]) if row else None


def _end_lost_access(tx: Tx, before: dict[str, Any], after: dict[str, Any]) -> None:
    """With another role, without the seat or when deactivated, nobody goes on with what they had signed in with before (X1)."""
    lost = [name for name in ("active", "seat") if before[name] and not after[name]]
    lost += ["role"] if before["role"] != after["role"] else []
    if lost:
        end_access(tx, before["id"], f"{', '.join(lost)} changed")


def _keep_an_owner(tx: Tx, before: dict[str, Any], after: dict[str, Any]) -> None:
    if not (before["role"] == Role.OWNER and before["active"]) or (after["role"] == Role.OWNER and after["active"]):
        return
    others = tx.one(
        "SELECT 1 AS one FROM users WHERE workspace_id = %(ws)s AND id <> %(id)s AND active AND role = 'owner' LIMIT 1",
        {"id": before["id"]},
    )
    if others is None:
        raise Conflict(f"{before['email']} is the last owner.", hint="Make somebody else owner first: segue user set EMAIL --role owner.")
