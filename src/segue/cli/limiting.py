"""`segue mailbox set`: the limits of a connected mailbox."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

import typer

from segue.cli.opening import open_segue
from segue.cli.options import Common
from segue.cli.screen import Screen, pairs, sentence
from segue.domain.ids import MailboxId
from segue.domain.limits import FREE_GMAIL_PER_DAY
from segue.features.mail.connect import get_mailbox
from segue.features.mail.limits_set import NewLimits, set_limits
from segue.features.mail.quota import is_free_gmail


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLimits(Common):
    address: Annotated[str, typer.Argument(help="A connected mailbox.")]
    per_day: Annotated[int | None, typer.Option(help="Mails in any 24 hours, 1 to 10,000; free Gmail stays at 350.")] = None
    share: Annotated[int | None, typer.Option(help="Percent of it that sequences may use, 50 to 100.")] = None
    per_minute: Annotated[int | None, typer.Option(help="Mails in a clock minute, 1 to 60.")] = None
    spacing: Annotated[int | None, typer.Option(help="Least seconds between two mails.", min=0, max=600)] = None
    jitter: Annotated[int | None, typer.Option(help="Seconds added by chance.", min=0, max=120)] = None
    warm_up: Annotated[bool | None, typer.Option("--warm-up/--no-warm-up", help="Send less in the first 30 days.")] = None


def set_mailbox(options: SetLimits, screen: Screen) -> None:
    """Change the limits of a mailbox, those that are given and no other. They count from the next mail on."""
    new = NewLimits(
        options.per_day, options.share, options.per_minute, _seconds(options.spacing), _seconds(options.jitter), options.warm_up
    )
    with open_segue(options) as segue, segue.tx() as tx:
        set_limits(tx, MailboxId(get_mailbox(tx, options.address)["id"]), new)
        row = get_mailbox(tx, options.address)
    names = ("per_day", "sequence_share", "per_minute", "spacing", "jitter", "warm_up")
    shown: dict[str, Any] = {name: row[name] for name in names}
    capped = is_free_gmail(row["address_normal"]) and row["per_day"] > FREE_GMAIL_PER_DAY
    screen.show(
        {"address": row["address"], **shown, "in_force_per_day": FREE_GMAIL_PER_DAY if capped else row["per_day"]},
        sentence(row["address"], "bold"),
        pairs((name.replace("_", " ").capitalize(), value) for name, value in shown.items()),
        *([sentence(f"A free Gmail account stays at {FREE_GMAIL_PER_DAY} mails in 24 hours.", "yellow")] if capped else []),
    )


def _seconds(given: int | None) -> timedelta | None:
    return None if given is None else timedelta(seconds=given)
