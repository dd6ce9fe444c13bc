"""What went wrong and whom it was told: the tables of mailbox health."""

from datetime import datetime

from sqlalchemy import Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from segue.db.rows import Row, tenant


class NoticeRow(Row):
    """Something a user and the admins must know. Told once: while it is open, the same subject makes no second one (L3)."""

    __tablename__ = "notices"
    workspace_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    kind: Mapped[str]
    """mailbox, breaker, inbox, clock …: what the subject is of."""
    subject: Mapped[str]
    """Which one: an id or a name."""
    user_id: Mapped[int | None]
    """Whom it concerns besides the admins."""
    said: Mapped[str]
    todo: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    __table_args__ = (Index("notices_open", "workspace_id", "kind", "subject", unique=True, postgresql_where=text("closed_at IS NULL")),)


class SendTroubleRow(Row):
    """A hard bounce, a complaint or a refusal for policy: what the circuit breakers count (SEQ-106)."""

    __tablename__ = "send_troubles"
    workspace_id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    """hard_bounce, complaint, policy."""
    mailbox_id: Mapped[int]
    sequence_id: Mapped[int]
    at: Mapped[datetime]
    mail_at: Mapped[datetime]
    """When the mail was handed over, or its hand-off refused."""
    refused: Mapped[bool]
    """Refused in the hand-off: it is among no accepted mails."""
    judged: Mapped[bool] = mapped_column(server_default="false")
    __table_args__ = (
        tenant("mailboxes", "mailbox_id"),
        tenant("sequences", "sequence_id"),
        Index("send_troubles_mailbox", "workspace_id", "mailbox_id", "at"),
        Index("send_troubles_sequence", "workspace_id", "sequence_id", "at"),
        Index("send_troubles_new", "workspace_id", postgresql_where=text("NOT judged")),
    )
