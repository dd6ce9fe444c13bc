"""`segue workspace show | set` and `segue user show | set`: working week, holidays, absences, limits on enrolling, links in mails."""

from dataclasses import dataclass
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
from segue.cli.screen import Screen, pairs, sentence
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
from segue.features.workspaces.queries import get_user
from segue.features.workspaces.service import get_workspace, set_enrolling_limits

_Dates = list[str] | None


def add_to(app: typer.Typer, name: str, panel: str) -> None:
    of_workspace = name == "workspace"
    help_line = "Working week, holidays and limits of the workspace." if of_workspace else "A sender's holidays and absences."
    group = typer.Typer(help=help_line, no_args_is_help=True)
    if of_workspace:
        add_command(group, "show", show_workspace)
        add_command(group, "set", set_workspace)
    else:
        add_command(group, "show", show_user)
        add_command(group, "set", set_user)
    app.add_typer(group, name=name, rich_help_panel=panel)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetWorkspace(WorkspaceLinks):
    country: Annotated[str, typer.Option(help="Whose holidays count: two letters, such as DE; none for no calendar.")] = ""
    region: Annotated[str, typer.Option(help="Region of the country, such as BY.")] = ""
    holiday: Annotated[_Dates, typer.Option(help="A date on which nothing goes, or a range.", metavar="DATE[..DATE]")] = None
    no_holiday: Annotated[_Dates, typer.Option(help="A holiday of the calendar on which you work.", metavar="DATE[..DATE]")] = None
    week: Annotated[str, typer.Option(help="Working week, such as mon-fri or sun-thu.")] = ""
    cool_off_days: Annotated[int | None, typer.Option(help="Days after an enrollment before the next.", min=0, max=365)] = None
    company_limit: Annotated[int | None, typer.Option(help="Open enrollments of one company; 0: no limit.", min=0, max=1000)] = None


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
        set_enrolling_limits(tx, cool_off_days=options.cool_off_days, company_limit=options.company_limit)
        _tell_workspace(tx, screen)


def _tell_workspace(tx: Tx, screen: Screen) -> None:
    row = get_workspace(tx)
    limit = int(row["settings"].get("company_limit", 0))
    document = {
        "name": row["name"],
        "timezone": row["timezone"],
        "country": row["country"],
        "working_week": write_week(row["working_week"]),
        "calendars": row["holiday_calendars"],
        "holidays": write_dates(row["holidays"]),
        "no_holidays": write_dates(row["holidays_removed"]),
        "cool_off_days": int(row["settings"].get("cool_off_days", 0)),
        "company_limit": limit or None,
        **workspace_document(row),
    }
    screen.show(
        document,
        pairs(
            (
                ("Workspace", row["name"]),
                ("Working week", document["working_week"]),
                *_lines("Calendars", document["calendars"]),
                *_lines("Holidays added", document["holidays"]),
                *_lines("Worked nevertheless", document["no_holidays"]),
                ("Cool-off", f"{document['cool_off_days']} days"),
                ("Company limit", str(limit or "none")),
                *workspace_lines(document),
            )
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowUser(Common):
    user: Annotated[str, typer.Argument(help="Address of the user; by default the first one.")] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUser(UserLinks):
    user: Annotated[str, typer.Argument(help="Address of the user; by default the first one.")] = ""
    country: Annotated[str, typer.Option(help="Holidays of the sender's own country; none for no calendar.")] = ""
    region: Annotated[str, typer.Option(help="Region of the country, such as BY.")] = ""
    absent: Annotated[_Dates, typer.Option(help="Days of absence.", metavar="DATE[..DATE]")] = None
    present: Annotated[_Dates, typer.Option(help="Takes days of absence back.", metavar="DATE[..DATE]")] = None


def show_user(options: ShowUser, screen: Screen) -> None:
    """Show a sender's holidays and absences."""
    with open_segue(options) as segue, segue.tx() as tx:
        _tell_user(tx, get_user(tx, options.user), screen)


def set_user(options: SetUser, screen: Screen) -> None:
    """Change a sender's holidays and absences. Nothing goes from the sender on these days but first emails started by hand."""
    calendars = _calendars(options.country, options.region)
    absent, present = _dates(options.absent), _dates(options.present)
    with open_segue(options) as segue, segue.tx() as tx:
        user = get_user(tx, options.user)
        set_user_calendar(tx, user, calendars=calendars, absent=absent, present=present)
        change_user(tx, user, options)
        _tell_user(tx, user, screen)


def _tell_user(tx: Tx, user: int, screen: Screen) -> None:
    row = tx.one(
        "SELECT email, timezone, holiday_calendars, absences, settings FROM users WHERE workspace_id = %(ws)s AND id = %(id)s", {"id": user}
    )
    assert row is not None
    absences = write_dates(row["absences"])
    links = user_document(row["settings"])
    screen.show(
        {"email": row["email"], "timezone": row["timezone"], "calendars": row["holiday_calendars"], "absences": absences, **links},
        sentence(str(row["email"]), "bold"),
        pairs(
            (
                ("Time zone", row["timezone"]),
                *_lines("Calendars", row["holiday_calendars"]),
                *_lines("Absent", absences),
                ("Tracking", tracking_words(links)),
            )
        ),
    )


def _lines(title: str, values: Any) -> list[tuple[str, str]]:
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
