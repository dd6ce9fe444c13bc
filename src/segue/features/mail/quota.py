"""The limits of a mailbox as numbers for the gate (SEQ-85…94)."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from segue.db.tx import Tx
from segue.domain.limits import MailboxLimits
from segue.features.mail.hand_off import GateLimits


def limits_of(row: dict[str, Any]) -> MailboxLimits:
    """Return the limits that a mailbox row joined with its user (`user_per_day`) stands for."""
    return MailboxLimits(
        per_day=row["per_day"],
        sequence_share=row["sequence_share"] / 100,
        per_minute=row["per_minute"],
        spacing=row["spacing"],
        jitter=row["jitter"],
        warm_up_from=row["connected_at"].astimezone(UTC).date() if row["warm_up"] else None,
        user_per_day=row["user_per_day"],
    )


def gate_limits(limits: MailboxLimits, at: datetime, sending_days: int, address_per_day: int = 3) -> GateLimits:
    """Return what the gate counts against at this instant."""
    return GateLimits(
        per_day=limits.sequence_cap(at, sending_days),
        per_minute=limits.per_minute,
        spacing=limits.spacing_at(at),
        user_per_day=limits.user_per_day,
        address_per_day=address_per_day,
    )


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
