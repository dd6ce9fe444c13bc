"""Rows of how people and programs get in, and of who did what: credentials, sessions, API keys, one-time tokens, the audit log.

Of whatever is presented to get in, the database keeps a digest or a slow hash, never the thing itself (reliability.md §8).
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Identity, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from segue.db.rows import Row, tenant


class ApiKeyRow(Row):
    """A key with which a program acts as a user, within its scopes."""

    __tablename__ = "api_keys"
    workspace_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    user_id: Mapped[int]
    name: Mapped[str]
    start: Mapped[str]
    """Its first characters, by which a person knows it again."""
    digest: Mapped[bytes]
    scopes: Mapped[list[str]]
    addresses: Mapped[list[str]] = mapped_column(server_default="{}")
    """Networks from which it may be used; none: from anywhere."""
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    last_used_from: Mapped[str] = mapped_column(server_default="")
    revoked_at: Mapped[datetime | None]
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    __table_args__ = (tenant("users", "user_id"), Index("api_keys_digest", "digest"))


class UserSessionRow(Row):
    """A browser or program that a user signed in with."""

    __tablename__ = "user_sessions"
    workspace_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    user_id: Mapped[int]
    digest: Mapped[bytes]
    method: Mapped[str]
    """How the user proved who they are: `password`, `password+totp`, `passkey` …"""
    address: Mapped[str] = mapped_column(server_default="")
    agent: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    __table_args__ = (
        tenant("users", "user_id"),
        Index("user_sessions_digest", "digest"),
        Index("user_sessions_user", "workspace_id", "user_id"),
    )


class SignInTokenRow(Row):
    """Something that lets a user do one thing once: accept an invitation, set a new password, give the second factor."""

    __tablename__ = "sign_in_tokens"
    workspace_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    user_id: Mapped[int]
    purpose: Mapped[str]
    """invitation, reset, second_factor, passkey."""
    digest: Mapped[bytes]
    challenge: Mapped[bytes] = mapped_column(server_default="")
    """What a passkey is to sign."""
    tries: Mapped[int] = mapped_column(Integer, server_default="0")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    __table_args__ = (
        tenant("users", "user_id"),
        Index("sign_in_tokens_digest", "digest"),
        Index("sign_in_tokens_user", "workspace_id", "user_id"),
    )


class UserCredentialsRow(Row):
    """What a user proves who they are with, and how often somebody failed to."""

    __tablename__ = "user_credentials"
    workspace_id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(primary_key=True)
    password_hash: Mapped[str] = mapped_column(server_default="")
    """Argon2id; empty where there is no password."""
    password_set_at: Mapped[datetime | None]
    totp_secret: Mapped[bytes | None]
    """Sealed (see `features/workspaces/vault.py`)."""
    totp_confirmed_at: Mapped[datetime | None]
    totp_last_step: Mapped[int] = mapped_column(server_default="0")
    """The period whose code was taken last: none before it is taken again."""
    failures: Mapped[int] = mapped_column(Integer, server_default="0")
    locked_until: Mapped[datetime | None]
    __table_args__ = (tenant("users", "user_id"),)


class RecoveryCodeRow(Row):
    """A code that stands in for the second factor, once."""

    __tablename__ = "recovery_codes"
    workspace_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    user_id: Mapped[int]
    digest: Mapped[bytes]
    used_at: Mapped[datetime | None]
    __table_args__ = (tenant("users", "user_id"), Index("recovery_codes_user", "workspace_id", "user_id"))


class AuditEntryRow(Row):
    """Who did what, when and from where. The app's role can add entries and read them, and nothing else."""

    __tablename__ = "audit_entries"
    workspace_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    at: Mapped[datetime]
    kind: Mapped[str]
    actor: Mapped[str]
    address: Mapped[str] = mapped_column(server_default="")
    data: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    previous: Mapped[bytes]
    """The digest of the entry before, so that none can be taken out unseen."""
    digest: Mapped[bytes]


class DataKeyRow(Row):
    """A key with which secrets of the workspace are sealed, itself wrapped by the master key."""

    __tablename__ = "data_keys"
    workspace_id: Mapped[int] = mapped_column(primary_key=True)
    kid: Mapped[str] = mapped_column(primary_key=True)
    wrapped: Mapped[bytes]
    created_at: Mapped[datetime]
    __table_args__ = (ForeignKeyConstraint(["workspace_id"], ["workspaces.workspace_id"]),)
