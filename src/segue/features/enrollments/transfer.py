"""An enrollment that goes on elsewhere: from another mailbox (SEQ-12), or to another address (SEQ-130).

An enrollment keeps its sender and its address for life, so it ends (REPLACED) and a new one begins where it stood, in one transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from segue.db.tx import Tx
from segue.domain.addresses import normal_form
from segue.domain.contacts_csv import is_address
from segue.domain.errors import Conflict, Invalid
from segue.domain.events import ContactEnrolled
from segue.domain.ids import EnrollmentId, MailboxId
from segue.domain.replan import change_zone
from segue.domain.stop_rules import Stop
from segue.features.contacts.suppression import find_suppressions
from segue.features.enrollments.admission import is_visible
from segue.features.enrollments.edit import IN_HAND
from segue.features.enrollments.react import stop_enrollments
from segue.features.enrollments.store import Loaded, load, save
from segue.features.tasks.service import move_open_tasks
from segue.features.workspaces.queries import get_user_row
from segue.features.workspaces.users import is_seated


@dataclass(frozen=True, slots=True)
class Transferred:
    """How many go on, and the addresses of those left out: because a mail of theirs is being sent, or because their sequence is not shared
    with the new sender (SEQ-9)."""

    moved: int
    left_out: tuple[str, ...]
    not_shared: tuple[str, ...] = ()


def change_sender(tx: Tx, ids: Sequence[int], mailbox_id: MailboxId) -> Transferred:
    """Let open enrollments go on from another mailbox at the step that waits, with what is left of its delay, in a new thread.

    Raises Conflict where the mailbox's user has no seat, or the mailbox must be connected again.
    """
    row = tx.one(
        "SELECT id, address, display_name, user_id, state FROM mailboxes WHERE workspace_id = %(ws)s AND id = %(id)s", {"id": mailbox_id}
    )
    user = get_user_row(tx, row["user_id"]) if row is not None else None
    if row is None or user is None or row["state"] == "sign_in" or not is_seated(user):
        raise Conflict("Nothing can be sent from this mailbox.", hint="`segue mailbox test` and `segue user list` say why.")
    shared, barred = _shared_with(tx, ids, user)
    to = {"mailbox": row["id"], "sender": row["user_id"], "address": None, "zone": user["timezone"]}
    return replace(_transfer(tx, shared, to, f"sender {row['address']}"), not_shared=barred)


def _shared_with(tx: Tx, ids: Sequence[int], user: dict[str, Any]) -> tuple[list[int], tuple[str, ...]]:
    """Return the enrollments whose sequence the user may use, and the addresses of the others (SEQ-9)."""
    rows = tx.all(
        """SELECT e.id, e.address, s.owner_user_id, s.sharing, s.shared_with, s.shared_teams FROM enrollments AS e
           JOIN sequences AS s ON s.workspace_id = e.workspace_id AND s.id = e.sequence_id
           WHERE e.workspace_id = %(ws)s AND e.id = ANY(%(ids)s) AND e.state IN ('active', 'paused') ORDER BY e.id""",
        {"ids": list(ids)},
    )
    barred = [row for row in rows if not is_visible(row, user["id"], user["team"])]
    return sorted({row["id"] for row in rows} - {row["id"] for row in barred}), tuple(row["address"] for row in barred)


def change_address(tx: Tx, enrollment_id: int, address: str) -> Transferred:
    """Let an enrollment go on to another address of the contact, which is kept as one of theirs.

    Raises:
        Invalid: no address, or one of the team.
        Conflict: it gets no mail, or is enrolled already.
    """
    normal = normal_form(address)
    own = tx.one("SELECT 1 AS one FROM mailboxes WHERE workspace_id = %(ws)s AND address_normal = %(n)s", {"n": normal})
    if not is_address(address) or own is not None:
        raise Invalid(f"{address} is no address of a contact.", hint="Write name@company.example.", field="address")
    barred = find_suppressions(tx, [address])
    if barred:
        raise Conflict(f"{address} gets no mail: {barred[address].reason}.")
    taken = tx.one(
        "SELECT 1 AS one FROM enrollments WHERE workspace_id = %(ws)s AND address_normal = %(n)s AND state IN ('active', 'paused')",
        {"n": normal},
    )
    if taken is not None:
        raise Conflict(f"{address} is enrolled already.")
    tx.run(
        """UPDATE contacts AS c SET other_addresses = array_append(c.other_addresses, %(n)s) FROM enrollments AS e
           WHERE c.workspace_id = %(ws)s AND e.workspace_id = %(ws)s AND e.id = %(id)s AND c.id = e.contact_id
             AND c.email_normal <> %(n)s AND NOT c.other_addresses @> ARRAY[%(n)s]::text[]""",
        {"id": enrollment_id, "n": normal},
    )
    return _transfer(tx, [enrollment_id], {"mailbox": None, "sender": None, "address": address, "zone": None}, f"address {address}")


def _transfer(tx: Tx, ids: Sequence[int], to: dict[str, Any], detail: str) -> Transferred:
    found = [each for each in load(tx, ids, lock=True) if each.enrollment.is_open]
    free = [each for each in found if each.enrollment.waiting_for not in IN_HAND]
    stop_enrollments(tx, [each.enrollment.id for each in free], Stop("REPLACED", detail))
    normal = normal_form(to["address"]) if to["address"] else None
    rows = tx.all(COPY, {**to, "normal": normal, "ids": [each.enrollment.id for each in free], "now": tx.now})
    new = {(row["contact_id"], row["sequence_id"]): EnrollmentId(row["id"]) for row in rows}
    moves: dict[int, EnrollmentId] = {each.enrollment.id: new[each.contact_id, each.sequence_id] for each in free}
    tx.run(COPY_EDITS, {"old": list(moves), "new": list(moves.values())})
    move_open_tasks(tx, moves)
    begun = {row["id"]: row for row in rows}
    save(tx, [_going_on(each, begun[moves[each.enrollment.id]]) for each in free])
    for each in free:
        step = each.around.sequence.steps[each.enrollment.position].key
        tx.record(
            ContactEnrolled(
                contact_id=each.contact_id,
                enrollment_id=moves[each.enrollment.id],
                sequence=each.around.sequence.name,
                version=each.version,
                sender=detail,
                start_step=step,
                entry_point="transfer",
            )
        )
    left = tuple(each.address for each in found if each.enrollment.waiting_for in IN_HAND)
    return Transferred(len(free), left)


def _going_on(loaded: Loaded, row: dict[str, Any]) -> tuple[Any, Loaded]:
    """Return the enrollment as it goes on; where the sender's clock rules it, that is the new sender's (SEQ-70)."""
    moved = replace(change_zone(loaded.enrollment, loaded.around, ZoneInfo(row["timezone"])), id=EnrollmentId(row["id"]))
    return moved, replace(loaded, enrollment=moved, mailbox=replace(loaded.mailbox, id=MailboxId(row["mailbox_id"])))


COPY = """
    INSERT INTO enrollments (workspace_id, contact_id, sequence_id, version, enroller_user_id, sender_user_id, mailbox_id, address,
        address_normal, timezone, timezone_source, position, start_position, first_email, base_at, priority, placeholders, overlap_slot,
        own_settings, earlier_ids, starts_at, entry_point, enrolled_at)
    SELECT workspace_id, contact_id, sequence_id, version, enroller_user_id, COALESCE(%(sender)s::bigint, sender_user_id),
        COALESCE(%(mailbox)s::bigint, mailbox_id), COALESCE(%(address)s::text, address), COALESCE(%(normal)s::text, address_normal),
        CASE WHEN timezone_source = 'sender' THEN COALESCE(%(zone)s::text, timezone) ELSE timezone END, timezone_source, position,
        start_position, first_email, base_at, priority, placeholders, overlap_slot, own_settings, COALESCE(earlier_ids, '{}') || id,
        CASE WHEN starts_at > %(now)s THEN starts_at END, 'transfer', %(now)s
    FROM enrollments WHERE workspace_id = %(ws)s AND id = ANY(%(ids)s) ORDER BY id
    RETURNING id, contact_id, sequence_id, mailbox_id, timezone
"""

COPY_EDITS = """
    INSERT INTO enrollment_edits (workspace_id, enrollment_id, step_key, subject, body, delay, at, skipped, generation, edited_by,
        edited_at)
    SELECT x.workspace_id, n.new, x.step_key, x.subject, x.body, x.delay, x.at, x.skipped, 0, x.edited_by, x.edited_at
    FROM unnest(%(old)s::bigint[], %(new)s::bigint[]) AS n(old, new)
    JOIN enrollment_edits AS x ON x.workspace_id = %(ws)s AND x.enrollment_id = n.old
"""
