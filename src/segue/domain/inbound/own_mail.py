"""What a mail of the Sent folder says of itself: whether a program of ours sent it, to whom it went, what it answers (MAIL-51)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from segue.domain.addresses import normal_form
from segue.domain.inbound.auto_reply import header_sign
from segue.domain.inbound.message import addresses, build, content_hash

MOVED = timedelta(days=1)
"""A copy that is so much older than its arrival was moved into the folder, as when a mailbox changes its host: nobody wrote it now."""


@dataclass(frozen=True, slots=True)
class OwnMail:
    """A copy in Sent. `key` is our evidence mark, empty on what was written elsewhere; `named` the ids it answers, the nearest first."""

    message_id: str
    key: str
    named: tuple[str, ...]
    recipients: frozenset[str]
    """Normal forms of To, Cc and Bcc."""
    content_hash: bytes
    written_at: datetime | None
    automatic: bool

    def by_hand(self, filed_at: datetime) -> bool:
        """Say whether a person wrote it about when the folder got it."""
        moved = self.written_at is not None and filed_at - self.written_at > MOVED
        return not (self.key or self.automatic or moved)


def read_own(raw: bytes) -> OwnMail:
    """Take a copy apart. Any bytes in; what breaks the reader raises, and the mail is set aside (MAIL-56)."""
    mail = build(raw)
    given = [
        address for name in ("to", "cc", "bcc") for header, value in mail.root.headers if header == name for address, _ in addresses(value)
    ]
    return OwnMail(
        message_id=mail.message_id,
        key=mail.root.text("x-segue-key"),
        named=(*mail.in_reply_to, *reversed(mail.references)),
        recipients=frozenset(normal_form(each) for each in given[:500]),
        content_hash=content_hash(mail),
        written_at=mail.sent_at,
        automatic=bool(header_sign(mail)),
    )
