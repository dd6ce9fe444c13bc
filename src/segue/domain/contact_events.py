"""Facts about contacts, their consent and their suppression; like all facts they stand on the timeline (SEQ-175)."""

from dataclasses import dataclass
from datetime import datetime

from segue.domain.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactChanged(Event):
    """A person edited a contact; `names` are the properties, without their values."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactDeleted(Event):
    """It is removed from all further steps (SEQ-170) and can be restored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRestored(Event):
    """A deleted contact is back; its enrollments stay ended (SEQ-143)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactMerged(Event):
    """Another contact turned out to be this one (SEQ-143); what it had is this one's now."""

    other_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactErased(Event):
    """The person was erased (S27): every slice empties what it keeps of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRecorded(Event):
    basis: str
    source: str
    expires_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentWithdrawn(Event):
    """Every consent of the address was taken back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppressionLifted(Event):
    """An address or domain may be written to again; `why` is the reason given (SEQ-63)."""

    suppression_kind: str
    was: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactPlacesChanged(Event):
    """Contacts with open enrollments may live by another clock now: time zone, city, region, phone or country were changed."""

    contact_ids: tuple[int, ...]
