"""How messages are named and hang together: Message-ID, the evidence mark, References, reply subjects, threaded or not.

Ids are keyed hashes of K = (enrollment, step, generation): the same for every attempt of K, so that a message can be searched for after a
crash; not guessable and not countable, so that nobody can forge or enumerate them (MAIL-6).
"""

import hmac
import re
from base64 import b32encode
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from segue.domain.errors import Invalid
from segue.domain.ids import EnrollmentId, StepKey, WorkspaceId

MESSAGE_ID_MAX = 76
"""MAIL-6: from 78 characters on, Python's own mail package damages an id that it folds."""
REFERENCES_KEPT = 20
"""MAIL-11: the first and the last 20."""
SECRET_MIN = 16

_REPLY_PREFIX = re.compile(r"(?:re\s*:\s*)+", re.IGNORECASE)
_MESSAGE_ID = re.compile(r"<[!-;=?-~]+>")
_DOMAIN = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class SentEmail:
    """An email of this enrollment that was sent. `message_id` is the *observed* id (S12), the written one only while none was read back."""

    step_key: StepKey
    message_id: str
    references: tuple[str, ...]
    subject: str
    """As actually sent."""


@dataclass(frozen=True, slots=True)
class Thread:
    """Where a mail belongs. A new thread has neither `in_reply_to` nor `references` and no `answers` (S12)."""

    subject: str
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    answers: StepKey | None = None


def make_message_id(
    secret: bytes, workspace_id: WorkspaceId, enrollment_id: EnrollmentId, step_key: StepKey, generation: int, *, domain: str
) -> str:
    """Return the Message-ID of K with its angle brackets, at most 76 characters (MAIL-6). Raises Invalid for a domain that is no A-label.

    The right side is the sender's domain. Of a domain too long for that, leading labels are left out; the 160 bits on the left stay whole.
    """
    right = domain.lower().rstrip(".")
    if not _DOMAIN.fullmatch(right) or ".." in right:
        raise Invalid(
            f"{domain!r} is not a domain in its ASCII form.", hint="Convert the domain before it enters an address.", field="domain"
        )
    left = keyed_hash(secret, "segue message-id", workspace_id, f"{enrollment_id}/{generation}/{step_key}")
    room = MESSAGE_ID_MAX - len(left) - len("<@>")
    while len(right) > room:
        right = right.partition(".")[2] or "segue.invalid"
    return f"<{left}@{right}>"


def make_key(secret: bytes, workspace_id: WorkspaceId, enrollment_id: EnrollmentId, step_key: StepKey, generation: int) -> str:
    """Return the value of X-Segue-Key: another keyed hash of K, opaque to outsiders, our evidence mark (MAIL-6)."""
    return keyed_hash(secret, "segue evidence mark", workspace_id, f"{enrollment_id}/{generation}/{step_key}")


def is_message_id(text: str) -> bool:
    """Say whether this may stand in In-Reply-To or References: printable ASCII in angle brackets, no blanks, not absurdly long.

    The `@` is not asked for: what a provider made of an id is what a reply has to name.
    """
    return len(text) <= 900 and _MESSAGE_ID.fullmatch(text) is not None


def references_for(previous_references: Sequence[str], previous_id: str) -> tuple[str, ...]:
    """Return the References of an answer to `previous_id` (RFC 5322 §3.6.4): at most the first and the last 20 ids (MAIL-11).

    Repeated ids are written once and strange ones, which other systems do produce, not at all: they would make the mail unbuildable.
    """
    chain = [each for each in dict.fromkeys(previous_references) if each != previous_id and is_message_id(each)]
    if is_message_id(previous_id):
        chain.append(previous_id)
    if len(chain) > REFERENCES_KEPT + 1:
        chain = [chain[0], *chain[-REFERENCES_KEPT:]]
    return tuple(chain)


def reply_subject(base: str) -> str:
    """Return `Re: ` + the base subject; never stacked, whatever the base began with (MAIL-12)."""
    return "Re: " + _REPLY_PREFIX.sub("", base, count=1) if _REPLY_PREFIX.match(base) else "Re: " + base


def thread_of(*, own_subject: str, first_subject: str, one_thread: bool, continues: StepKey | None, sent: Sequence[SentEmail]) -> Thread:
    """Decide whether a follow-up continues a thread (SEQ-39, SEQ-40).

    Shapes: `own_subject` is the rendered subject of the step ("" if it has none), `first_subject` that of the sequence's first email;
    `continues` names an earlier step whose thread is to be continued, which counts whatever the switch `one_thread` says; `sent` are the
    emails of this enrollment in the order of sending. Returns a new thread when the answered step was not sent, or has no usable id.
    """
    answered: SentEmail | None = None
    if continues is not None:
        answered = next((each for each in reversed(sent) if each.step_key == continues), None)
    elif one_thread and sent:
        answered = sent[-1]
    if answered is None or not is_message_id(answered.message_id):
        return Thread(own_subject or first_subject)
    return Thread(
        reply_subject(answered.subject), answered.message_id, references_for(answered.references, answered.message_id), answered.step_key
    )


def keyed_hash(secret: bytes, purpose: str, workspace_id: WorkspaceId, key: str) -> str:
    """Hash a key of K unambiguously: the numbers come first and hold no slash, the step key comes last. 160 bits in 32 characters."""
    if len(secret) < SECRET_MIN:
        raise ValueError("the secret for message ids is too short")
    text = f"{purpose}\0{workspace_id}/{key}".encode()
    return b32encode(hmac.digest(secret, text, sha256)[:20]).decode("ascii").lower()
