"""Message rows and their fate: prepare before the wire, settle after it (reliability.md §1). The wire itself is in `hand_off.py`.

States: queued → sending → in_doubt → sent | failed | queued | unknown; sending → withdrawn when a stop came first. Every change names the
state and the attempt that it leaves, so that a thawed worker cannot settle what somebody else has settled since.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from segue.db.tx import Tx
from segue.domain.ids import EnrollmentId, MailboxId, MessageId, StepKey
from segue.domain.public_links import MessageLink
from segue.domain.sequence import FIRST_VARIANT
from segue.features.mail.hand_off import Held, Result
from segue.features.mail.links import store_links
from segue.providers.mail.base import Accepted, EvidenceFound, Outgoing, Scope, TryLater

DOUBT = timedelta(minutes=11)
"""How long after its hand-off a mail may still be accepted: T_settle (`engine.T_SETTLE_S`, and `COUNTS_AT` in db/functions.py)."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A message built but not yet stored."""

    enrollment_id: EnrollmentId
    step_key: StepKey
    generation: int
    contact_id: int
    mailbox_id: MailboxId
    user_id: int
    first_email: bool
    version: int
    timezone: str
    sender: str
    recipient: str
    recipient_normal: str
    subject: str
    base_subject: str
    message_id: str
    key: str
    in_reply_to: str
    references: tuple[str, ...]
    wire: bytes
    links: tuple[MessageLink, ...] = ()
    """Addresses of ours that stand in it."""
    variant: int = FIRST_VARIANT
    capped_domain: str | None = None


def prepare(tx: Tx, drafts: Sequence[Draft]) -> dict[EnrollmentId, MessageId]:
    """Store messages in state `sending`, leased; one statement for any number.

    A row of the same K that never reached the wire is taken over with the new bytes; any other row of this K keeps the message out of the
    result.
    """
    if not drafts:
        return {}
    rows = tx.all(INSERT, {"now": tx.now, "lease": tx.db.lease_s, **_columns(drafts)})
    stored = {EnrollmentId(r["enrollment_id"]): MessageId(r["id"]) for r in rows}
    store_ids(
        tx,
        [
            (stored[d.enrollment_id], kind, value)
            for d in drafts
            if d.enrollment_id in stored
            for kind, value in (("id", d.message_id), ("key", d.key))
        ],
    )
    store_links(tx, [(stored[d.enrollment_id], d.links) for d in drafts if d.enrollment_id in stored])
    return stored


def _columns(drafts: Sequence[Draft]) -> dict[str, list[Any]]:
    return {
        "enrollment": [d.enrollment_id for d in drafts],
        "step": [d.step_key for d in drafts],
        "generation": [d.generation for d in drafts],
        "contact": [d.contact_id for d in drafts],
        "mailbox": [d.mailbox_id for d in drafts],
        "user": [d.user_id for d in drafts],
        "first": [d.first_email for d in drafts],
        "version": [d.version for d in drafts],
        "zone": [d.timezone for d in drafts],
        "sender": [d.sender for d in drafts],
        "recipient": [d.recipient for d in drafts],
        "normal": [d.recipient_normal for d in drafts],
        "subject": [d.subject for d in drafts],
        "base": [d.base_subject for d in drafts],
        "message": [d.message_id for d in drafts],
        "key": [d.key for d in drafts],
        "reply": [d.in_reply_to for d in drafts],
        "refs": [" ".join(d.references) for d in drafts],
        "wire": [d.wire for d in drafts],
        "variant": [d.variant for d in drafts],
        "capped": [d.capped_domain for d in drafts],
    }


def take_again(tx: Tx, messages: Iterable[MessageId]) -> set[MessageId]:
    """Take queued messages for another try: same K, id and bytes (MAIL-40). Returns those that were still queued."""
    rows = tx.all(
        """UPDATE messages AS m SET state = 'sending', lease_until = clock_timestamp() + make_interval(secs => %(lease)s),
             timezone = (SELECT e.timezone FROM enrollments AS e WHERE e.workspace_id = %(ws)s AND e.id = m.enrollment_id)
           WHERE m.workspace_id = %(ws)s AND m.id = ANY(%(ids)s) AND m.state IN ('queued', 'withdrawn') RETURNING m.id""",
        {"ids": list(messages), "lease": tx.db.lease_s},
    )
    return {MessageId(row["id"]) for row in rows}


def load_outgoing(tx: Tx, messages: Iterable[MessageId]) -> dict[MessageId, Outgoing]:
    """Return the stored bytes of messages."""
    ids = sorted(messages)
    if not ids:
        return {}
    rows = tx.all(
        "SELECT id, wire, sender, recipient, message_id, key FROM messages WHERE workspace_id = %(ws)s AND id = ANY(%(ids)s)", {"ids": ids}
    )
    return {MessageId(r["id"]): Outgoing(bytes(r["wire"]), r["sender"], r["recipient"], r["message_id"], r["key"]) for r in rows}


def settle_accepted(tx: Tx, results: Sequence[Result]) -> dict[MessageId, str]:
    """Store acceptances and return their subjects. A second one of the same K violates a unique index and fails the transaction (H11).

    A late acceptance counts from whatever state the row has been put in since, as long as the attempt is the same.
    """
    accepted = [(r, r.outcome) for r in results if isinstance(r.outcome, Accepted)]
    if not accepted:
        return {}
    rows = tx.all(
        """UPDATE messages AS m SET state = 'sent', accepted_at = given.at, handed_at = COALESCE(m.handed_at, given.at), lease_until = NULL,
               outcome = given.reply, observed_id = given.observed
           FROM unnest(%(ids)s::bigint[], %(attempts)s::int[], %(ats)s::timestamptz[], %(replies)s::text[], %(observed)s::text[])
             AS given(id, attempt, at, reply, observed)
           WHERE m.workspace_id = %(ws)s AND m.id = given.id AND m.attempt = given.attempt
             AND m.state IN ('in_doubt', 'unknown', 'queued', 'sending')
           RETURNING m.id, m.enrollment_id, m.step_key, m.generation, m.subject, given.at""",
        {
            "ids": [r.sending.id for r, _ in accepted],
            "attempts": [r.attempt for r, _ in accepted],
            "ats": [r.at for r, _ in accepted],
            "replies": [a.reply[:500] for _, a in accepted],
            "observed": [observed_among(a.ids) for _, a in accepted],
        },
    )
    _insert_accepted(tx, rows)
    store_ids(tx, [(r.sending.id, kind, value) for r, a in accepted for kind, value in a.ids])
    return {MessageId(row["id"]): row["subject"] for row in rows}


def settle_otherwise(tx: Tx, changes: Sequence[tuple[Result, str, str]]) -> set[MessageId]:
    """Store what was surely not accepted, as (result, new state, words). The quota is given back (MAIL-40).

    A result that never reached `in_doubt` has attempt 0 and leaves state `sending`; any other leaves `in_doubt` of its own attempt. The 48
    hours of MAIL-40 begin with the recipient's first answer, not with an attempt that a crash cut short.
    """
    if not changes:
        return set()
    rows = tx.all(
        """UPDATE messages AS m SET state = given.state, outcome = given.words, handed_at = NULL, lease_until = NULL,
             first_tried_at = CASE WHEN given.answered THEN COALESCE(m.first_tried_at, %(now)s) ELSE m.first_tried_at END
           FROM unnest(%(ids)s::bigint[], %(attempts)s::int[], %(states)s::text[], %(words)s::text[], %(answered)s::bool[])
             AS given(id, attempt, state, words, answered)
           WHERE m.workspace_id = %(ws)s AND m.id = given.id
             AND ((given.attempt = 0 AND m.state = 'sending') OR (given.attempt > 0 AND m.state = 'in_doubt' AND m.attempt = given.attempt))
           RETURNING m.id""",
        {
            "ids": [r.sending.id for r, _, _ in changes],
            "attempts": [0 if isinstance(r.outcome, Held) else r.attempt for r, _, _ in changes],
            "states": [state for _, state, _ in changes],
            "words": [words[:500] for _, _, words in changes],
            "answered": [isinstance(r.outcome, TryLater) and r.outcome.scope is not Scope.MAILBOX for r, _, _ in changes],
            "now": tx.now,
        },
    )
    return {MessageId(row["id"]) for row in rows}


def release_in_doubt(tx: Tx, messages: Sequence[MessageId]) -> None:
    """End the lease of undecided messages, so that `recover` looks at them as soon as evidence can be trusted."""
    if messages:
        tx.run(
            "UPDATE messages SET lease_until = clock_timestamp() WHERE workspace_id = %(ws)s AND id = ANY(%(ids)s) AND state = 'in_doubt'",
            {"ids": list(messages)},
        )


def find_tried_since(tx: Tx, messages: Sequence[MessageId]) -> dict[MessageId, tuple[int, datetime | None]]:
    """Return how often each message has been tried, and since when it is being put off, for the back-off of MAIL-40."""
    rows = tx.all(
        "SELECT id, attempt - free_attempts AS attempt, first_tried_at FROM messages WHERE workspace_id = %(ws)s AND id = ANY(%(ids)s)",
        {"ids": list(messages)},
    )
    return {MessageId(r["id"]): (r["attempt"], r["first_tried_at"]) for r in rows}


def begin_anew(tx: Tx, messages: Sequence[MessageId]) -> None:
    """Let tries and the 48 hours of MAIL-40 begin with the next one: what lies between is a person's time or the mailbox's failure."""
    if messages:
        tx.run(
            "UPDATE messages SET first_tried_at = NULL, free_attempts = attempt WHERE workspace_id = %(ws)s AND id = ANY(%(ids)s)",
            {"ids": list(messages)},
        )


# --- recovery -----------------------------------------------------------------------------------------------------------------------


def list_recoverable(tx: Tx, *, settle_after_s: float, most: int = 100) -> list[dict[str, Any]]:
    """Return open messages whose lease is over and, where in doubt, whose evidence can be trusted by now (T_settle)."""
    return tx.all(
        """SELECT m.id, m.enrollment_id, m.step_key, m.generation, m.mailbox_id, m.state, m.attempt, m.sender, m.recipient, m.message_id,
               m.key, m.wire, m.handed_at, m.contact_id, m.subject
           FROM messages AS m
           WHERE m.workspace_id = %(ws)s AND m.state IN ('sending', 'in_doubt') AND m.lease_until < clock_timestamp()
             AND (m.state = 'sending' OR m.attempted_at < clock_timestamp() - make_interval(secs => %(settle)s))
           ORDER BY m.lease_until LIMIT %(most)s""",
        {"settle": settle_after_s, "most": most},
    )


def recover_unsent(tx: Tx, message: MessageId) -> bool:
    """Put a message that never reached the wire back into the queue."""
    return bool(
        tx.run(
            """UPDATE messages SET state = 'queued', lease_until = NULL
               WHERE workspace_id = %(ws)s AND id = %(id)s AND state = 'sending' AND lease_until < clock_timestamp()""",
            {"id": message},
        )
    )


def begin_doubt_anew(tx: Tx, message: MessageId, attempt: int) -> None:
    """Count T_settle of a mail whose sender still holds its fence from now: frozen before the dot, it may yet send (H8).

    Its evidence, its place in the limits and the delay after it follow, so that none comes too early (S1, S6, S7).
    """
    tx.run(
        """UPDATE messages SET attempted_at = clock_timestamp(), handed_at = %(now)s
           WHERE workspace_id = %(ws)s AND id = %(id)s AND state = 'in_doubt' AND attempt = %(attempt)s""",
        {"id": message, "attempt": attempt, "now": tx.now},
    )


def recover_in_doubt(tx: Tx, message: MessageId, attempt: int, found: EvidenceFound, *, latest: datetime) -> str:
    """Store what the evidence says; return the new state, empty when somebody else was faster (reliability.md §1, recover).

    `latest`: when it was accepted at the latest. Delays and limits count from there, so that neither can be too early (S6, S7).
    """
    state = {"found": "sent", "absent": "queued", "cannot_tell": "unknown"}[found.evidence.value]
    rows = tx.all(
        """UPDATE messages SET state = %(state)s, lease_until = NULL, accepted_at = CASE WHEN %(state)s = 'sent' THEN %(latest)s END,
               handed_at = CASE WHEN %(state)s = 'queued' THEN NULL ELSE handed_at END, observed_id = %(observed)s
           WHERE workspace_id = %(ws)s AND id = %(id)s AND state = 'in_doubt' AND attempt = %(attempt)s
           RETURNING id, enrollment_id, step_key, generation, accepted_at AS at""",
        {"id": message, "attempt": attempt, "state": state, "observed": observed_among(found.ids), "latest": latest},
    )
    if rows and state == "sent":
        _insert_accepted(tx, rows)
        store_ids(tx, [(message, kind, value) for kind, value in found.ids])
    return state if rows else ""


def was_answered(tx: Tx, message: MessageId) -> bool:
    """Say whether mail that names this message has arrived: somebody has it, so it was accepted (H9). A guess by address proves nothing."""
    row = tx.one(
        """SELECT 1 AS one FROM inbound_messages
           WHERE workspace_id = %(ws)s AND answers_message_id = %(id)s AND kind IN ('human', 'auto_reply', 'challenge') LIMIT 1""",
        {"id": message},
    )
    return row is not None


def decide_unknown(tx: Tx, message: MessageId, choice: str) -> dict[str, Any] | None:
    """Store what a person says of an unknown message: was_sent, send_again or skip (SEQ-99); None when it is not unknown (any more)."""
    state = {"was_sent": "sent", "send_again": "skipped", "skip": "skipped"}[choice]
    rows = tx.all(
        """UPDATE messages SET state = %(state)s, outcome = %(choice)s,
             accepted_at = CASE WHEN %(state)s = 'sent' THEN LEAST(handed_at + %(doubt)s, %(now)s) END
           WHERE workspace_id = %(ws)s AND id = %(id)s AND state = 'unknown'
           RETURNING id, enrollment_id, step_key, generation, accepted_at AS at, contact_id""",
        {"id": message, "state": state, "choice": choice, "doubt": DOUBT, "now": tx.now},
    )
    if rows and state == "sent":
        _insert_accepted(tx, rows)
    return rows[0] if rows else None


def learn_ids(tx: Tx, message: MessageId, ids: Sequence[tuple[str, str]]) -> None:
    """Store ids read back from the Sent copy or learnt from an answer (MAIL-13).

    The observed Message-ID is what follow-ups answer (MAIL-11).
    """
    observed = observed_among(ids)
    if observed:
        tx.run(
            "UPDATE messages SET observed_id = %(observed)s WHERE workspace_id = %(ws)s AND id = %(id)s AND message_id <> %(observed)s",
            {"id": message, "observed": observed},
        )
    store_ids(tx, [(message, kind, value) for kind, value in ids])


def observed_among(ids: Sequence[tuple[str, str]]) -> str:
    """Return the Message-ID under which a mail was seen, of (kind, id) pairs; empty when it was not (MAIL-11)."""
    return next((value for kind, value in ids if kind == "observed"), "")


def _insert_accepted(tx: Tx, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        tx.run(
            """WITH given AS (
                 SELECT * FROM unnest(%(e)s::bigint[], %(s)s::text[], %(g)s::int[], %(m)s::bigint[], %(at)s::timestamptz[])
                   AS x(enrollment_id, step_key, generation, message_id, at)),
               counted AS (
                 INSERT INTO accepted (workspace_id, enrollment_id, step_key, generation, message_id, accepted_at)
                 SELECT %(ws)s, * FROM given)
               INSERT INTO hour_log (workspace_id, contact_id, message_id, handed_minute)
               SELECT %(ws)s, m.contact_id, m.id, floor(extract(epoch FROM given.at) / 60)::int
               FROM given JOIN messages AS m ON m.workspace_id = %(ws)s AND m.id = given.message_id ON CONFLICT DO NOTHING""",
            {
                "e": [r["enrollment_id"] for r in rows],
                "s": [r["step_key"] for r in rows],
                "g": [r["generation"] for r in rows],
                "m": [r["id"] for r in rows],
                "at": [r["at"] for r in rows],
            },
        )


def store_ids(tx: Tx, ids: Sequence[tuple[MessageId, str, str]]) -> None:
    """Store ids, given as (message, kind, id), without angle brackets and in one namespace: an answer may quote any of them (MAIL-13)."""
    if ids:
        tx.run(
            """INSERT INTO message_aliases (workspace_id, kind, value, message_id)
               SELECT %(ws)s, * FROM unnest(%(kinds)s::text[], %(values)s::text[], %(messages)s::bigint[]) ON CONFLICT DO NOTHING""",
            {
                "kinds": ["key" if kind == "key" else "thread" if kind == "thread" else "id" for _, kind, _ in ids],
                "values": [value.strip().strip("<>") for _, _, value in ids],
                "messages": [message for message, _, _ in ids],
            },
        )


INSERT = """
    INSERT INTO messages (workspace_id, enrollment_id, step_key, generation, contact_id, mailbox_id, user_id, state, first_email, version,
        timezone, sender, recipient, recipient_normal, subject, base_subject, message_id, key, in_reply_to, reference_ids, wire,
        variant, capped_domain, lease_until, created_at)
    SELECT %(ws)s, d.enrollment, d.step, d.generation, d.contact, d.mailbox, d.usr, 'sending', d.first, d.version, d.zone, d.sender,
        d.recipient, d.normal, d.subject, d.base, d.message, d.key, d.reply, string_to_array(d.refs, ' '), d.wire, d.variant, d.capped,
        clock_timestamp() + make_interval(secs => %(lease)s), %(now)s
    FROM unnest(%(enrollment)s::bigint[], %(step)s::text[], %(generation)s::int[], %(contact)s::bigint[], %(mailbox)s::bigint[],
        %(user)s::bigint[], %(first)s::bool[], %(version)s::int[], %(zone)s::text[], %(sender)s::text[], %(recipient)s::text[],
        %(normal)s::text[], %(subject)s::text[], %(base)s::text[], %(message)s::text[], %(key)s::text[], %(reply)s::text[],
        %(refs)s::text[], %(wire)s::bytea[], %(variant)s::smallint[], %(capped)s::text[])
      AS d(enrollment, step, generation, contact, mailbox, usr, first, version, zone, sender, recipient, normal, subject, base,
        message, key, reply, refs, wire, variant, capped)
    ON CONFLICT (workspace_id, enrollment_id, step_key, generation) DO UPDATE
      SET state = 'sending', subject = EXCLUDED.subject, base_subject = EXCLUDED.base_subject, in_reply_to = EXCLUDED.in_reply_to,
          reference_ids = EXCLUDED.reference_ids, wire = EXCLUDED.wire, variant = EXCLUDED.variant, first_email = EXCLUDED.first_email,
          version = EXCLUDED.version, timezone = EXCLUDED.timezone, capped_domain = EXCLUDED.capped_domain,
          lease_until = EXCLUDED.lease_until
      WHERE messages.state IN ('queued', 'withdrawn') AND messages.attempt = 0
    RETURNING id, enrollment_id
"""
