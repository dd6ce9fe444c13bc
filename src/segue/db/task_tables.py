"""Tasks for people. A table of the tasks slice."""

from datetime import date, datetime

from sqlalchemy import Identity, Index, Integer, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from segue.db.rows import Row, tenant


class TaskRow(Row):
    """A task for a person."""

    __tablename__ = "tasks"
    workspace_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    enrollment_id: Mapped[int]
    contact_id: Mapped[int]
    assignee_user_id: Mapped[int]
    step_key: Mapped[str]
    generation: Mapped[int] = mapped_column(Integer, server_default="0")
    kind: Mapped[str]
    subject: Mapped[str] = mapped_column(server_default="")
    notes: Mapped[str] = mapped_column(server_default="")
    priority: Mapped[str] = mapped_column(server_default="none")
    waits: Mapped[bool]
    """The enrollment's next step waits for this task (SEQ-41)."""
    state: Mapped[str] = mapped_column(server_default="open")
    """open, completed, skipped, deleted."""
    outcome: Mapped[str] = mapped_column(server_default="")
    note: Mapped[str] = mapped_column(server_default="")
    due_on: Mapped[date]
    variant: Mapped[int] = mapped_column(SmallInteger, server_default="1")
    """Which variant of the step it is (SEQ-38)."""
    reminded_on: Mapped[date | None]
    """The assignee's date on which it was reminded of last (SEQ-113)."""
    enrollment_active: Mapped[bool] = mapped_column(server_default="true")
    created_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    __table_args__ = (
        tenant("enrollments", "enrollment_id"),
        UniqueConstraint("workspace_id", "enrollment_id", "step_key", "generation"),
        Index("tasks_open", "workspace_id", "assignee_user_id", "due_on", postgresql_where=text("state = 'open'")),
    )
