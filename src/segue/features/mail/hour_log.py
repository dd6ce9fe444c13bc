"""What the best time to send will be learnt from: one row for each accepted mail with its first human reaction (SCI-5…7).

Rows are written with the acceptance (`outbox`). Nothing here decides anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from segue.db.tx import Tx
from segue.domain.best_time import FURTHER_WEIGHT, KEPT_DAYS, UNRELATED_MAIL_WEIGHT, minute_of
from segue.domain.events import AutoReplyReceived, BounceReceived, ContactWrote, ReplyReceived


@dataclass(frozen=True, slots=True)
class Reaction:
    """A person reacted to a mail: `kind` is open, click or reply."""

    contact_id: int
    message_id: int
    at: datetime
    kind: str


def note_reactions(tx: Tx, reactions: Sequence[Reaction]) -> None:
    """Store reactions: the first of a mail beside it, further ones as evidence with their weight (SCI-6)."""
    if not reactions:
        return
    rows = tx.all(
        """SELECT message_id, contact_id, reaction_minute, reaction_kind FROM hour_log
           WHERE workspace_id = %(ws)s AND contact_id = ANY(%(contacts)s) AND message_id = ANY(%(messages)s) FOR UPDATE""",
        {"contacts": [r.contact_id for r in reactions], "messages": [r.message_id for r in reactions]},
    )
    first = {row["message_id"]: (row["reaction_minute"], row["reaction_kind"]) for row in rows}
    changed: set[int] = set()
    further: list[tuple[int, int, float]] = []
    for each in sorted(reactions, key=lambda r: r.at):
        if each.message_id not in first:  # older than what the log keeps
            continue
        minute, kind = first[each.message_id]
        new = (minute_of(each.at), each.kind)
        if minute is None or new[0] < minute:
            first[each.message_id], new = new, (minute, kind)
            changed.add(each.message_id)
        if new[0] is not None:
            further.append((each.contact_id, new[0], FURTHER_WEIGHT[new[1]]))
    _store_first(tx, {message: first[message] for message in changed})
    _store_further(tx, further)


def note_reply(tx: Tx, event: ReplyReceived) -> None:
    """A reply is a reaction to the mail that it names."""
    if event.trusted and event.contact_id is not None and event.message_id is not None:
        note_reactions(tx, [Reaction(event.contact_id, event.message_id, tx.now, "reply")])


def note_contact_wrote(tx: Tx, event: ContactWrote) -> None:
    """A mail of the contact's own accord shows when they are at work (SCI-6)."""
    if event.trusted and event.contact_id is not None:
        _store_further(tx, [(event.contact_id, minute_of(tx.now), UNRELATED_MAIL_WEIGHT)])


def leave_out_bounced(tx: Tx, event: BounceReceived) -> None:
    """Nobody can react to a mail that came back (SCI-7)."""
    if event.message_id is not None:
        _leave_out(tx, event.message_id, "bounced")


def leave_out_away(tx: Tx, event: AutoReplyReceived) -> None:
    """Nor to one that an out-of-office note answered (SCI-7)."""
    if event.auto_kind == "ooo":
        row = tx.one(
            "SELECT answers_message_id AS id FROM inbound_messages WHERE workspace_id = %(ws)s AND id = %(id)s", {"id": event.inbound_id}
        )
        if row is not None and row["id"] is not None:
            _leave_out(tx, row["id"], "away")


def forget_old(tx: Tx) -> None:
    """Delete what is older than the log keeps (SCI-7)."""
    before = {"before": minute_of(tx.now - timedelta(days=KEPT_DAYS))}
    tx.run("DELETE FROM hour_log WHERE workspace_id = %(ws)s AND handed_minute < %(before)s", before)
    tx.run("DELETE FROM hour_evidence WHERE workspace_id = %(ws)s AND minute < %(before)s", before)


def _leave_out(tx: Tx, message_id: int, why: str) -> None:
    tx.run(
        """UPDATE hour_log AS h SET left_out = %(why)s FROM messages AS m
           WHERE m.workspace_id = %(ws)s AND m.id = %(id)s AND h.workspace_id = %(ws)s AND h.contact_id = m.contact_id
             AND h.message_id = m.id""",
        {"id": message_id, "why": why},
    )


def _store_first(tx: Tx, first: dict[int, tuple[int, str]]) -> None:
    if first:
        tx.run(
            """UPDATE hour_log AS h SET reaction_minute = given.minute, reaction_kind = given.kind
               FROM unnest(%(ids)s::bigint[], %(minutes)s::int[], %(kinds)s::text[]) AS given(id, minute, kind)
               JOIN messages AS m ON m.workspace_id = %(ws)s AND m.id = given.id
               WHERE h.workspace_id = %(ws)s AND h.contact_id = m.contact_id AND h.message_id = given.id""",
            {"ids": list(first), "minutes": [minute for minute, _ in first.values()], "kinds": [kind for _, kind in first.values()]},
        )


def _store_further(tx: Tx, further: Sequence[tuple[int, int, float]]) -> None:
    if further:
        tx.run(
            """INSERT INTO hour_evidence (workspace_id, contact_id, minute, weight)
               SELECT %(ws)s, * FROM unnest(%(contacts)s::bigint[], %(minutes)s::int[], %(weights)s::float8[])""",
            {"contacts": [c for c, _, _ in further], "minutes": [m for _, m, _ in further], "weights": [w for _, _, w in further]},
        )
