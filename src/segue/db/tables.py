"""Every table of the schema; some stand in files of their own, as `mail_tables.py`. `metadata` holds them all."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ForeignKeyConstraint, Identity, Index, Integer, SmallInteger, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from segue.db import (  # noqa: F401  `metadata` knows them
    account_tables,
    api_tables,
    contact_tables,
    enrollment_tables,
    hand_mail_tables,
    health_tables,
    link_tables,
    mail_tables,
    task_tables,
    webhook_tables,
)
from segue.db.rows import HOT, Row, tenant


class WorkspaceRow(Row):
    """One tenant."""

    __tablename__ = "workspaces"
    workspace_id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    name: Mapped[str]
    timezone: Mapped[str] = mapped_column(server_default="UTC")
    country: Mapped[str] = mapped_column(server_default="")
    postal_address: Mapped[str] = mapped_column(server_default="")
    working_week: Mapped[list[int]] = mapped_column(server_default="{0,1,2,3,4}")
    holidays: Mapped[list[date]] = mapped_column(server_default="{}")
    """Single dates added to the calendars (SEQ-82)."""
    holiday_calendars: Mapped[list[str]] = mapped_column(server_default="{}")
    """Countries with or without region: DE, DE-BY."""
    holidays_removed: Mapped[list[date]] = mapped_column(server_default="{}")
    """Dates of the calendars on which this workspace works."""
    settings: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    mail_secret: Mapped[bytes]
    """Key of Message-IDs and evidence marks (MAIL-6)."""
    sending_stopped_at: Mapped[datetime | None]
    instance_id: Mapped[str] = mapped_column(server_default="")
    """Which installation sends from it; empty before the first worker (S26)."""
    created_at: Mapped[datetime]


class UserRow(Row):
    """A person who enrolls, sends, does tasks."""

    __tablename__ = "users"
    workspace_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    email: Mapped[str]
    name: Mapped[str] = mapped_column(server_default="")
    timezone: Mapped[str] = mapped_column(server_default="UTC")
    signature: Mapped[str] = mapped_column(server_default="")
    per_day: Mapped[int] = mapped_column(Integer, server_default="500")
    holiday_calendars: Mapped[list[str]] = mapped_column(server_default="{}")
    absences: Mapped[list[date]] = mapped_column(server_default="{}")
    """Dates on which nothing of this sender goes (SEQ-82)."""
    settings: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    role: Mapped[str] = mapped_column(server_default="user")
    """owner, admin, manager, user, viewer (SEQ-1)."""
    team: Mapped[str] = mapped_column(server_default="")
    """Whom a manager manages: the users of the same team (SEQ-3)."""
    seat: Mapped[bool] = mapped_column(server_default="true")
    """The right to create, enroll and send (SEQ-2)."""
    active: Mapped[bool] = mapped_column(server_default="true")
    deleted_at: Mapped[datetime | None]
    """Removed from the workspace; the row stays for what names it."""
    sending_stopped_at: Mapped[datetime | None]
    """Emergency stop of all that this user sends (SEQ-107)."""
    created_at: Mapped[datetime]
    __table_args__ = (
        ForeignKeyConstraint(["workspace_id"], ["workspaces.workspace_id"]),
        UniqueConstraint("workspace_id", "email"),
    )


class ContactRow(Row):
    """A person written to. `email_normal` is the form of MAIL-77; `properties` are texts in the form of their type."""

    __tablename__ = "contacts"
    workspace_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    email: Mapped[str]
    email_normal: Mapped[str]
    first_name: Mapped[str] = mapped_column(server_default="")
    last_name: Mapped[str] = mapped_column(server_default="")
    company: Mapped[str] = mapped_column(server_default="")
    timezone: Mapped[str] = mapped_column(server_default="")
    country: Mapped[str] = mapped_column(server_default="")
    other_addresses: Mapped[list[str]] = mapped_column(server_default="{}")
    """Normal forms of further addresses of this person (MAIL-78)."""
    properties: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    country_code: Mapped[str] = mapped_column(server_default="")
    company_id: Mapped[int | None]
    address_dead_at: Mapped[datetime | None]
    tracked: Mapped[bool] = mapped_column(server_default="true")
    """Opens and clicks of this contact may be recorded, where nothing else forbids it (SEQ-26)."""
    deleted_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]
    """The person was erased (S27): the row is empty and only keeps figures true (SEQ-186)."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (
        ForeignKeyConstraint(["workspace_id"], ["workspaces.workspace_id"]),
        tenant("companies", "company_id"),
        UniqueConstraint("workspace_id", "email_normal"),
        Index("contacts_company", "workspace_id", "company_id", postgresql_where=text("company_id IS NOT NULL")),
        Index("contacts_deleted", "workspace_id", "email_normal", postgresql_where=text("deleted_at IS NOT NULL")),
        Index("contacts_with_further_addresses", "workspace_id", "id", postgresql_where=text("other_addresses <> '{}'")),
        Index("contacts_other_addresses", "other_addresses", postgresql_using="gin"),
    )


class SuppressionRow(Row):
    """An address or domain that gets no mail (S4). `value` is a normal form."""

    __tablename__ = "suppressions"
    workspace_id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str]
    source: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[datetime]
    __table_args__ = (ForeignKeyConstraint(["workspace_id"], ["workspaces.workspace_id"]),)


class MailboxRow(Row):
    """A connected personal mailbox. `secret` is sealed (see `features/workspaces/vault.py`)."""

    __tablename__ = "mailboxes"
    workspace_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    user_id: Mapped[int]
    address: Mapped[str]
    address_normal: Mapped[str]
    display_name: Mapped[str] = mapped_column(server_default="")
    provider: Mapped[str]
    settings: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    secret: Mapped[bytes]
    state: Mapped[str] = mapped_column(server_default="ok")
    """ok, sign_in (credentials refused), misconfigured, blocked (the provider refuses to send), unreachable (SEQ-105)."""
    state_detail: Mapped[str] = mapped_column(server_default="")
    state_since: Mapped[datetime | None]
    per_day: Mapped[int] = mapped_column(Integer, server_default="200")
    sequence_share: Mapped[int] = mapped_column(SmallInteger, server_default="90")
    per_minute: Mapped[int] = mapped_column(Integer, server_default="3")
    spacing: Mapped[timedelta] = mapped_column(server_default="20 seconds")
    jitter: Mapped[timedelta] = mapped_column(server_default="10 seconds")
    warm_up: Mapped[bool] = mapped_column(server_default="true")
    deadline_s: Mapped[int] = mapped_column(Integer, server_default="10")
    inbox_read_at: Mapped[datetime | None]
    probed_at: Mapped[datetime | None]
    broken_by: Mapped[str] = mapped_column(server_default="")
    """sending or reading: what failed, and what must succeed again."""
    trouble_since: Mapped[datetime | None]
    """Since when nothing was accepted between one failure and the next: a sign-in that succeeds ends no trouble that a mail would meet."""
    trouble_count: Mapped[int] = mapped_column(Integer, server_default="0")
    failing_since: Mapped[datetime | None]
    """Since when hand-offs fail for passing reasons of the mailbox's own server."""
    repaired_at: Mapped[datetime | None]
    """When it began to work again; it starts slowly (L3)."""
    connected_at: Mapped[datetime]
    __table_args__ = (
        tenant("users", "user_id"),
        UniqueConstraint("workspace_id", "address_normal"),
    )


class MailboxLaneRow(Row):
    """The queue head of one mailbox (engine.md §2). `ready_at` is NULL when nothing is due."""

    __tablename__ = "mailbox_lanes"
    workspace_id: Mapped[int] = mapped_column(primary_key=True)
    mailbox_id: Mapped[int] = mapped_column(primary_key=True)
    ready_at: Mapped[datetime | None]
    next_slot_at: Mapped[datetime | None]
    firsts_from: Mapped[datetime | None]
    """Before it no first email is claimed: the room is kept for follow-ups that are planned (SEQ-97)."""
    paused: Mapped[bool] = mapped_column(server_default="false")
    broken: Mapped[bool] = mapped_column(server_default="false")
    """The mailbox itself fails (SEQ-105) or its breaker is open (SEQ-106): nothing is claimed."""
    burst: Mapped[int] = mapped_column(SmallInteger, server_default="1")
    """How many rows one claim may take: 1 where a spacing is set (SEQ-91), more only without one."""
    breaker: Mapped[str] = mapped_column(server_default="")
    """Empty, open, half_open (SEQ-106); open stands in `broken` too."""
    breaker_detail: Mapped[str] = mapped_column(server_default="")
    breaker_at: Mapped[datetime | None]
    breaker_from: Mapped[datetime | None]
    """When a person closed it: what was before counts no more."""
    claimed_until: Mapped[datetime | None]
    """Database clock: a lane with a batch out is not claimed again before (H6)."""
    sweeps: Mapped[int] = mapped_column(server_default="0")
    """How often the sweeper had to lower `ready_at`; should stay 0."""
    __table_args__ = (
        tenant("mailboxes", "mailbox_id"),
        Index("mailbox_lanes_ready", "workspace_id", "ready_at", postgresql_where=text("NOT paused AND NOT broken")),
        {"postgresql_with": {"fillfactor": "50"}},
    )


class SequenceRow(Row):
    """A sequence; its content stands in its versions."""

    __tablename__ = "sequences"
    workspace_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    name: Mapped[str]
    owner_user_id: Mapped[int]
    status: Mapped[str] = mapped_column(server_default="active")
    version: Mapped[int] = mapped_column(Integer, server_default="1")
    paused: Mapped[bool] = mapped_column(server_default="false")
    """Emergency stop: enrollments keep their state (SEQ-107)."""
    creator_lost_at: Mapped[datetime | None]
    """The owner was downgraded or deleted: nothing goes, everyone in it is unenrolled (SEQ-168)."""
    archived_by_loss: Mapped[bool] = mapped_column(server_default="false")
    """Archived because of that; a new owner makes it active again."""
    breaker: Mapped[str] = mapped_column(server_default="")
    """As a lane's (SEQ-106)."""
    breaker_detail: Mapped[str] = mapped_column(server_default="")
    breaker_at: Mapped[datetime | None]
    breaker_from: Mapped[datetime | None]
    sharing: Mapped[str] = mapped_column(server_default="everyone")
    """private, everyone, or chosen: the users and teams below (SEQ-8)."""
    shared_with: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default="{}")
    shared_teams: Mapped[list[str]] = mapped_column(server_default="{}")
    deleted_at: Mapped[datetime | None]
    unenrolling: Mapped[bool] = mapped_column(server_default="false")
    """Deleted, and some of its enrollments may still be open: they end in batches."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (
        tenant("users", "owner_user_id"),
        Index("sequences_name", "workspace_id", text("lower(name)"), unique=True, postgresql_where=text("status <> 'deleted'")),
    )


class SequenceVersionRow(Row):
    """A frozen version: `content` is the JSON of `domain.sequence_json` (SEQ-131)."""

    __tablename__ = "sequence_versions"
    workspace_id: Mapped[int] = mapped_column(primary_key=True)
    sequence_id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    content: Mapped[dict[str, Any]]
    source: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[datetime]
    __table_args__ = (tenant("sequences", "sequence_id"),)


class EnrollmentRow(Row):
    """One contact going through one version of one sequence. The due row is the queue (D6): `due_at` NULL means nothing may be claimed."""

    __tablename__ = "enrollments"
    workspace_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    contact_id: Mapped[int]
    sequence_id: Mapped[int]
    version: Mapped[int] = mapped_column(Integer)
    enroller_user_id: Mapped[int]
    sender_user_id: Mapped[int]
    mailbox_id: Mapped[int]
    address: Mapped[str]
    address_normal: Mapped[str]
    timezone: Mapped[str]
    timezone_source: Mapped[str] = mapped_column(server_default="sender")
    state: Mapped[str] = mapped_column(server_default="active")
    waiting_for: Mapped[str] = mapped_column(server_default="")
    reason: Mapped[str] = mapped_column(server_default="")
    reason_detail: Mapped[str] = mapped_column(server_default="")
    position: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    start_position: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    generation: Mapped[int] = mapped_column(Integer, server_default="0")
    first_email: Mapped[bool] = mapped_column(server_default="false")
    """The step at `position` is this enrollment's first email and exempt from window and days (SEQ-54, SEQ-81)."""
    base_at: Mapped[datetime]
    raw_due_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    priority: Mapped[int] = mapped_column(SmallInteger, server_default="1")
    """0 manual mail, 1 follow-up, 2 first email (SEQ-97); 3 no mail at all: tasks, waits and ends need no slot of the mailbox."""
    lease_until: Mapped[datetime | None]
    lease_token: Mapped[int] = mapped_column(server_default="0")
    paused_at: Mapped[datetime | None]
    pause_kind: Mapped[str] = mapped_column(server_default="")
    """manual, away, review (states of PAUSED, sequences.md §0)."""
    resume_at: Mapped[datetime | None]
    remainder: Mapped[timedelta | None]
    placeholders: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    """What the person who enrolled has filled in (SEQ-21)."""
    undo_until: Mapped[datetime | None]
    """Until then the start, or the order to send now, can be taken back (SEQ-59)."""
    undo_due_at: Mapped[datetime | None]
    """What was due before the order to send now; NULL where it is the start that can be taken back."""
    waiting_since: Mapped[datetime | None]
    """Since when it has been waiting for the same thing (SEQ-175)."""
    wait_told: Mapped[bool] = mapped_column(server_default="false")
    """The timeline says that it waits for longer than a day."""
    entry_point: Mapped[str] = mapped_column(server_default="")
    move_to: Mapped[int | None] = mapped_column(Integer)
    """The version to move to as soon as the mail that is under way is settled (SEQ-133)."""
    move_overwrites: Mapped[bool] = mapped_column(server_default="false")
    """That move takes back what was edited for this contact."""
    own_settings: Mapped[dict[str, Any] | None]
    """Window, days, held first email where they differ from the sequence's (`domain.edits.OwnSettings`)."""
    earlier_ids: Mapped[list[int] | None] = mapped_column(ARRAY(BigInteger))
    """Enrollments that this one goes on from, the oldest first (SEQ-12): their runs, reactions and branches are its own."""
    starts_at: Mapped[datetime | None]
    """The start that was allotted where the sequence limits starts a day (SEQ-98)."""
    overlap_slot: Mapped[int] = mapped_column(server_default="0")
    """The sequence's id where the address may be in others too (SEQ-141), else 0."""
    enrolled_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    __table_args__ = (
        tenant("contacts", "contact_id"),
        tenant("mailboxes", "mailbox_id"),
        ForeignKeyConstraint(
            ["workspace_id", "sequence_id", "version"],
            ["sequence_versions.workspace_id", "sequence_versions.sequence_id", "sequence_versions.version"],
        ),
        # S8: at most one open enrollment per normal-form address; where overlap is allowed, one in each sequence (SEQ-141).
        Index(
            "enrollments_one_open_per_address",
            "workspace_id",
            "address_normal",
            "overlap_slot",
            unique=True,
            postgresql_where=text("state IN ('active', 'paused')"),
        ),
        Index(
            "enrollments_due_mail",
            "workspace_id",
            "mailbox_id",
            "priority",
            "due_at",
            "id",
            postgresql_where=text("due_at IS NOT NULL AND priority < 3"),
        ),
        Index("enrollments_due_other", "workspace_id", "due_at", "id", postgresql_where=text("due_at IS NOT NULL AND priority = 3")),
        Index("enrollments_moving", "workspace_id", "id", postgresql_where=text("move_to IS NOT NULL")),
        Index("enrollments_sequence", "workspace_id", "sequence_id", "starts_at"),
        Index("enrollments_contact", "workspace_id", "contact_id"),
        Index(
            "enrollments_long_wait",
            "workspace_id",
            "waiting_since",
            postgresql_where=text(
                "state = 'active' AND NOT wait_told"
                " AND waiting_for IN ('LIMIT', 'TASK', 'MAILBOX', 'RETRY', 'FIELD', 'UNCONFIRMED', 'BREAKER')"
            ),
        ),
        Index("enrollments_resume", "workspace_id", "resume_at", postgresql_where=text("state = 'paused' AND resume_at IS NOT NULL")),
        HOT,
    )


class EventRow(Row):
    """The timeline: every fact, in order, never deleted by later facts (SEQ-175)."""

    __tablename__ = "events"
    workspace_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    at: Mapped[datetime]
    kind: Mapped[str]
    contact_id: Mapped[int | None]
    enrollment_id: Mapped[int | None]
    message_id: Mapped[int | None]
    actor: Mapped[str] = mapped_column(server_default="")
    data: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    __table_args__ = (
        Index("events_contact", "workspace_id", "contact_id", "id"),
        Index("events_enrollment", "workspace_id", "enrollment_id", "id"),
    )


metadata = Row.metadata
