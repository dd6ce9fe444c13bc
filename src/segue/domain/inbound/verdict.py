"""What reading one mail gives: a verdict that can be explained and computed again (MAIL-61)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date as day
from datetime import datetime
from enum import StrEnum
from typing import Literal

RULES_VERSION = 2
"""Stored beside each verdict, so that old ones can be recomputed when the rules change (MAIL-61)."""


class Kind(StrEnum):
    """What a mail is. The order of judging is MAIL-61, not the order here."""

    OWN = "own"
    UNSUBSCRIBE = "unsubscribe"
    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    RECEIPT = "receipt"
    CALENDAR = "calendar"
    AUTO_REPLY = "auto_reply"
    CHALLENGE = "challenge"
    HUMAN = "human"
    LIST = "list"


class BounceReason(StrEnum):
    """The classes of the table in mail.md §5. Only `INVALID` says that the address is dead."""

    INVALID = "invalid"
    FULL = "full"
    BLOCKED = "blocked"
    RESTRICTED = "restricted"
    CONTENT = "content"
    NETWORK = "network"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    RELAYED = "relayed"
    EXPANDED = "expanded"
    UNCLEAR = "unclear"


AutoKind = Literal["", "ooo", "left", "ticket", "notice"]


@dataclass(frozen=True, slots=True)
class RecipientFacts:
    """What a notice says about one recipient (MAIL-66, MAIL-67)."""

    address: str
    reason: str
    action: str = ""
    status: str = ""
    diagnostic: str = ""


@dataclass(frozen=True, slots=True)
class BounceFacts:
    """What a notice says. `hard` = a final failure of class `invalid`; suppression needs more (MAIL-70, S16).

    The fields speak of the recipient to whom the returned mail was addressed; `recipients` has all of them (MAIL-68: only ours counts).
    """

    hard: bool
    reason: str
    action: str
    status: str
    failed_recipients: tuple[str, ...] = ()
    original_message_ids: tuple[str, ...] = ()
    diagnostic: str = ""
    recipients: tuple[RecipientFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadContext:
    """What the reader may know of the world.

    `own_keys_or_ids` answers "is this Message-ID or X-Segue-Key one of ours?". `is_unsubscribe_token` verifies the token of MAIL-47.
    `answers_ours` is True when the engine has already matched the mail to a send: only then do body keywords count (MAIL-74).
    `trusted_authserv` holds authserv-ids of our own mailbox host; "" trusts a header without one, as Exchange Online writes it.
    """

    own_addresses: frozenset[str] = frozenset()
    own_keys_or_ids: Callable[[str], bool] | frozenset[str] = frozenset()
    trusted_authserv: frozenset[str] = frozenset()
    received_at: datetime | None = None
    parent_text: str | None = None
    answers_ours: bool | None = None
    is_unsubscribe_token: Callable[[str], bool] | None = None

    def owns(self, value: str) -> bool:
        """Whether an id or key is one of ours."""
        known = self.own_keys_or_ids
        return value in known if isinstance(known, frozenset) else bool(known(value))


@dataclass(frozen=True, slots=True)
class Verdict:
    """Everything that the engine needs from one mail. Ids keep their angle brackets; addresses are lower-case."""

    kind: Kind
    rule: str
    signals: tuple[str, ...] = ()
    undecided: bool = False
    sender: str = ""
    sender_name: str = ""
    recipients: tuple[str, ...] = ()
    message_id: str = ""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    quoted_ids: tuple[str, ...] = ()
    segue_keys: tuple[str, ...] = ()
    subject: str = ""
    date: datetime | None = None
    bounce: BounceFacts | None = None
    auto_kind: AutoKind = ""
    return_date: day | None = None
    return_sentence: str = ""
    successor: str = ""
    new_text: str = ""
    full_text: str = ""
    kept_all: bool = False
    """Cutting the quotation would have left nothing, so everything was kept (MAIL-80)."""
    intent: str = ""
    opt_out: bool = False
    calendar_method: str = ""
    partstat: str = ""
    invited_at: datetime | None = None
    organizer: str = ""
    """Whose calendar a meeting stands in, as the answer to its invitation names it (RFC 5546)."""
    authentication: str = "none"
    list_id: str = ""
    unsubscribe_token: str = ""
    content_hash: bytes = field(default=b"", repr=False)
    version: int = RULES_VERSION
