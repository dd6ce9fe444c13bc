"""Rows of outgoing webhooks: who wants to be told, and which facts still have to be told to whom.

A delivery is put here by a trigger on `events` (migration `webhooks`), in the transaction of the fact and whatever writes it: none is lost,
and none is sent for an act that was rolled back. It holds no copy of the fact: an erased person is in no payload (S27).
"""

from datetime import datetime

from sqlalchemy import Identity, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from segue.db.rows import Row, tenant


class WebhookEndpointRow(Row):
    """An address that is told of facts."""

    __tablename__ = "webhook_endpoints"
    workspace_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    url: Mapped[str]
    kinds: Mapped[list[str]]
    """Kinds of facts, or `*` for every one."""
    secret: Mapped[bytes]
    """Sealed; signs every request."""
    old_secret: Mapped[bytes | None]
    """Sealed; signs besides until `old_until`, while the receiver changes over."""
    old_until: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(server_default="on")
    """on, off (by a person), gone (it answered 410)."""
    failures: Mapped[int] = mapped_column(Integer, server_default="0")
    """Failures one after the other."""
    held_until: Mapped[datetime | None]
    """It failed: nothing is tried before."""
    tried_at: Mapped[datetime | None]
    lease_token: Mapped[int] = mapped_column(Integer, server_default="0")
    lease_until: Mapped[datetime | None]
    user_id: Mapped[int | None]
    """Who made it, and is told when it fails."""
    created_at: Mapped[datetime]
    __table_args__ = (tenant("users", "user_id"),)


class WebhookDeliveryRow(Row):
    """A fact that an endpoint is told of."""

    __tablename__ = "webhook_deliveries"
    workspace_id: Mapped[int] = mapped_column(primary_key=True)
    endpoint_id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="waiting")
    """waiting, delivered, dead."""
    attempts: Mapped[int] = mapped_column(Integer, server_default="0")
    since: Mapped[datetime]
    """When it was recorded, or ordered anew; 76 hours later it is delivered or dead (L7)."""
    next_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    last_status: Mapped[int] = mapped_column(Integer, server_default="0")
    """The HTTP status of the last answer; 0: there was none."""
    last_error: Mapped[str] = mapped_column(server_default="")
    """In our words: nothing of what the other side said is kept (X4)."""
    __table_args__ = (
        tenant("webhook_endpoints", "endpoint_id"),
        Index("webhook_deliveries_due", "workspace_id", "endpoint_id", "next_at", postgresql_where=text("state = 'waiting'")),
        Index("webhook_deliveries_old", "workspace_id", "settled_at", postgresql_where=text("state <> 'waiting'")),
    )
