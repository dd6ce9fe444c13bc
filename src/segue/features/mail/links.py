"""The addresses of ours in a mail: which ones it gets (SEQ-24…26), their rows, and what a token leads to (S18)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg.types.json import Jsonb

from segue.db.tx import Database, Tx
from segue.domain.account_events import SettingsChanged
from segue.domain.errors import Invalid
from segue.domain.ids import MessageId, WorkspaceId
from segue.domain.public_links import LinkKind, MessageLink, is_token, token_digest
from segue.domain.sequence import SequenceSettings
from segue.features.workspaces.service import get_workspace, write_settings

UNSUBSCRIBE_WORDS = "If you would rather not hear from me, unsubscribe here"
WORDS_MAX = 300
SWITCH = ("on", "off", "user")
"""Whether the unsubscribe link is shown: an admin decides for all, or lets users decide (SEQ-24)."""


@dataclass(frozen=True, slots=True)
class LinkRules:
    """What of ours a mail carries. Without a public URL nothing leads back to us but the mail form of unsubscribing (MAIL-47)."""

    public_url: str = ""
    link_shown: bool = True
    words: str = UNSUBSCRIBE_WORDS
    postal_address: str = ""
    opens: bool = True
    clicks: bool = True

    @property
    def shows_link(self) -> bool:
        """Say whether the visible line with the link and the postal address closes the mail."""
        return bool(self.public_url) and self.link_shown


def rules_of(row: Mapping[str, Any], settings: SequenceSettings, public_url: str, *, tracked: bool, country: str) -> LinkRules:
    """Return the rules for one contact from a row with `LINK_COLUMNS`.

    Tracking needs all of them to allow it: workspace, user, sequence (which may also switch on what the workspace leaves off), contact and
    country (SEQ-26).
    """
    workspace, user = row["workspace_settings"], row["user_settings"]
    shown = workspace.get("unsubscribe_link", "on")
    allowed = bool(public_url) and tracked and country.upper() not in workspace.get("untracked_countries", ())
    opens, clicks = (
        allowed and user.get(name, True) and (workspace.get(name, True) if own is None else own)
        for name, own in (("track_opens", settings.track_opens), ("track_clicks", settings.track_clicks))
    )
    return LinkRules(
        public_url=public_url,
        link_shown=shown == "on" or (shown == "user" and user.get("unsubscribe_link", True)),
        words=workspace.get("unsubscribe_words") or UNSUBSCRIBE_WORDS,
        postal_address=row["postal_address"],
        opens=opens,
        clicks=clicks,
    )


LINK_COLUMNS = "w.settings AS workspace_settings, w.postal_address, u.settings AS user_settings"
"""What `rules_of` needs, with `w` the workspace and `u` the sender."""


def store_links(tx: Tx, links: Iterable[tuple[MessageId, Sequence[MessageLink]]]) -> None:
    """Store the addresses that stand in messages, before any of them leaves; one statement for any number."""
    rows = [(message, link) for message, of_message in links for link in of_message]
    if rows:
        tx.run(
            """INSERT INTO message_links (workspace_id, digest, kind, message_id, url, position)
               SELECT %(ws)s, * FROM unnest(%(digests)s::bytea[], %(kinds)s::text[], %(messages)s::bigint[], %(urls)s::text[],
                   %(positions)s::smallint[]) ON CONFLICT DO NOTHING""",
            {
                "digests": [token_digest(link.kind, link.token) for _, link in rows],
                "kinds": [link.kind.value for _, link in rows],
                "messages": [message for message, _ in rows],
                "urls": [link.url for _, link in rows],
                "positions": [link.position for _, link in rows],
            },
        )


@dataclass(frozen=True, slots=True)
class FoundLink:
    """What a token leads to."""

    workspace_id: WorkspaceId
    kind: LinkKind
    message_id: MessageId
    url: str
    position: int


def find_links(db: Database, tokens: Iterable[tuple[LinkKind, str]]) -> dict[tuple[LinkKind, str], FoundLink]:
    """Return what tokens lead to in whatever workspace; unknown, changed and foreign ones are left out (S18)."""
    digests = {token_digest(kind, token): (kind, token) for kind, token in tokens if is_token(token)}
    if not digests:
        return {}
    with db.anywhere() as conn:
        rows = conn.execute("SELECT * FROM segue_find_links(%s)", (list(digests),)).fetchall()
    return {
        digests[bytes(digest)]: FoundLink(WorkspaceId(workspace_id), LinkKind(kind), MessageId(message_id), url, position)
        for digest, workspace_id, kind, message_id, url, position in rows
    }


def find_message_of_token(tx: Tx, token: str) -> MessageId | None:
    """Return the message of this workspace in which an unsubscribe token stands (MAIL-47)."""
    if not is_token(token):
        return None
    row = tx.one(
        "SELECT message_id FROM message_links WHERE workspace_id = %(ws)s AND digest = %(digest)s",
        {"digest": token_digest(LinkKind.UNSUBSCRIBE, token)},
    )
    return MessageId(row["message_id"]) if row else None


def lacks_postal_address(tx: Tx) -> bool:
    """Say whether mails would show an unsubscribe link without the postal address that belongs to it (SEQ-25)."""
    row = tx.one("SELECT settings, postal_address FROM workspaces WHERE workspace_id = %(ws)s", {})
    if row is None or not tx.db.public_url or row["postal_address"].strip():
        return False
    settings = row["settings"]
    return settings.get("unsubscribe_link", "on") != "off" and bool(settings.get("postal_address_required", True))


def why_no_link(tx: Tx) -> tuple[str, str]:
    """Return why no mail of this workspace shows an unsubscribe link, and what to do (SEQ-47); empty where some may."""
    if not tx.db.public_url:
        return "SEGUE_PUBLIC_URL is not set", "Set it and run `segue api`; until then contacts opt out by mail."
    row = tx.one("SELECT settings ->> 'unsubscribe_link' AS shown FROM workspaces WHERE workspace_id = %(ws)s", {})
    if row is not None and row["shown"] == "off":
        return "the workspace has switched it off", "`segue workspace set --unsubscribe-link on` shows it."
    return "", ""


def set_link_settings(tx: Tx, changed: Mapping[str, Any], *, postal_address: str | None = None) -> None:
    """Change what is given of the workspace's settings of links and tracking; None values are left as they are.

    Raises:
        Invalid: the words are too long or of several lines.
    """
    given = {name: value for name, value in changed.items() if value is not None}
    words = given.get("unsubscribe_words", "")
    if len(words) > WORDS_MAX or not words.isprintable():
        raise Invalid(
            f"The unsubscribe text is not one line of at most {WORDS_MAX} characters.", hint="Shorten it.", field="unsubscribe-words"
        )
    write_settings(tx, given)
    before = get_workspace(tx)["postal_address"]
    if postal_address is not None and postal_address != before:
        tx.run("UPDATE workspaces SET postal_address = %(postal)s WHERE workspace_id = %(ws)s", {"postal": postal_address})
        tx.record(SettingsChanged(of="workspace", before={"postal_address": before}, after={"postal_address": postal_address}))


def set_tracked(tx: Tx, contacts: Sequence[int], tracked: bool) -> None:
    """Allow or forbid recording opens and clicks of contacts (SEQ-26); it counts for mails that were sent before, too."""
    tx.run(
        "UPDATE contacts SET tracked = %(tracked)s, updated_at = %(now)s WHERE workspace_id = %(ws)s AND id = ANY(%(ids)s)",
        {"ids": list(contacts), "tracked": tracked, "now": tx.now},
    )


def set_user_link_settings(tx: Tx, user_id: int, changed: Mapping[str, Any]) -> None:
    """Change what is given of a user's own settings; None values are left as they are."""
    given = {name: value for name, value in changed.items() if value is not None}
    if given:
        tx.run(
            "UPDATE users SET settings = settings || %(changed)s WHERE workspace_id = %(ws)s AND id = %(id)s",
            {"changed": Jsonb(given), "id": user_id},
        )
