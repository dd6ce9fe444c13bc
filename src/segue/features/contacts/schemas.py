"""What the API takes and answers about contacts, companies, lists, suppression and consent."""

from typing import Annotated, Any, Literal

from pydantic import Field

from segue.domain.consent import Basis, Policy
from segue.http.models import Body, Id, Instant, Line, Name, Out, Prose

Address = Annotated[str, Field(min_length=3, max_length=320, examples=["ann@prospect.example"])]
Values = Annotated[
    dict[Annotated[str, Field(max_length=100)], Annotated[str, Field(max_length=20_000)]],
    Field(max_length=500, description="Properties by name, in the form of their type.", examples=[{"job_title": "CTO"}]),
]


class ContactOut(Out):
    id: Id
    email: str
    first_name: str
    last_name: str
    company: str
    timezone: str
    country: str
    other_addresses: list[str]
    properties: dict[str, Any]
    company_id: int | None
    address_dead_at: Instant | None = Field(description="Since when mail to the address bounces for good.")
    deleted_at: Instant | None
    created_at: Instant
    updated_at: Instant


class ContactFields(Body):
    first_name: Line | None = None
    last_name: Line | None = None
    company: Line | None = None
    timezone: Line | None = Field(None, examples=["Europe/Berlin"])
    country: Line | None = Field(None, examples=["DE"])
    properties: Values = Field({})

    def values(self) -> dict[str, str]:
        """Return what is given, by name."""
        own = self.model_dump(exclude={"properties", "email", "add_addresses", "remove_addresses"}, exclude_none=True)
        return {**own, **self.properties}


class NewContact(ContactFields):
    email: Address
    add_addresses: list[Address] = Field([], max_length=20, description="Further addresses of the person.")


class ContactChange(ContactFields):
    """What is to be different; an empty text takes a value away."""

    email: Address | None = None
    add_addresses: list[Address] = Field([], max_length=20)
    remove_addresses: list[Address] = Field([], max_length=20)


class ContactBatch(Body):
    contacts: list[dict[Annotated[str, Field(max_length=100)], Annotated[str, Field(max_length=20_000)]]] = Field(
        min_length=1,
        max_length=10_000,
        description="Rows as of a CSV file: `email`, and whatever else is known by name.",
        examples=[[{"email": "ann@prospect.example", "first_name": "Ann", "company": "Prospect Ltd"}]],
    )


class RefusedRow(Out):
    index: int = Field(description="Place in the request, from 0.")
    email: str
    message: str


class BatchDone(Out):
    created: int
    updated: int
    unchanged: int
    refused: list[RefusedRow]


class MergeIn(Body):
    other_id: Id = Field(description="The contact that becomes part of this one.")


class Erased(Out):
    kept_hashes: int = Field(description="Addresses of which a keyed hash is kept, so that no import mails them again (S27).")


class TimelineEntry(Out):
    id: int | None = None
    at: Instant
    kind: str
    actor: str = ""
    sequence: str | None = None
    enrollment_id: int | None = None
    data: dict[str, Any] = Field({})


class Timeline(Out):
    items: list[TimelineEntry]


class Everything(Out):
    """All that is known of a person, by table."""

    contact_id: Id
    data: dict[str, Any]


class SuppressionOut(Out):
    kind: Literal["address", "domain", "erased"]
    value: str
    reason: str
    source: str
    created_at: Instant


class Suppressions(Out):
    items: list[SuppressionOut]
    next_cursor: str | None = None


class NewSuppression(Body):
    kind: Literal["address", "domain"]
    value: Address
    reason: Name = "manual"


class SuppressionDone(Out):
    kind: str
    value: str
    added: bool = Field(description="False where it stood there already; the first reason stays.")


class LiftIn(Body):
    value: Address
    why: Prose = Field(description="Stands on the timeline.")


class Lifted(Out):
    value: str
    reason: str = Field(description="For what it stood there.")


class ConsentIn(Body):
    email: Address
    basis: Basis
    source: Line = Field(min_length=1, description="Where it was given.")
    given_at: Instant | None = None
    expires_at: Instant | None = None


class ConsentOut(Out):
    address: str
    kind: str
    source: str
    given_at: Instant
    expires_at: Instant | None
    recorded_at: Instant


class Consents(Out):
    items: list[ConsentOut]


class Withdrawn(Out):
    withdrawn: int


class PolicyOut(Out):
    policies: dict[str, Policy]


class PolicyIn(Body):
    policy: Policy


class ListOut(Out):
    name: str
    filter: str = ""
    members: int | None = None


class Lists(Out):
    items: list[ListOut]


class NewList(Body):
    name: Name
    filter: Annotated[str, Field(max_length=10_000)] = Field("", description="A saved filter, such as `country = DE`.")


class Members(Body):
    contacts: list[Id] = Field(min_length=1, max_length=10_000)


class MembersDone(Out):
    changed: int


class PropertyOut(Out):
    name: str
    label: str
    kind: str
    choices: list[str] = Field([])


class Properties(Out):
    items: list[PropertyOut]


class NewProperty(Body):
    name: Name
    label: Line = ""
    kind: Line = "text"
    choices: list[Line] = Field([], max_length=200)


class CompanyOut(Out):
    id: Id
    domain: str
    name: str
    created_at: Instant
    updated_at: Instant
