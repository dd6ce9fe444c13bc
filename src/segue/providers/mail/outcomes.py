"""The table of mail.md §5: what a server's well-formed refusal while we submit means for contact, address and mailbox.

Rows stand from the most specific to the most general and the first that fits wins; a generic code never outvotes the text.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from segue.domain.inbound.reason import by_words, clean
from segue.providers.mail.base import HandOffError, Misconfigured, Refused, RefusedClass, Scope, SignInAgain, TryLater


class Stage(StrEnum):
    """Where in the dialogue a server answered."""

    CONNECT = "connect"
    AUTH = "auth"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    """The DATA command or the final dot."""


_ENHANCED = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")

_FULL = re.compile(r"quota|(mail)?box (is )?full|storage|exceed\w* .{0,40}size of .{0,12}mailbox", re.IGNORECASE)
# "Insufficient system storage" (RFC 5321 §4.2.3) is the server's trouble, not the contact's.
_QUOTA = re.compile(r"quota|(mail)?box (is )?full", re.IGNORECASE)
_SIZE = re.compile(r"too (large|big|long)|size (limit|exceeds)|exceed\w* .{0,40}(size|limit)|maximum .{0,20}size", re.IGNORECASE)
_ACCESS_DENIED = re.compile(r"address rejected: access denied", re.IGNORECASE)
_DISABLED = re.compile(r"disabled|basic authentication", re.IGNORECASE)

_A_DAY = timedelta(hours=24)

Make = Callable[[str], HandOffError]


def _mailbox_later(detail: str) -> HandOffError:
    return TryLater(detail, scope=Scope.MAILBOX)


def _mailbox_in_a_day(detail: str) -> HandOffError:
    return TryLater(detail, scope=Scope.MAILBOX, after=_A_DAY)


def _contact_later(detail: str) -> HandOffError:
    # None = the usual back-off, which begins at the 30 minutes that greylisting asks for (MAIL-40).
    return TryLater(detail, scope=Scope.CONTACT)


def _full(detail: str) -> HandOffError:
    return TryLater(detail, scope=Scope.CONTACT, after=_A_DAY, tries=3, reason=RefusedClass.FULL)


def _domain_set_up(detail: str) -> HandOffError:
    return Misconfigured(f"the sending domain lacks authentication (SPF, DKIM, DMARC or reverse name): {detail}")


def _refused(reason: RefusedClass, scope: Scope = Scope.CONTACT) -> Make:
    return lambda detail: Refused(detail, reason=reason, scope=scope)


def class_of_text(text: str) -> RefusedClass | None:
    """Return the class that the words of a refusal speak for, or None: the families that also judge bounces (MAIL-67)."""
    found = by_words(clean(text), temporary=False)
    return None if found is None else RefusedClass(found.value)


def _by_text(fallback: RefusedClass) -> Make:
    def make(detail: str) -> HandOffError:
        return Refused(detail, reason=class_of_text(detail.partition(": ")[2]) or fallback)

    return make


@dataclass(frozen=True, slots=True)
class Row:
    """One row: it fits when the enhanced code fits `enhanced`, or (without `enhanced`) the reply code is in `codes`, and `words` occur."""

    enhanced: str = ""
    codes: tuple[int, ...] = ()
    words: re.Pattern[str] | None = None
    make: Make = _contact_later

    def fits(self, code: int, enhanced: str, text: str) -> bool:
        if self.enhanced and re.fullmatch(self.enhanced, enhanced) is None:
            return False
        if self.codes and code not in self.codes:
            return False
        return self.words is None or self.words.search(text) is not None


ROWS: tuple[Row, ...] = (
    # Sign-in.
    Row(r"5\.7\.139", (535,), _DISABLED, Misconfigured),
    Row(r"5\.7\.(8|139)", (535,), None, SignInAgain),
    Row(r"5\.7\.30", (550,), None, Misconfigured),
    Row(r"5\.7\.(9|14)", (534,), None, SignInAgain),
    Row(r"5\.7\.(0|57)", (530,), None, Misconfigured),
    Row(r"4\.7\.0", (454,), None, _mailbox_later),
    Row("", (523, 538), None, Misconfigured),
    # The address is dead, full, closed to outsiders.
    Row(r"5\.1\.(1|2|3|6|10|351)|5\.2\.1|5\.4\.4", (), None, _refused(RefusedClass.INVALID)),
    Row(r"[45]\.2\.2", (), None, _full),
    Row(r"5\.7\.(124|133|136)", (), None, _refused(RefusedClass.RESTRICTED)),
    Row(r"5\.4\.1", (), _ACCESS_DENIED, _refused(RefusedClass.INVALID)),
    Row(r"5\.4\.1", (), None, _by_text(RefusedClass.NETWORK)),
    # The message.
    Row(r"5\.2\.3|5\.3\.4|5\.6\.\d+", (), None, _refused(RefusedClass.CONTENT)),
    # The sender.
    Row(r"5\.1\.[78]", (), None, Misconfigured),
    Row(r"5\.7\.(2[0-7]|515)", (), None, _domain_set_up),
    Row(r"[45]\.7\.28|5\.4\.5|5\.1\.90|5\.7\.[5-7]\d\d", (), None, _mailbox_in_a_day),
    # The way.
    Row(r"5\.4\.(6|14)", (), None, _refused(RefusedClass.NETWORK)),
    Row(r"[45]\.4\.7|4\.4\.[12]|5\.4\.(300|312|316)", (), None, _contact_later),
    Row(r"4\.3\.\d+", (), None, _mailbox_later),
    # A single recipient cannot be one too many; servers that say so count mails, not recipients.
    Row(r"4\.5\.3", (452,), None, _mailbox_later),
    Row(r"5\.7\.\d+", (), re.compile(r"authenticated senders only|restricted", re.IGNORECASE), _refused(RefusedClass.RESTRICTED)),
    Row(r"5\.7\.\d+", (), None, _by_text(RefusedClass.BLOCKED)),
    # Codes alone.
    Row("", (552,), _FULL, _full),
    Row("", (552,), _SIZE, _refused(RefusedClass.CONTENT)),
    Row("", (421,), None, _mailbox_later),
    Row("", (452,), _QUOTA, _full),
    Row("", (452, 454), None, _mailbox_later),
    Row("", (450, 451), None, _contact_later),
    Row("", (500, 502, 503, 504, 530), None, Misconfigured),
    Row("", (534, 535), None, SignInAgain),
)


def enhanced_code(code: int, text: str) -> str:
    """Return the enhanced code (RFC 3463) of the same class as `code`, or an empty string."""
    for match in _ENHANCED.finditer(text):
        if match[1] == str(code)[0]:
            return match[0]
    return ""


def judge(code: int, text: str, stage: Stage) -> HandOffError:
    """Return the outcome of a well-formed 4xx or 5xx reply at `stage`. Only these are refusals (MAIL-24)."""
    detail = f"{stage}: {code} {text}"
    enhanced = enhanced_code(code, text)
    for row in ROWS:
        if row.fits(code, enhanced, text):
            return _at_stage(row.make(detail), detail, stage)
    error = _contact_later(detail) if code < 500 else _by_text(RefusedClass.UNCLEAR)(detail)
    return _at_stage(error, detail, stage)


def _at_stage(error: HandOffError, detail: str, stage: Stage) -> HandOffError:
    """Before RCPT no server has heard of the contact: nothing it says there may stop, or suppress, a contact."""
    if stage in (Stage.RCPT, Stage.DATA):
        return error
    if isinstance(error, TryLater):
        return TryLater(detail, scope=Scope.MAILBOX, after=None if error.reason is RefusedClass.FULL else error.after)
    if not isinstance(error, Refused):
        return error
    if stage is Stage.MAIL and error.reason is RefusedClass.CONTENT:
        return error
    if stage is Stage.MAIL and error.reason is RefusedClass.BLOCKED:
        return Refused(detail, reason=RefusedClass.BLOCKED, scope=Scope.MAILBOX)
    if stage is Stage.AUTH:
        return SignInAgain(detail)
    return Misconfigured(detail)
