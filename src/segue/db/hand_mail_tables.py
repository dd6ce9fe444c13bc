"""Mails that a rep wrote in the mail program, as the Sent folder shows them."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from segue.db.rows import Row, tenant


class HandSentMailRow(Row):
    """One mail that passed no program of ours (SEQ-93): when it went, and by what it is known again. Nothing of whom it was written to."""

    __tablename__ = "hand_sent_mails"
    workspace_id: Mapped[int] = mapped_column(primary_key=True)
    mailbox_id: Mapped[int] = mapped_column(primary_key=True)
    content_hash: Mapped[bytes] = mapped_column(primary_key=True)
    """The folder may be numbered anew, and is then read again (MAIL-54)."""
    sent_at: Mapped[datetime]
    __table_args__ = (tenant("mailboxes", "mailbox_id"), Index("hand_sent_mails_at", "workspace_id", "mailbox_id", "sent_at"))
