"""Connecting mailboxes: check that everything works, seal the secret, open a lane."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from psycopg.types.json import Jsonb

from segue.db.tx import Tx
from segue.domain.account_events import MailboxConnected
from segue.domain.addresses import normal_form
from segue.domain.errors import Invalid, NotFound
from segue.domain.ids import MailboxId, UserId
from segue.domain.mailbox_trouble import RATE_LIMIT, trouble_of
from segue.features.workspaces.notices import close_notices
from segue.features.workspaces.vault import Sealed, Vault
from segue.providers.mail import MAIL_PROVIDERS
from segue.providers.mail.base import Checks, MailboxConfig, MailProvider

LONG_WAIT = timedelta(hours=1)
"""A next slot that lies farther ahead is a limit's: the mailbox's own, or one that its provider told."""
MAILBOX_SECRET = Sealed("mailboxes", "secret", "address")
UNSPACED_BURST = 10
"""Rows a claim takes of a lane without spacing: the mails of one kept connection, sent one after the other."""


@dataclass(frozen=True, slots=True)
class NewMailbox:
    """A mailbox to be connected. `settings` are the provider's: hosts, ports, TLS, user name."""

    address: str
    provider: str
    secret: str = field(repr=False)
    settings: dict[str, Any] = field(default_factory=dict)
    display_name: str = ""
    per_day: int = 200
    per_minute: int = 3
    spacing: timedelta = timedelta(seconds=20)
    jitter: timedelta = timedelta(seconds=10)
    warm_up: bool = True
    deadline_s: int = 10


def check_mailbox(new: NewMailbox, providers: Mapping[str, MailProvider] = MAIL_PROVIDERS) -> Checks:
    """Sign in everywhere and say what works, before anything is stored.

    Raises:
        Invalid: no such provider.
    """
    if new.provider not in providers:
        raise Invalid(
            f"There is no mail provider {new.provider!r}.", hint=f"Choose one of: {', '.join(sorted(providers))}.", field="provider"
        )
    session = providers[new.provider].open(MailboxConfig(new.address, new.provider, new.settings, new.secret))
    try:
        return session.test()
    finally:
        session.close()


def connect_mailbox(tx: Tx, user_id: UserId, new: NewMailbox, vault: Vault) -> MailboxId:
    """Store a mailbox and its lane; connecting it again replaces settings and secret and puts it back to work."""
    row = tx.one(
        """INSERT INTO mailboxes (workspace_id, user_id, address, address_normal, display_name, provider, settings, secret, per_day,
               per_minute, spacing, jitter, warm_up, deadline_s, connected_at)
           VALUES (%(ws)s, %(user)s, %(address)s, %(normal)s, %(name)s, %(provider)s, %(settings)s, %(secret)s, %(day)s, %(minute)s,
               %(spacing)s, %(jitter)s, %(warm)s, %(deadline)s, %(now)s)
           ON CONFLICT (workspace_id, address_normal) DO UPDATE SET display_name = EXCLUDED.display_name, provider = EXCLUDED.provider,
             settings = EXCLUDED.settings, secret = EXCLUDED.secret, per_day = EXCLUDED.per_day, per_minute = EXCLUDED.per_minute,
             spacing = EXCLUDED.spacing, jitter = EXCLUDED.jitter, warm_up = EXCLUDED.warm_up, deadline_s = EXCLUDED.deadline_s,
             state = 'ok', state_detail = '', broken_by = '', trouble_since = NULL, trouble_count = 0, failing_since = NULL,
             repaired_at = CASE WHEN mailboxes.state <> 'ok' THEN EXCLUDED.connected_at ELSE mailboxes.repaired_at END
           RETURNING id""",
        {
            "user": user_id,
            "address": new.address,
            "normal": normal_form(new.address),
            "name": new.display_name,
            "provider": new.provider,
            "settings": Jsonb(new.settings),
            "secret": vault.seal(tx, new.secret, MAILBOX_SECRET, new.address),
            "day": new.per_day,
            "minute": new.per_minute,
            "spacing": new.spacing,
            "jitter": new.jitter,
            "warm": new.warm_up,
            "deadline": new.deadline_s,
            "now": tx.now,
        },
    )
    assert row is not None
    tx.run(
        """INSERT INTO mailbox_lanes (workspace_id, mailbox_id, burst) VALUES (%(ws)s, %(id)s, %(burst)s)
           ON CONFLICT (workspace_id, mailbox_id) DO UPDATE SET burst = EXCLUDED.burst, broken = (mailbox_lanes.breaker = 'open')""",
        {"id": row["id"], "burst": UNSPACED_BURST if new.spacing <= timedelta(0) else 1},
    )
    close_notices(tx, "mailbox", [str(row["id"])])
    tx.record(MailboxConnected(mailbox=new.address, user_id=user_id, provider=new.provider))
    return MailboxId(row["id"])


def get_mailbox(tx: Tx, address: str) -> dict[str, Any]:
    """Return a mailbox by its address.

    Raises:
        NotFound: it is not connected.
    """
    row = tx.one("SELECT * FROM mailboxes WHERE workspace_id = %(ws)s AND address_normal = %(normal)s", {"normal": normal_form(address)})
    if row is None:
        raise NotFound(
            f"The mailbox {address} is not connected.",
            hint="`segue mailbox list` shows the connected ones; `segue mailbox add` connects one.",
        )
    return row


def list_mailboxes(tx: Tx) -> list[dict[str, Any]]:
    """Return the mailboxes with their state, limits and what they have sent in the last 24 hours.

    `badge` and `todo` are empty where all is well (SEQ-109).
    """
    rows = tx.all(
        """SELECT b.id, b.address, b.display_name, b.provider, b.state, b.state_detail, b.state_since, b.per_day, b.per_minute, b.spacing,
               b.inbox_read_at, b.connected_at, u.email AS user, l.paused, l.ready_at, l.next_slot_at, l.breaker, l.breaker_detail,
               (SELECT count(*) FROM messages AS m WHERE m.workspace_id = b.workspace_id AND m.mailbox_id = b.id AND m.handed_at > %(day)s)
                 AS sent_24h
           FROM mailboxes AS b JOIN users AS u ON u.workspace_id = b.workspace_id AND u.id = b.user_id
           JOIN mailbox_lanes AS l ON l.workspace_id = b.workspace_id AND l.mailbox_id = b.id
           WHERE b.workspace_id = %(ws)s ORDER BY b.address""",
        {"day": tx.now - timedelta(hours=24)},
    )
    return [{**row, **_badge(row, tx.now)} for row in rows]


def _badge(row: dict[str, Any], now: datetime) -> dict[str, str]:
    trouble = trouble_of(row["state"], row["state_detail"])
    if trouble is None and row["next_slot_at"] is not None and row["next_slot_at"] - now > LONG_WAIT:
        trouble = RATE_LIMIT
    return {"badge": trouble.badge if trouble else "", "trouble": trouble.kind if trouble else "", "todo": trouble.todo if trouble else ""}
