"""The API of mailboxes: their state and limits, and the mail that could not be judged. No secret ever leaves (S23)."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from segue.domain.permissions import Permission
from segue.features.mail.connect import list_mailboxes
from segue.features.mail.quarantine import list_quarantined
from segue.http.asking import Asked, asks
from segue.http.models import Id, Instant, Out

router = APIRouter(prefix="/api/v1", tags=["mailboxes"])

Reads = Annotated[Asked, asks("mailboxes:read")]
Sees = Annotated[Asked, asks("mailboxes:read", Permission.SETTINGS)]


class MailboxOut(Out):
    id: Id
    address: str
    display_name: str
    provider: str
    user: str
    state: str
    state_detail: str
    badge: str = Field(description="What is wrong in a word; empty where all is well (SEQ-109).")
    todo: str
    paused: bool
    breaker: str
    per_day: int | None
    per_minute: int
    sent_24h: int
    inbox_read_at: Instant | None
    connected_at: Instant


class Mailboxes(Out):
    items: list[MailboxOut]


class QuarantinedOut(Out):
    place: str
    mailbox: str
    tries: int
    error: str
    size: int
    at: Instant


class Quarantine(Out):
    items: list[QuarantinedOut]


@router.get("/mailboxes", operation_id="list_mailboxes")
def mailboxes(asked: Reads) -> Mailboxes:
    """List the mailboxes with their state, limits, and what they have sent in 24 hours."""
    with asked.tx() as tx:
        return Mailboxes.model_validate({"items": list_mailboxes(tx)})


@router.get("/quarantine", operation_id="list_quarantine")
def quarantine(asked: Sees) -> Quarantine:
    """List mail that could not be judged (MAIL-56), the newest first, without its text."""
    with asked.tx() as tx:
        return Quarantine.model_validate({"items": list_quarantined(tx)})
