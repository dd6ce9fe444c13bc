"""The limits of a mailbox as numbers for the gate (SEQ-85…94)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from segue.db import claim
from segue.db.tx import Tx
from segue.domain.free_mail import FREE_MAIL_DOMAINS
from segue.domain.ids import MailboxId
from segue.domain.limits import DAY, MAILS_PER_ADDRESS, MailboxLimits, effective_per_day, room_beside
from segue.features.mail.hand_off import GateLimits
from segue.features.mail.mail_rules import get_mail_rules

ROOM_LOOK = timedelta(hours=1)
"""How long first emails are held at most before their room is looked for again: follow-ups may have been stopped meanwhile."""


def limits_of(row: dict[str, Any]) -> MailboxLimits:
    """Return the limits that a mailbox row joined with its user (`user_per_day`) stands for."""
    return MailboxLimits(
        per_day=effective_per_day(row["per_day"], free_gmail=is_free_gmail(row["mailbox_normal"])),
        sequence_share=row["sequence_share"] / 100,
        per_minute=row["per_minute"],
        spacing=row["spacing"],
        jitter=row["jitter"],
        warm_up_from=row["connected_at"].astimezone(UTC).date() if row["warm_up"] else None,
        user_per_day=row["user_per_day"],
        repaired_at=row["repaired_at"],
    )


def is_free_gmail(address_normal: str) -> bool:
    """Say whether a mailbox is a consumer's Gmail, which nothing lifts above 350 mails in 24 hours (SEQ-87)."""
    return address_normal.rpartition("@")[2] in ("gmail.com", "googlemail.com")


LIMIT_COLUMNS = """b.per_day, b.sequence_share, b.per_minute, b.spacing, b.jitter, b.warm_up, b.connected_at, b.repaired_at,
    b.address_normal AS mailbox_normal,
    u.per_day AS user_per_day"""
"""What `limits_of` needs, with `b` the mailbox and `u` its sender."""


@dataclass(frozen=True, slots=True)
class Caps:
    """The workspace's caps on mails to one address and to one company domain in 24 hours; 0: no cap (SEQ-94)."""

    address_per_day: int = MAILS_PER_ADDRESS
    domain_per_day: int = 0
    address_shared: bool = False
    """Other sequences may write to the address too, so that 24 hours lie between two mails (SEQ-141)."""

    @property
    def address_most(self) -> int:
        """Return how many mails one address may get in 24 hours."""
        return 1 if self.address_shared else self.address_per_day

    def capped_domain(self, address_normal: str) -> str | None:
        """Return the domain whose mails are counted; None without a cap and at free-mail domains, where everybody has an address."""
        domain = address_normal.rpartition("@")[2]
        return domain if self.domain_per_day and domain not in FREE_MAIL_DOMAINS else None

    def of(self, address_normal: str) -> list[tuple[str, int]]:
        """Return what a mail to this address counts against: the address, and where it is capped its domain, each with its cap."""
        domain = self.capped_domain(address_normal)
        return [(address_normal, self.address_most), *([(domain, self.domain_per_day)] if domain else [])]


def load_caps(tx: Tx) -> Caps:
    """Return the caps as they are set now."""
    row = tx.one("SELECT settings FROM workspaces WHERE workspace_id = %(ws)s", {})
    given = row["settings"] if row else {}
    return Caps(int(given.get("address_per_day", MAILS_PER_ADDRESS)), int(given.get("domain_per_day", 0)))


def gate_limits(limits: MailboxLimits, at: datetime, sending_days: int, caps: Caps, by_hand: Sequence[datetime] = ()) -> GateLimits:
    """Return what the gate counts against at this instant; `by_hand` as `load_by_hand` gives it."""
    return GateLimits(
        per_day=limits.sequence_cap(at, sending_days, len(by_hand)),
        by_hand_frees_at=by_hand[0] + DAY if by_hand else None,
        per_minute=limits.per_minute,
        spacing=limits.spacing_at(at),
        user_per_day=limits.user_per_day,
        address_per_day=caps.address_most,
        address_shared=caps.address_shared,
        domain_per_day=caps.domain_per_day,
    )


def load_by_hand(tx: Tx, mailboxes: Iterable[int]) -> dict[int, tuple[datetime, ...]]:
    """Return when mails of the last 24 hours were written by hand, sorted, by mailbox; none where they do not count (SEQ-93).

    Such a mail is known once its Sent folder was read: within a minute or two, and never under the gate's locks.
    """
    wanted = sorted(set(mailboxes))
    if not wanted or not get_mail_rules(tx).count_by_hand:
        return {}
    found: dict[int, tuple[datetime, ...]] = {}
    for row in tx.all(
        """SELECT mailbox_id, array_agg(sent_at ORDER BY sent_at) AS at FROM hand_sent_mails
           WHERE workspace_id = %(ws)s AND mailbox_id = ANY(%(ids)s) AND sent_at > %(from)s GROUP BY mailbox_id""",
        {"ids": wanted, "from": tx.now - DAY},
    ):
        found[row["mailbox_id"]] = tuple(row["at"])
    return found


def load_sending_days(tx: Tx, mailboxes: Iterable[int]) -> dict[int, int]:
    """Return, for mailboxes that warm up, on how many dates before today each has sent (SEQ-92)."""
    wanted = sorted(set(mailboxes))
    if not wanted:
        return {}
    today = tx.now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = tx.all(
        """SELECT mailbox_id, count(DISTINCT (handed_at AT TIME ZONE 'UTC')::date) AS days FROM messages
           WHERE workspace_id = %(ws)s AND mailbox_id = ANY(%(ids)s) AND handed_at < %(today)s AND handed_at > %(from)s
           GROUP BY mailbox_id""",
        {"ids": wanted, "today": today, "from": today - timedelta(days=31)},
    )
    return {row["mailbox_id"]: row["days"] for row in rows}


@dataclass(frozen=True, slots=True)
class Firsts:
    """First emails of one mailbox that are about to be sent: how many, and the limit of its sequence mail."""

    count: int
    cap: int


def keep_room(tx: Tx, wanted: Mapping[MailboxId, Firsts]) -> dict[MailboxId, int]:
    """Say how many first emails may go now where room is short: follow-ups planned in the next 24 hours come first (SEQ-97).

    Mailboxes with room for all are not in the answer. The lanes of the others are told when to look at first emails again.
    """
    if not wanted:
        return {}
    ids = sorted(wanted)
    span = {"from": tx.now - DAY, "to": tx.now + DAY}
    given = {"ids": ids, "caps": [wanted[m].cap for m in ids], "counts": [wanted[m].count for m in ids]}
    tight = [MailboxId(row["mailbox_id"]) for row in tx.all(TIGHT, {**span, **given})]
    allowed: dict[MailboxId, int] = {}
    held: dict[MailboxId, datetime] = {}
    for row in tx.all(AROUND, {**span, "ids": tight, "caps": [wanted[m].cap for m in tight]}) if tight else ():
        mailbox = MailboxId(row["mailbox_id"])
        sent, allowed[mailbox] = list(row["sent"]), 0
        while (room := room_beside(sent, row["planned"], wanted[mailbox].cap, tx.now)) <= tx.now:
            if allowed[mailbox] == wanted[mailbox].count:
                break
            allowed[mailbox] += 1
            sent.append(tx.now)
        if allowed[mailbox] < wanted[mailbox].count:
            held[mailbox] = min(room, tx.now + ROOM_LOOK)
    claim.hold_firsts(tx, held)
    return allowed


# Follow-ups that are due within 24 hours, class by class as the claim reads them; of each class no more than the limit matters.
PLANNED = """
    SELECT e.due_at FROM unnest(ARRAY[0, 1]::smallint[]) AS class(priority)
    CROSS JOIN LATERAL (
        SELECT due_at FROM enrollments
        WHERE workspace_id = %(ws)s AND mailbox_id = given.mailbox_id AND priority = class.priority AND priority < 3
          AND due_at IS NOT NULL AND due_at <= %(to)s ORDER BY due_at LIMIT given.cap) AS e
"""

TIGHT = f"""
    SELECT given.mailbox_id FROM unnest(%(ids)s::bigint[], %(caps)s::int[], %(counts)s::int[]) AS given(mailbox_id, cap, count)
    CROSS JOIN LATERAL (SELECT count(*) AS n FROM ({PLANNED}) AS p) AS planned
    CROSS JOIN LATERAL (
        SELECT count(*) AS n FROM messages WHERE workspace_id = %(ws)s AND mailbox_id = given.mailbox_id AND handed_at > %(from)s) AS gone
    WHERE planned.n > 0 AND planned.n + gone.n + given.count > given.cap
"""

AROUND = f"""
    SELECT given.mailbox_id,
        ARRAY(SELECT GREATEST(handed_at, accepted_at) AS at FROM messages
              WHERE workspace_id = %(ws)s AND mailbox_id = given.mailbox_id AND handed_at > %(from)s ORDER BY at) AS sent,
        ARRAY(SELECT due_at FROM ({PLANNED}) AS p ORDER BY due_at) AS planned
    FROM unnest(%(ids)s::bigint[], %(caps)s::int[]) AS given(mailbox_id, cap)
"""
