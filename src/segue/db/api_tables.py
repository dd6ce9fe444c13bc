"""Rows of how programs ask: answers kept for a repeated question, and jobs too long for one request."""

from datetime import datetime
from typing import Any

from sqlalchemy import Identity, Index, Integer, SmallInteger, text
from sqlalchemy.dialects.postgresql import ARRAY, BIGINT, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from segue.db.rows import Row, tenant


class IdempotencyKeyRow(Row):
    """What was answered under a key (S25). Written in the transaction of the effect: there is one if, and only if, there is the other."""

    __tablename__ = "idempotency_keys"
    workspace_id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[bytes]
    """Of method, address and body: another request under the same key is refused."""
    status: Mapped[int] = mapped_column(SmallInteger)
    answer: Mapped[bytes | None]
    """The body of the answer; NULL once a person was erased whom it might tell of (S27)."""
    headers: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    created_at: Mapped[datetime]
    __table_args__ = (tenant("users", "user_id"), Index("idempotency_keys_age", "workspace_id", "created_at"))


class JobRow(Row):
    """Work on many rows in steps, each of them one transaction with the progress that it makes."""

    __tablename__ = "jobs"
    workspace_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    user_id: Mapped[int]
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="queued")
    """queued, running, finished, failed."""
    settings: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    """What is to be done, in the words of its kind."""
    subjects: Mapped[list[int]] = mapped_column(ARRAY(BIGINT), server_default="{}")
    """The rows to work through, in order."""
    done: Mapped[int] = mapped_column(Integer, server_default="0")
    """How many of them have been worked through."""
    figures: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    refused: Mapped[list[Any]] = mapped_column(JSONB(), server_default="[]")
    """What could not be done: {"email", "code", "message"} each."""
    detail: Mapped[str] = mapped_column(server_default="")
    tries: Mapped[int] = mapped_column(Integer, server_default="0")
    """Steps in a row that broke off."""
    actor: Mapped[str]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    __table_args__ = (
        tenant("users", "user_id"),
        Index("jobs_open", "workspace_id", "id", postgresql_where=text("state IN ('queued', 'running')")),
    )
