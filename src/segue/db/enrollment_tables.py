"""What people change on enrollments: edits of single steps, and pauses that reach further than one contact."""

from datetime import datetime, timedelta

from sqlalchemy import Identity, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from segue.db.rows import Row, tenant


class EnrollmentEditRow(Row):
    """What a person has changed of one step of one enrollment (SEQ-57, SEQ-58). NULL: as the version says.

    Steps are named by key, so that an edit survives a move to another version (SEQ-133).
    """

    __tablename__ = "enrollment_edits"
    workspace_id: Mapped[int] = mapped_column(primary_key=True)
    enrollment_id: Mapped[int] = mapped_column(primary_key=True)
    step_key: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str | None]
    body: Mapped[str | None]
    delay: Mapped[timedelta | None]
    at: Mapped[datetime | None]
    """Not before; in place of the delay."""
    skipped: Mapped[bool] = mapped_column(server_default="false")
    generation: Mapped[int] = mapped_column(Integer, server_default="0")
    """Which run of the step comes next; above 0 when a person went back to a step that had run (SEQ-58)."""
    edited_by: Mapped[str] = mapped_column(server_default="")
    edited_at: Mapped[datetime]
    __table_args__ = (tenant("enrollments", "enrollment_id"),)


class ZoneDataRow(Row):
    """By which release of the zone data pending due times are computed, and how far that has come (SEQ-72)."""

    __tablename__ = "zone_data"
    workspace_id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[str]
    done_to: Mapped[int | None]
    """The last enrollment that was computed anew; NULL: all were."""


class SequencePauseRow(Row):
    """New enrollments of these begin paused (SEQ-123). `sequence_id` NULL: every sequence; `user_id` NULL: everybody."""

    __tablename__ = "sequence_pauses"
    workspace_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    sequence_id: Mapped[int | None]
    user_id: Mapped[int | None]
    until_at: Mapped[datetime | None]
    paused_by: Mapped[str] = mapped_column(server_default="")
    paused_at: Mapped[datetime]
    __table_args__ = (
        tenant("sequences", "sequence_id"),
        tenant("users", "user_id"),
        Index("sequence_pauses_once", "workspace_id", text("COALESCE(sequence_id, 0)"), text("COALESCE(user_id, 0)"), unique=True),
    )
