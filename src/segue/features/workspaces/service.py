"""Workspaces and users: what a single installation needs to begin."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from psycopg.types.json import Jsonb

from segue.db.tx import Database, Tx
from segue.domain.account_events import SettingsChanged
from segue.domain.errors import Invalid, NotFound
from segue.domain.ids import UserId, WorkspaceId


def check_timezone(name: str) -> str:
    """Return the zone's name.

    Raises:
        Invalid: it is no IANA zone.
    """
    if name not in available_timezones():
        raise Invalid(f"{name!r} is not a time zone.", hint="Use an IANA name such as Europe/Berlin or America/New_York.", field="timezone")
    return ZoneInfo(name).key


def create_workspace(db: Database, name: str, *, timezone: str = "UTC", country: str = "", postal_address: str = "") -> WorkspaceId:
    """Create a workspace with a secret of its own for Message-IDs (MAIL-6)."""
    check_timezone(timezone)
    with db.anywhere() as conn:
        row = conn.execute("SELECT nextval(pg_get_serial_sequence('workspaces', 'workspace_id'))").fetchone()
    assert row is not None
    workspace_id = WorkspaceId(row[0])
    with db.tx(workspace_id) as tx:
        tx.run(
            """INSERT INTO workspaces (workspace_id, name, timezone, country, postal_address, mail_secret, instance_id, created_at)
               OVERRIDING SYSTEM VALUE
               VALUES (%(ws)s, %(name)s, %(timezone)s, %(country)s, %(postal)s, %(secret)s, %(instance)s, %(now)s)""",
            {
                "name": name,
                "timezone": timezone,
                "country": country,
                "postal": postal_address,
                "secret": db.random_bytes(32),
                "instance": db.instance_id or "",
                "now": tx.now,
            },
        )
    return workspace_id


def find_or_create_user(tx: Tx, email: str, *, name: str = "", timezone: str = "UTC") -> UserId:
    """Return the user with this address, created when new; a name or zone given updates it. The first user is owner (SEQ-1)."""
    check_timezone(timezone)
    row = tx.one(
        """INSERT INTO users (workspace_id, email, name, timezone, role, created_at)
           VALUES (%(ws)s, %(email)s, %(name)s, %(timezone)s,
               CASE WHEN EXISTS (SELECT FROM users WHERE workspace_id = %(ws)s) THEN 'user' ELSE 'owner' END, %(now)s)
           ON CONFLICT (workspace_id, email) DO UPDATE SET name = COALESCE(NULLIF(EXCLUDED.name, ''), users.name),
             timezone = EXCLUDED.timezone RETURNING id""",
        {"email": email.lower(), "name": name, "timezone": timezone, "now": tx.now},
    )
    assert row is not None
    return UserId(row["id"])


def get_workspace(tx: Tx) -> dict[str, Any]:
    """Return the workspace's settings.

    Raises:
        NotFound: there is none; `segue init` makes one.
    """
    row = tx.one("SELECT * FROM workspaces WHERE workspace_id = %(ws)s", {})
    if row is None:
        raise NotFound("There is no workspace yet.", hint="Run `segue init` first.")
    return row


SETTING_RANGES = {
    "mailbox_dead_days": (1, 60),
    "address_per_day": (1, 50),
    "domain_per_day": (0, 10_000),
    "cool_off_days": (0, 365),
    "company_limit": (0, 1_000),
    "overlap_limit": (1, 5),
}
"""What the numbers among the settings may be (sequences.md §16), whoever sets them; 0 is no limit."""


def set_sending_rules(
    tx: Tx,
    *,
    breaker: str = "",
    mailbox_dead_days: int | None = None,
    address_per_day: int | None = None,
    domain_per_day: int | None = None,
) -> None:
    """Change what is given: the mode of the circuit breakers (SEQ-106), after how many days a dead mailbox fails its mail (SEQ-105), and
    how many mails go to one address and to one company domain in 24 hours (SEQ-94; 0: any number to a domain).

    Raises:
        Invalid: there is no such mode, or a number lies outside its range.
    """
    if breaker not in ("", "on", "half-open", "off"):
        raise Invalid(f"{breaker!r} is no mode of the breakers.", hint="It is on, half-open or off.", field="breaker")
    given = {"breaker": breaker.replace("-", "_") or None, "mailbox_dead_days": mailbox_dead_days}
    _change_settings(tx, given | {"address_per_day": address_per_day, "domain_per_day": domain_per_day})


def set_enrolling_limits(
    tx: Tx,
    *,
    cool_off_days: int | None = None,
    company_limit: int | None = None,
    on_creator_loss: str | None = None,
    overlap_limit: int | None = None,
    communicate: str | None = None,
) -> None:
    """Change what is given: the days between two enrollments of an address (SEQ-140), how many of one company may be enrolled at once
    (SEQ-62; 0: any number), in how many sequences that allow it an address may be at once (SEQ-141), what happens to the sequences of a
    user who is lost: UNENROLL or ARCHIVE (SEQ-168), and whose contacts users may write to: all, team or own (SEQ-3).

    Raises:
        Invalid: a number lies outside its range, or a word is none of those.
    """
    for name, value, words in (
        ("on_creator_loss", on_creator_loss, ("UNENROLL", "ARCHIVE")),
        ("communicate", communicate, ("all", "team", "own")),
    ):
        if value is not None and value not in words:
            raise Invalid(f"{value!r} is not possible.", hint=f"It is one of: {', '.join(words)}.", field=name)
    given = {
        "cool_off_days": cool_off_days,
        "company_limit": company_limit,
        "on_creator_loss": on_creator_loss,
        "overlap_limit": overlap_limit,
        "communicate": communicate,
    }
    _change_settings(tx, given)


def _change_settings(tx: Tx, given: Mapping[str, Any]) -> None:
    """Store what is given of the workspace's settings."""
    changed = {name: value for name, value in given.items() if value is not None}
    for name, (least, most) in SETTING_RANGES.items():
        if name in changed and not least <= changed[name] <= most:
            raise Invalid(f"{changed[name]:,} is outside {least:,} to {most:,}.", hint="Choose a value within.", field=name)
    write_settings(tx, changed)


def write_settings(tx: Tx, changed: Mapping[str, Any]) -> None:
    """Store settings of the workspace, and what is different in the audit log, before and after (SEQ-13)."""
    before = get_workspace(tx)["settings"]
    after = {name: value for name, value in changed.items() if before.get(name) != value}
    if after:
        tx.run("UPDATE workspaces SET settings = settings || %(after)s WHERE workspace_id = %(ws)s", {"after": Jsonb(after)})
        tx.record(SettingsChanged(of="workspace", before={name: before.get(name) for name in after}, after=after))
