"""What stands in mails and leads back to us, and what came of it: links, opens and clicks, the log of hours.

All but `message_links` is telemetry: it may be wrong, and nothing stops, advances or suppresses because of it (S20).
"""

from datetime import datetime

from sqlalchemy import Boolean, Identity, Index, Integer, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from segue.db.rows import Row


class MessageLinkRow(Row):
    """An address of ours in a mail, known by the digest of its token (S18). Written before the mail leaves; never changed."""

    __tablename__ = "message_links"
    workspace_id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[bytes] = mapped_column(primary_key=True)
    kind: Mapped[str]
    """unsubscribe, open, click."""
    message_id: Mapped[int]
    url: Mapped[str] = mapped_column(server_default="")
    """Where a click leads: the only source of it (S19)."""
    position: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    __table_args__ = (
        Index("message_links_digest", "digest"),
        Index("message_links_message", "workspace_id", "message_id"),
    )


class TrackingEventRow(Row):
    """An open or a click with its verdict (SCI-40). Never deleted; where it came from is (SCI-42)."""

    __tablename__ = "tracking_events"
    workspace_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    kind: Mapped[str]
    """open, click."""
    message_id: Mapped[int]
    contact_id: Mapped[int]
    enrollment_id: Mapped[int]
    position: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    at: Mapped[datetime]
    verdict: Mapped[str]
    """human, machine, prefetch."""
    reasons: Mapped[list[str]] = mapped_column(server_default="{}")
    final: Mapped[bool] = mapped_column(Boolean, server_default="false")
    """False for ten minutes: rules that look back may still change the verdict (SCI-41)."""
    agent: Mapped[str] = mapped_column(server_default="")
    """Dropped after seven days (reliability.md §9)."""
    origin: Mapped[bytes | None]
    """Salted hash of the network, for 24 hours (SCI-42)."""
    __table_args__ = (
        Index("tracking_events_contact", "workspace_id", "contact_id", "id"),
        Index("tracking_events_message", "workspace_id", "message_id", "at"),
        Index("tracking_events_provisional", "workspace_id", "at", postgresql_where=text("NOT final")),
        Index("tracking_events_origin", "workspace_id", "at", postgresql_where=text("origin IS NOT NULL")),
        Index("tracking_events_agent", "workspace_id", "at", postgresql_where=text("agent <> ''")),
    )


class HourLogRow(Row):
    """One accepted mail and its first human reaction, for learning the best time (SCI-5). Minutes count from 1970, UTC; kept 180 days."""

    __tablename__ = "hour_log"
    workspace_id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(primary_key=True)
    handed_minute: Mapped[int] = mapped_column(Integer)
    reaction_minute: Mapped[int | None] = mapped_column(Integer)
    reaction_kind: Mapped[str] = mapped_column(server_default="")
    """open, click, reply."""
    left_out: Mapped[str] = mapped_column(server_default="")
    """bounced, away: no mail to learn from (SCI-7)."""
    __table_args__ = (Index("hour_log_age", "workspace_id", "handed_minute"),)


class HourEvidenceRow(Row):
    """A further sign of when a contact is at work, with its weight (SCI-6)."""

    __tablename__ = "hour_evidence"
    workspace_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    contact_id: Mapped[int]
    minute: Mapped[int] = mapped_column(Integer)
    weight: Mapped[float]
    """open 0.5, click 1, reply 1.5, inbound mail without one of ours 1."""
    __table_args__ = (
        Index("hour_evidence_contact", "workspace_id", "contact_id"),
        Index("hour_evidence_age", "workspace_id", "minute"),
    )
