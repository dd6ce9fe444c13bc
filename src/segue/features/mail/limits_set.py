"""Changing the limits of a connected mailbox (SEQ-87, SEQ-89…92)."""

from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any

from segue.db.tx import Tx
from segue.domain.account_events import SettingsChanged
from segue.domain.errors import Invalid
from segue.domain.ids import MailboxId
from segue.features.mail.connect import UNSPACED_BURST


@dataclass(frozen=True, slots=True)
class NewLimits:
    """What is to change; None stays as it is. `sequence_share` in percent."""

    per_day: int | None = None
    sequence_share: int | None = None
    per_minute: int | None = None
    spacing: timedelta | None = None
    jitter: timedelta | None = None
    warm_up: bool | None = None


RANGES = {"per_day": (1, 10_000), "sequence_share": (50, 100), "per_minute": (1, 60)}
"""SEQ-87, SEQ-89, SEQ-90."""
LONGEST = {"spacing": timedelta(seconds=600), "jitter": timedelta(seconds=120)}
"""SEQ-91."""


def set_limits(tx: Tx, mailbox_id: MailboxId, new: NewLimits) -> None:
    """Change the limits that are given. They count from the next mail on.

    Raises:
        Invalid: a value lies outside its range.
    """
    given = {each.name: getattr(new, each.name) for each in fields(new) if getattr(new, each.name) is not None}
    for name, (least, most) in RANGES.items():
        if name in given and not least <= given[name] <= most:
            raise Invalid(f"{given[name]:,} is outside {least:,} to {most:,}.", hint="Choose a value within.", field=name)
    for name, longest in LONGEST.items():
        if name in given and not timedelta(0) <= given[name] <= longest:
            said = f"{given[name].total_seconds():,.0f} seconds are outside 0 to {longest.total_seconds():,.0f}."
            raise Invalid(said, hint="Choose a value within.", field=name)
    if not given:
        return
    _write(tx, mailbox_id, given)
    if new.spacing is not None:
        tx.run(
            "UPDATE mailbox_lanes SET burst = %(burst)s WHERE workspace_id = %(ws)s AND mailbox_id = %(id)s",
            {"id": mailbox_id, "burst": UNSPACED_BURST if new.spacing <= timedelta(0) else 1},
        )
    # A slot that an old, tighter limit gave is looked at anew.
    tx.run(
        """UPDATE mailbox_lanes SET next_slot_at = LEAST(next_slot_at, %(now)s), ready_at = LEAST(ready_at, %(now)s), firsts_from = NULL
           WHERE workspace_id = %(ws)s AND mailbox_id = %(id)s""",
        {"id": mailbox_id, "now": tx.now},
    )


def _write(tx: Tx, mailbox_id: MailboxId, given: dict[str, Any]) -> None:
    row = tx.one("SELECT * FROM mailboxes WHERE workspace_id = %(ws)s AND id = %(id)s", {"id": mailbox_id})
    if row is not None:
        after = {name: value for name, value in given.items() if row[name] != value}
        if after:
            before = {name: _plain(row[name]) for name in after}
            tx.record(SettingsChanged(of=row["address"], before=before, after={name: _plain(value) for name, value in after.items()}))
    tx.run(
        """UPDATE mailboxes SET per_day = COALESCE(%(per_day)s, per_day), sequence_share = COALESCE(%(sequence_share)s, sequence_share),
             per_minute = COALESCE(%(per_minute)s, per_minute), spacing = COALESCE(%(spacing)s, spacing),
             jitter = COALESCE(%(jitter)s, jitter), warm_up = COALESCE(%(warm_up)s, warm_up)
           WHERE workspace_id = %(ws)s AND id = %(id)s""",
        {**dict.fromkeys((each.name for each in fields(NewLimits)), None), **given, "id": mailbox_id},
    )


def _plain(value: Any) -> Any:
    """Return a value as the audit log holds it: durations in seconds."""
    return value.total_seconds() if isinstance(value, timedelta) else value
