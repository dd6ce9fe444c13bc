"""Which facts a webhook can tell: everything that stands on the timeline. And the facts about webhooks themselves, for the audit log."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

from segue.domain import acts, contact_events, events, sequence_events
from segue.domain.account_events import AccountEvent
from segue.domain.errors import Invalid
from segue.domain.events import CompanyBooked, CompanyWrote, Event

ALL = "*"
TOLD = (acts, contact_events, events, sequence_events)
"""Modules whose facts stand on the timeline."""
INNER: tuple[type[Event], ...] = (AccountEvent, CompanyWrote, CompanyBooked, contact_events.ContactPlacesChanged)
"""Facts that stand on no timeline, or are the program's own affair."""
_IDS = ("contact_id", "enrollment_id", "message_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookChanged(AccountEvent):
    """An endpoint was added, removed, switched, or got a new secret; `where` is its server, without the path."""

    endpoint_id: int
    where: str
    change: str


def kinds() -> dict[str, type[Event]]:
    """Return the facts by their stable names, in order."""
    found = [
        each
        for module in TOLD
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, Event) and each is not Event and each.__module__ == module.__name__
    ]
    return dict(sorted((_kind_of(each), each) for each in found if not issubclass(each, INNER)))


def describe(event: type[Event]) -> tuple[str, list[str]]:
    """Return what a fact says, in a sentence, and the names of its data besides the ids."""
    own = event.__dict__.get("__doc__") or ""
    said = "" if own.startswith(f"{event.__name__}(") else " ".join(own.split())
    return said, [each.name for each in fields(event) if each.name not in _IDS]


def check_kinds(wanted: Sequence[str]) -> list[str]:
    """Return kinds in order, each once; `*` alone stands for every one, also for those that are yet to come. Raises Invalid."""
    if ALL in wanted:
        return [ALL]
    known = kinds()
    for kind in wanted:
        if kind not in known:
            raise Invalid(f"There is no event {kind!r}.", hint="`segue webhooks events` lists them.", field="events")
    if not wanted:
        raise Invalid("No event is named.", hint="Name events, or * for every one.", field="events")
    return sorted(set(wanted))


def _kind_of(event: type[Event]) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in event.__name__).removeprefix("_")
