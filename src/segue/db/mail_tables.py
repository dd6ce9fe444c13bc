"""Messages and their fate, and what the inbox said: the tables of the mail slice."""

from datetime import datetime
from typing import Any

from sqlalchemy import Identity, Index, Integer, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from segue.db.rows import HOT, Row, tenant


class MessageRow(Row):
    """One intended message, K = (enrollment, step, generation), and its fate (reliability.md §1)."""

    __tablename__ = "messages"
    workspace_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    enrollment_id: Mapped[int]
    step_key: Mapped[str]
    generation: Mapped[int] = mapped_column(Integer)
    contact_id: Mapped[int]
    mailbox_id: Mapped[int]
    user_id: Mapped[int]
    state: Mapped[str]
    """queued, sending, in_doubt, sent, failed, unknown, withdrawn, skipped."""
    first_email: Mapped[bool]
    version: Mapped[int] = mapped_column(Integer, server_default="0")
    timezone: Mapped[str] = mapped_column(server_default="")
    """Version of the sequence and zone of the enrollment as the mail was prepared; both may change for what comes later."""
    sender: Mapped[str]
    recipient: Mapped[str]
    recipient_normal: Mapped[str]
    subject: Mapped[str]
    base_subject: Mapped[str]
    """Subject of the first message of the thread, as sent (MAIL-12)."""
    message_id: Mapped[str]
    observed_id: Mapped[str] = mapped_column(server_default="")
    """Message-ID the provider put in place of ours; empty while it is ours (MAIL-11)."""
    key: Mapped[str]
    in_reply_to: Mapped[str] = mapped_column(server_default="")
    reference_ids: Mapped[list[str]] = mapped_column(server_default="{}")
    wire: Mapped[bytes]
    variant: Mapped[int] = mapped_column(SmallInteger, server_default="1")
    """Which variant of the step it is; 1 is the step's own content (SEQ-38)."""
    attempt: Mapped[int] = mapped_column(Integer, server_default="0")
    capped_domain: Mapped[str | None]
    """The recipient's company domain, where mails to one are capped (SEQ-94); None while they are not, and for free-mail domains."""
    free_attempts: Mapped[int] = mapped_column(Integer, server_default="0")
    """So many attempts count for no back-off: the mailbox failed, not the contact's server (SEQ-105), or a person said to go on."""
    lease_until: Mapped[datetime | None]
    attempted_at: Mapped[datetime | None]
    first_tried_at: Mapped[datetime | None]
    handed_at: Mapped[datetime | None]
    """When `in_doubt` was written; counts against limits until surely not accepted (SEQ-86)."""
    accepted_at: Mapped[datetime | None]
    filed_at: Mapped[datetime | None]
    """When the Sent copy was filed or found, and its ids read back (MAIL-30)."""
    outcome: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[datetime]
    __table_args__ = (
        tenant("enrollments", "enrollment_id"),
        UniqueConstraint("workspace_id", "enrollment_id", "step_key", "generation"),
        Index("messages_handed", "workspace_id", "mailbox_id", "handed_at", postgresql_where=text("handed_at IS NOT NULL")),
        Index("messages_recipient", "workspace_id", "recipient_normal", "handed_at", postgresql_where=text("handed_at IS NOT NULL")),
        Index(
            "messages_domain",
            "workspace_id",
            "capped_domain",
            "handed_at",
            postgresql_where=text("capped_domain IS NOT NULL AND handed_at IS NOT NULL"),
        ),
        Index("messages_user", "workspace_id", "user_id", "handed_at", postgresql_where=text("handed_at IS NOT NULL")),
        Index("messages_unfiled", "workspace_id", "accepted_at", postgresql_where=text("state = 'sent' AND filed_at IS NULL")),
        Index("messages_open", "workspace_id", "lease_until", postgresql_where=text("state IN ('sending', 'in_doubt')")),
        HOT,
    )


class AcceptedRow(Row):
    """One row for each accepted K: a second acceptance of the same K cannot be stored (H11)."""

    __tablename__ = "accepted"
    workspace_id: Mapped[int] = mapped_column(primary_key=True)
    enrollment_id: Mapped[int] = mapped_column(primary_key=True)
    step_key: Mapped[str] = mapped_column(primary_key=True)
    generation: Mapped[int] = mapped_column(Integer, primary_key=True)
    message_id: Mapped[int]
    accepted_at: Mapped[datetime]


class MessageAliasRow(Row):
    """Every id a message is known by: written, observed, key, provider ids (MAIL-13). Ids stand without angle brackets."""

    __tablename__ = "message_aliases"
    workspace_id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(primary_key=True)


class InboxCursorRow(Row):
    """How far a folder was read; saved in the transaction of the verdicts it covers (MAIL-50)."""

    __tablename__ = "inbox_cursors"
    workspace_id: Mapped[int] = mapped_column(primary_key=True)
    mailbox_id: Mapped[int] = mapped_column(primary_key=True)
    folder: Mapped[str] = mapped_column(primary_key=True)
    uid_validity: Mapped[int]
    last_uid: Mapped[int]
    highest_modseq: Mapped[int]
    read_at: Mapped[datetime]
    alarm: Mapped[str] = mapped_column(server_default="")
    failures: Mapped[int] = mapped_column(Integer, server_default="0")
    __table_args__ = (tenant("mailboxes", "mailbox_id"),)


class InboundMessageRow(Row):
    """A judged message. Bodies are kept only of mail that answers ours (MAIL-60)."""

    __tablename__ = "inbound_messages"
    workspace_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    mailbox_id: Mapped[int]
    folder: Mapped[str]
    uid_validity: Mapped[int]
    uid: Mapped[int]
    content_hash: Mapped[bytes]
    message_id: Mapped[str] = mapped_column(server_default="")
    sender: Mapped[str] = mapped_column(server_default="")
    subject: Mapped[str] = mapped_column(server_default="")
    received_at: Mapped[datetime]
    read_at: Mapped[datetime]
    kind: Mapped[str]
    rule: Mapped[str]
    verdict: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    answers_message_id: Mapped[int | None]
    enrollment_id: Mapped[int | None]
    contact_id: Mapped[int | None]
    named_ids: Mapped[list[str]] = mapped_column(server_default="{}")
    """Ids named by a mail that concerned nobody known; one of them may be learnt to be ours (MAIL-13)."""
    new_text: Mapped[str] = mapped_column(server_default="")
    raw: Mapped[bytes | None]
    __table_args__ = (
        tenant("mailboxes", "mailbox_id"),
        UniqueConstraint("workspace_id", "mailbox_id", "folder", "uid_validity", "uid"),
        Index("inbound_messages_content", "workspace_id", "mailbox_id", "content_hash"),
        Index("inbound_messages_answers", "workspace_id", "answers_message_id", postgresql_where=text("answers_message_id IS NOT NULL")),
        Index("inbound_messages_named", "named_ids", postgresql_using="gin", postgresql_where=text("named_ids <> '{}'")),
        Index("inbound_messages_contact", "workspace_id", "contact_id", postgresql_where=text("contact_id IS NOT NULL")),
    )


class QuarantineRow(Row):
    """Mail that could not be judged after three tries, with its bytes (MAIL-56)."""

    __tablename__ = "quarantine"
    workspace_id: Mapped[int] = mapped_column(primary_key=True)
    mailbox_id: Mapped[int] = mapped_column(primary_key=True)
    folder: Mapped[str] = mapped_column(primary_key=True)
    uid_validity: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[int] = mapped_column(primary_key=True)
    tries: Mapped[int] = mapped_column(Integer)
    error: Mapped[str]
    raw: Mapped[bytes]
    released: Mapped[bool] = mapped_column(server_default="false")
    """True after the third try: the cursor has moved past it."""
    at: Mapped[datetime]
    __table_args__ = (tenant("mailboxes", "mailbox_id"),)
