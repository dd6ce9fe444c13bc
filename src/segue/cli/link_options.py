"""Unsubscribe link and tracking as options of `segue workspace set`, `segue user set` and `segue contacts track`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from segue.cli.options import Acting, Common
from segue.db.tx import Tx
from segue.domain.errors import Invalid
from segue.features.mail.links import SWITCH, UNSUBSCRIBE_WORDS, set_link_settings, set_user_link_settings


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceLinks(Common):
    """What a workspace decides."""

    postal_address: Annotated[str | None, typer.Option(help="Stands below the unsubscribe link in every mail.")] = None
    postal_address_required: Annotated[bool | None, typer.Option(help="Whether sequences need one to be published.")] = None
    unsubscribe_link: Annotated[str | None, typer.Option(help="on, off, or user: each user decides.", metavar="on|off|user")] = None
    unsubscribe_words: Annotated[str | None, typer.Option(help="The words of the link.")] = None
    track_opens: Annotated[bool | None, typer.Option(help="Count opens of HTML mails.")] = None
    track_clicks: Annotated[bool | None, typer.Option(help="Count clicks on links of HTML mails.")] = None
    untracked_country: Annotated[
        list[str] | None, typer.Option(help="Contacts of this country are not tracked; none: no such country.")
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserLinks(Acting):
    """What a user decides."""

    unsubscribe_link: Annotated[bool | None, typer.Option(help="Show the link, where the workspace leaves it to users.")] = None
    track_opens: Annotated[bool | None, typer.Option(help="Count opens of this sender's mails.")] = None
    track_clicks: Annotated[bool | None, typer.Option(help="Count clicks in this sender's mails.")] = None


def change_workspace(tx: Tx, options: WorkspaceLinks) -> None:
    """Store what is given. Raises Invalid."""
    if options.unsubscribe_link not in (None, *SWITCH):
        raise Invalid(f"{options.unsubscribe_link!r} is no choice.", hint="Write on, off or user.", field="unsubscribe-link")
    changed = {name: getattr(options, name) for name in ("postal_address_required", "unsubscribe_link", "track_opens", "track_clicks")}
    countries = options.untracked_country
    changed["untracked_countries"] = None if countries is None else sorted({_country(each) for each in countries} - {""})
    set_link_settings(tx, {**changed, "unsubscribe_words": options.unsubscribe_words}, postal_address=options.postal_address)


def change_user(tx: Tx, user_id: int, options: UserLinks) -> None:
    """Store what is given."""
    names = ("unsubscribe_link", "track_opens", "track_clicks")
    set_user_link_settings(tx, user_id, {name: getattr(options, name) for name in names})


def workspace_document(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a workspace's settings of links and tracking as they hold."""
    settings = row["settings"]
    return {
        "postal_address": row["postal_address"],
        "postal_address_required": settings.get("postal_address_required", True),
        "unsubscribe_link": settings.get("unsubscribe_link", "on"),
        "unsubscribe_words": settings.get("unsubscribe_words") or UNSUBSCRIBE_WORDS,
        "track_opens": settings.get("track_opens", True),
        "track_clicks": settings.get("track_clicks", True),
        "untracked_countries": settings.get("untracked_countries", []),
    }


def workspace_lines(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the same for the screen."""
    return [
        ("Postal address", document["postal_address"] or "–"),
        ("Unsubscribe link", f"{document['unsubscribe_link']}: {document['unsubscribe_words']}"),
        ("Tracking", tracking_words(document)),
        *([("Not tracked", ", ".join(document["untracked_countries"]))] if document["untracked_countries"] else []),
    ]


def user_document(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return a user's own settings of links and tracking as they hold."""
    return {name: settings.get(name, True) for name in ("unsubscribe_link", "track_opens", "track_clicks")}


def tracking_words(document: Mapping[str, Any]) -> str:
    """Return what is counted, in words."""
    return f"opens {'on' if document['track_opens'] else 'off'}, clicks {'on' if document['track_clicks'] else 'off'}"


def _country(text: str) -> str:
    country = text.strip().upper()
    if country == "NONE":
        return ""
    if len(country) != 2 or not country.isalpha():
        raise Invalid(f"{text!r} is no country.", hint="Write two letters, such as DE.", field="untracked-country")
    return country
