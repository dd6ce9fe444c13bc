"""`segue mailbox forecast`: what goes from each mailbox on the next 14 days, beside its limit."""

from dataclasses import dataclass
from typing import Annotated, Any

import typer
from rich.text import Text

from segue.cli.opening import open_segue
from segue.cli.options import Common
from segue.cli.screen import Maker, Screen, cell, sentence, table, when
from segue.domain.day_forecast import Day
from segue.domain.ids import MailboxId
from segue.features.enrollments.forecast import DAYS, Outlook, list_outlooks
from segue.features.mail.connect import get_mailbox

BAR = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast(Common):
    address: Annotated[str, typer.Argument(help="A connected mailbox; all of them if left out.")] = ""
    days: Annotated[int, typer.Option(help="So many days from today.", min=1, max=90)] = DAYS


def forecast(options: Forecast, screen: Screen) -> None:
    """Show what each mailbox has sent and will send on the next days, beside its limit for sequences.

    Paused enrollments count as if they were resumed now. Days that fill 80 % of the limit are marked.
    """
    with open_segue(options) as segue, segue.tx() as tx:
        mailbox = MailboxId(get_mailbox(tx, options.address)["id"]) if options.address else None
        outlooks = list_outlooks(tx, mailbox_id=mailbox, days=options.days)
    screen.show(
        {"mailboxes": [_json(each) for each in outlooks]},
        *(maker for each in outlooks for maker in _draw(each)),
        *([] if outlooks else [sentence("No mailbox is connected; `segue mailbox add ADDRESS` connects one.", "dim")]),
    )


def _json(outlook: Outlook) -> dict[str, Any]:
    return {
        "address": outlook.mailbox["address"],
        "limit": outlook.limit,
        "sent_24h": outlook.sent_24h,
        "planned_24h": outlook.planned_24h,
        "room": outlook.room,
        "free_at": outlook.free_at,
        "days": [
            {
                "day": day.day,
                "sent": day.sent,
                "follow_ups": day.follow_ups,
                "first_emails": day.firsts,
                "planned": day.planned,
                "waiting": day.waiting,
                "limit": day.limit,
                "warns": day.warns,
            }
            for day in outlook.days
        ],
    }


def _draw(outlook: Outlook) -> list[Maker]:
    said = f"{outlook.sent_24h:,} sent in 24 hours and {outlook.planned_24h:,} planned for the next 24, of {outlook.limit:,}"
    zone = str(outlook.mailbox["user_timezone"])
    full = "" if outlook.room else f"; room for another first email {when(outlook.free_at, zone)}"
    return [
        sentence(outlook.mailbox["address"], "bold"),
        sentence(f"{said}{full}.", "" if outlook.room else "yellow"),
        table(
            ("Day", "#Sent", "#Follow-ups", "#First emails", "#No room", "#Limit", ""),
            (
                (f"{day.day:%a %Y-%m-%d}", day.sent, day.follow_ups, day.firsts, day.waiting or "", day.limit, _bar(day))
                for day in outlook.days
            ),
        ),
    ]


def _bar(day: Day) -> Text:
    share = min(1.0, (day.sent + day.planned) / max(day.limit, 1))
    return cell("█" * round(share * BAR), "bold yellow" if day.warns else "green")
