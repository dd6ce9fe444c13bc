"""`segue workspace show | set`, and what `segue user show | set` say of holidays, absences and links in mails."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

import typer

from segue.cli.link_options import (
    UserLinks,
    WorkspaceLinks,
    change_user,
    change_workspace,
    tracking_words,
    user_document,
    workspace_document,
    workspace_lines,
)
from segue.cli.opening import open_segue
from segue.cli.options import Common, add_command
from segue.cli.screen import Screen, pairs
from segue.db.tx import Tx
from segue.domain.errors import Invalid
from segue.features.workspaces.calendars import (
    calendar_name,
    read_dates,
    set_user_calendar,
    set_workspace_calendar,
    write_dates,
    write_week,
)
from segue.features.workspaces.service import get_workspace, set_enrolling_limits, set_sending_rules

_Dates = list[str] | None


def add_to(app: typer.Typer, name: str, panel: str) -> None:
    group = typer.Typer(help="Working week, holidays and limits of the workspace.", no_args_is_help=True)
    add_command(group, "show", show_workspace)
    add_command(group, "set", set_workspace)
    app.add_typer(group, name=name, rich_help_panel=panel)


class Communicate(StrEnum):
    ALL = "all"
    TEAM = "team"
    OWN = "own"


class OnCreatorLoss(StrEnum):
    UNENROLL = "unenroll"
    ARCHIVE = "archive"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetWorkspace(WorkspaceLinks):
    country: Annotated[str, typer.Option(help="Whose holidays count: two letters, such as DE; none for no calendar.")] = ""
    region: Annotated[str, typer.Option(help="Region of the country, such as BY.")] = ""
    holiday: Annotated[_Dates, typer.Option(help="A date on which nothing goes, or a range.", metavar="DATE[..DATE]")] = None
    no_holiday: Annotated[_Dates, typer.Option(help="A holiday of the calendar on which you work.", metavar="DATE[..DATE]")] = None
    week: Annotated[str, typer.Option(help="Working week, such as mon-fri or sun-thu.")] = ""
    cool_off_days: Annotated[int | None, typer.Option(help="Days after an enrollment before the next.", min=0, max=365)] = None
    breaker: Annotated[str, typer.Option(help="Circuit breakers: on, half-open (tries by itself after a day), off.")] = ""
    address_per_day: Annotated[int | None, typer.Option(help="Mails to one address in 24 hours.", min=1, max=50)] = None
    domain_per_day: Annotated[int | None, typer.Option(help="Mails to one company in 24 hours; 0: any number.", min=0, max=10_000)] = None
    mailbox_dead_days: Annotated[int | None, typer.Option(help="Days until a dead mailbox fails its mail.", min=1, max=60)] = None
    overlap_limit: Annotated[int | None, typer.Option(help="Sequences at once for one address, where they allow it.", min=1, max=5)] = None
    communicate: Annotated[Communicate | None, typer.Option(help="Whose contacts users may write to; all, their team's, their own.")] = None
    company_limit: Annotated[int | None, typer.Option(help="Open enrollments of one company; 0: no limit.", min=0, max=1000)] = None
    on_creator_loss: Annotated[OnCreatorLoss | None, typer.Option(help="What a lost owner's sequences do to those in them.")] = None


def show_workspace(options: Common, screen: Screen) -> None:
    """Show the working week, the holidays and the limits on enrolling."""
    with open_segue(options) as segue, segue.tx() as tx:
        _tell_workspace(tx, screen)


def set_workspace(options: SetWorkspace, screen: Screen) -> None:
    """Change what is given and nothing else. Mails planned for a day that is free now wait for the next one."""
    calendars = _calendars(options.country, options.region)
    added, removed = _dates(options.holiday), _dates(options.no_holiday)
    with open_segue(options) as segue, segue.tx() as tx:
        set_workspace_calendar(tx, calendars=calendars, added=added, removed=removed, week=options.week)
        change_workspace(tx, options)
        loss = options.on_creator_loss.value.upper() if options.on_creator_loss else None
        set_enrolling_limits(
            tx,
            cool_off_days=options.cool_off_days,
            company_limit=options.company_limit,
            communicate=options.communicate.value if options.communicate else None,
            on_creator_loss=loss,
            overlap_limit=options.overlap_limit,
        )
        set_sending_rules(
            tx,
            breaker=options.breaker,
            mailbox_dead_days=options.mailbox_dead_days,
            address_per_day=options.address_per_day,
            domain_per_day=options.domain_per_day,
        )
        _tell_workspace(tx, screen)


def _tell_workspace(tx: Tx, screen: Screen) -> None:
    row = get_workspace(tx)
    document = {
        "name": row["name"],
        "timezone": row["timezone"],
        "country": row["country"],
        "working_week": write_week(row["working_week"]),
        "calendars": row["holiday_calendars"],
        "holidays": write_dates(row["holidays"]),
        "no_holidays": write_dates(row["holidays_removed"]),
        **_enrolling_limits(row["settings"]),
        **workspace_document(row),
        "on_creator_loss": str(row["settings"].get("on_creator_loss", "UNENROLL")).lower(),
        "breaker": str(row["settings"].get("breaker", "on")).replace("_", "-"),
        "address_per_day": int(row["settings"].get("address_per_day", 3)),
        "domain_per_day": int(row["settings"].get("domain_per_day", 0)) or None,
        "mailbox_dead_days": int(row["settings"].get("mailbox_dead_days", 14)),
    }
    screen.show(
        document,
        pairs(
            (
                ("Workspace", row["name"]),
                ("Working week", document["working_week"]),
                *lines("Calendars", document["calendars"]),
                *lines("Holidays added", document["holidays"]),
                *lines("Worked nevertheless", document["no_holidays"]),
                ("Cool-off", f"{document['cool_off_days']} days"),
                ("Users may write to", {"all": "every contact"}.get(document["communicate"], f"{document['communicate']} contacts")),
                ("Company limit; sequences at once", f"{document['company_limit'] or 'none'}; {document['overlap_limit']}"),
                *workspace_lines(document),
                ("When an owner is lost", document["on_creator_loss"]),
                ("Mails to one address in 24 hours", str(document["address_per_day"])),
                ("Mails to one company in 24 hours", str(document["domain_per_day"] or "no limit")),
                ("Circuit breakers", document["breaker"]),
                ("Dead mailbox fails its mail after", f"{document['mailbox_dead_days']} days"),
            )
        ),
    )


def _enrolling_limits(settings: dict[str, Any]) -> dict[str, Any]:
    return {
        "cool_off_days": int(settings.get("cool_off_days", 0)),
        "communicate": settings.get("communicate", "all"),
        "company_limit": int(settings.get("company_limit", 0)) or None,
        "overlap_limit": int(settings.get("overlap_limit", 1)),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class UserCalendar(UserLinks):
    country: Annotated[str, typer.Option(help="Holidays of the sender's own country; none for no calendar.")] = ""
    region: Annotated[str, typer.Option(help="Region of the country, such as BY.")] = ""
    absent: Annotated[_Dates, typer.Option(help="Days of absence.", metavar="DATE[..DATE]")] = None
    present: Annotated[_Dates, typer.Option(help="Takes days of absence back.", metavar="DATE[..DATE]")] = None


def change_user_calendar(tx: Tx, user: int, options: UserCalendar) -> None:
    """Change what is given of a sender's holidays and absences."""
    calendars = _calendars(options.country, options.region)
    set_user_calendar(tx, user, calendars=calendars, absent=_dates(options.absent), present=_dates(options.present))
    change_user(tx, user, options)


def document_of_user_calendar(tx: Tx, user: int) -> dict[str, Any]:
    """Return a sender's zone, holidays, absences and what is counted of their mails."""
    row = tx.one(
        "SELECT email, timezone, holiday_calendars, absences, settings FROM users WHERE workspace_id = %(ws)s AND id = %(id)s", {"id": user}
    )
    assert row is not None
    return {
        "email": row["email"],
        "timezone": row["timezone"],
        "calendars": row["holiday_calendars"],
        "absences": write_dates(row["absences"]),
        **user_document(row["settings"]),
    }


def lines_of_user_calendar(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the same for the screen."""
    return [
        ("Time zone", document["timezone"]),
        *lines("Calendars", document["calendars"]),
        *lines("Absent", document["absences"]),
        ("Tracking", tracking_words(document)),
    ]


def lines(title: str, values: Any) -> list[tuple[str, str]]:
    return [(title, ", ".join(values) or "–")]


def _calendars(country: str, region: str) -> list[str] | None:
    """Return the calendars that are wanted; None where none was named. Raises Invalid."""
    if not country:
        if region:
            raise Invalid("A region needs its country.", hint="Add --country, such as --country DE --region BY.", field="country")
        return None
    return [] if country.strip().lower() == "none" else [calendar_name(country, region)]


def _dates(given: _Dates) -> list[Any]:
    return [day for text in given or () for day in read_dates(text)]
