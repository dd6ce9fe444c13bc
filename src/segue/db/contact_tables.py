"""What is known of contacts beside their own row: typed properties, companies, lists, consent. Tables of the contacts slice."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Identity, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from segue.db.rows import Row, tenant


class PropertyDefinitionRow(Row):
    """A property that this workspace made itself; those every workspace has stand in `domain/properties.py`."""

    __tablename__ = "property_definitions"
    workspace_id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    label: Mapped[str]
    kind: Mapped[str]
    choices: Mapped[list[str]] = mapped_column(server_default="{}")
    created_at: Mapped[datetime]
    __table_args__ = (ForeignKeyConstraint(["workspace_id"], ["workspaces.workspace_id"]),)


class CompanyRow(Row):
    """A firm, known by its mail domain; people at free-mail domains have none."""

    __tablename__ = "companies"
    workspace_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    domain: Mapped[str]
    name: Mapped[str] = mapped_column(server_default="")
    properties: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (
        ForeignKeyConstraint(["workspace_id"], ["workspaces.workspace_id"]),
        UniqueConstraint("workspace_id", "domain"),
    )


class ContactListRow(Row):
    """A list of contacts with a name: its members, or where `filter` is not empty whoever it finds when asked."""

    __tablename__ = "contact_lists"
    workspace_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    name: Mapped[str]
    filter: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[datetime]
    __table_args__ = (
        ForeignKeyConstraint(["workspace_id"], ["workspaces.workspace_id"]),
        Index("contact_lists_name", "workspace_id", text("lower(name)"), unique=True),
    )


class ContactListMemberRow(Row):
    """A contact on a list."""

    __tablename__ = "contact_list_members"
    workspace_id: Mapped[int] = mapped_column(primary_key=True)
    list_id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(primary_key=True)
    added_at: Mapped[datetime]
    __table_args__ = (
        tenant("contact_lists", "list_id"),
        tenant("contacts", "contact_id"),
        Index("contact_list_members_contact", "workspace_id", "contact_id"),
    )


class ConsentRow(Row):
    """Why an address may be written to (reliability.md §9). `address_normal` is the form of MAIL-77."""

    __tablename__ = "consents"
    workspace_id: Mapped[int] = mapped_column(primary_key=True)
    address_normal: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str]
    given_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    recorded_at: Mapped[datetime]
    __table_args__ = (ForeignKeyConstraint(["workspace_id"], ["workspaces.workspace_id"]),)


class ConsentPolicyRow(Row):
    """What a missing consent does in a country: off, warn, block. `country` is an ISO 3166 code, or * for all others."""

    __tablename__ = "consent_policies"
    workspace_id: Mapped[int] = mapped_column(primary_key=True)
    country: Mapped[str] = mapped_column(primary_key=True)
    policy: Mapped[str]
    __table_args__ = (ForeignKeyConstraint(["workspace_id"], ["workspaces.workspace_id"]),)
