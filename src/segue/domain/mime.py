"""From a letter to the bytes that go over the wire: a serializer for exactly the shape that Segue sends (MAIL-1, MAIL-2).

Why not `email.message`: it builds about 600 messages per CPU second and is the bottleneck of the whole path (engine.md §3); its modern
policies turn ids of 78 characters and long unsubscribe URLs into encoded words, which breaks threading, and lose blanks in subjects.
Ours folds ids and URLs only at blanks, encodes a text or a name wholly or not at all, and leaves addresses untouched. The bodies are
always quoted-printable: no server on the way has a reason to touch them. `tests/domain/test_mime.py` checks it against the standard parser.
"""

import re
from base64 import b64encode
from binascii import b2a_base64, b2a_qp
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b

from segue.domain.errors import DomainError

LINE_WANTED = 78
"""RFC 5322 §2.1.1: a line should not be longer."""
LINE_MAX = 998
"""RFC 5322 §2.1.1: a line must not be longer."""
ENCODED_WORD_MAX = 75
"""RFC 2047 §2."""
ENCODED_LINE_MAX = 76
"""RFC 2047 §2 for header lines with encoded words, RFC 2045 §6.7 for quoted-printable."""

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

# MAIL-4: every C0, DEL, C1 and the two Unicode line ends; lone surrogates cannot be encoded at all.
_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_BODY_FORBIDDEN = bytes(c for c in [*range(32), 127] if c not in b"\t\r\n")
_BODY_C1 = re.compile(b"\xc2[\x80-\x9f]")
_KEY = re.compile(r"[!-~]{1,200}")
_MESSAGE_ID = re.compile(r"<[!-;=?-~]+>")  # observed ids may lack the "@" (MAIL-13)
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!-;=?-~]+")
_LOCAL = re.compile(r"""[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*|"(?:[!#-\[\]-~]|\\[!-~])+\"""")
_DOMAIN = re.compile(r"(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*")
_MEDIA_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]{1,127}/[A-Za-z0-9!#$&^_.+-]{1,127}")
_PLAIN_FILENAME = re.compile(r"[A-Za-z0-9 ._()+,@-]{1,60}")
_Q_SAFE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")
"""What may stand as itself in an encoded word inside a phrase (RFC 2047 §5 (3)), the strictest place."""
_Q = tuple(chr(c) if c in _Q_SAFE else "_" if c == 32 else f"={c:02X}" for c in range(256))
_RFC5987_SAFE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$&+-.^_`|~")
_PERCENT = tuple(chr(c) if c in _RFC5987_SAFE else f"%{c:02X}" for c in range(256))


class Unbuildable(DomainError):
    """This mail cannot be written as a correct message. `field` names the part; `code` is `smtputf8` for a local part outside ASCII."""

    code = "unbuildable"

    def __init__(self, message: str, *, field: str, hint: str = "", code: str | None = None) -> None:
        super().__init__(message, hint=hint, code=code)
        self.field = field


@dataclass(frozen=True, slots=True)
class Person:
    """A mailbox: a display name (may be empty) and an address whose domain is already an A-label (MAIL-5)."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file from our store."""

    filename: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """One intended message, complete. `date` is aware and in the sender's zone (MAIL-7); ids carry their angle brackets.

    `list_unsubscribe_mailto` is a whole `mailto:` URL; the one-click header is written whenever there is an https URL (MAIL-45).
    """

    sender: Person
    recipient: Person
    subject: str
    date: datetime
    message_id: str
    key: str
    text: str
    html: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    list_unsubscribe_url: str = ""
    list_unsubscribe_mailto: str = ""
    attachments: tuple[Attachment, ...] = ()


def serialize(letter: Letter) -> bytes:
    """Write the letter as the bytes that are stored, sent and filed: CRLF only, 7-bit, no line above 998 octets (MAIL-1).

    The same letter always gives the same bytes. Raises Unbuildable.
    """
    mark = b"=_" + blake2b(letter.key.encode("utf-8", "replace"), digest_size=16).hexdigest().encode("ascii")
    head = _head(letter).encode("ascii")
    kind, body = _words_part(letter, mark + b"a")
    if not letter.attachments:
        return b"".join((head, kind, b"\r\n\r\n", body))
    parts = [head, b'Content-Type: multipart/mixed;\r\n boundary="', mark, b'"\r\n\r\n--', mark, b"\r\n", kind, b"\r\n\r\n", body]
    for attachment in letter.attachments:
        parts += (b"\r\n--", mark, b"\r\n", _attachment_part(attachment))
    parts += (b"\r\n--", mark, b"--\r\n")
    return b"".join(parts)


def fold(name: str, words: Iterable[str], wanted: int = LINE_WANTED) -> str:
    """Write a header line, folded only between `words` (MAIL-2), where it would pass `wanted` characters.

    Raises Unbuildable when a word is longer than a line may be.
    """
    bare = name + ":"
    lines: list[str] = []
    line, longest = bare, 0
    for word in words:
        if word and len(line) + 1 + len(word) > wanted and line != bare:
            lines.append(line)
            longest = max(longest, len(line))
            line = ""
        line = f"{line} {word}"
    lines.append(line)
    if max(longest, len(line)) > LINE_MAX:
        raise Unbuildable(f"{name} holds a word longer than a line of mail may be ({LINE_MAX} characters).", field=name, hint="Shorten it.")
    return "\r\n".join(lines) + "\r\n"


def header_text(value: str, field: str) -> str:
    """Return `value` with blanks stripped and collapsed. Raises Unbuildable for control characters (MAIL-4, X5)."""
    if not value.isprintable() and _FORBIDDEN.search(value):
        raise Unbuildable(
            f"{field} holds a control character or a line break.", field=field, hint=f"Type the {field.lower()} again, in one line."
        )
    return " ".join(filter(None, value.split(" ")))


def _head(letter: Letter) -> str:
    lines = [
        f"Date: {format_date(letter.date)}\r\n",
        _sender_line(letter.sender.name, letter.sender.address),
        _person_line("To", letter.recipient),
        _text_line("Subject", letter.subject),
        _ids_line("Message-ID", (letter.message_id,)),
    ]
    if letter.in_reply_to:
        lines.append(_ids_line("In-Reply-To", (letter.in_reply_to,)))
    if letter.references:
        lines.append(_ids_line("References", letter.references))
    if letter.list_unsubscribe_url or letter.list_unsubscribe_mailto:
        lines.append(_unsubscribe_lines(letter.list_unsubscribe_url, letter.list_unsubscribe_mailto))
    if not _KEY.fullmatch(letter.key):
        raise Unbuildable("The message key is not a plain word.", field="X-Segue-Key")
    lines.append(f"X-Segue-Key: {letter.key}\r\nMIME-Version: 1.0\r\n")
    return "".join(lines)


def format_date(date: datetime) -> str:
    """Write an aware time as RFC 5322 §3.3 wants it, with its own numeric offset (MAIL-7). `strftime` would follow the machine's locale."""
    offset = date.utcoffset()
    if offset is None:
        raise Unbuildable("The date has no time zone.", field="Date")
    minutes = int(offset.total_seconds()) // 60
    sign, minutes = ("-", -minutes) if minutes < 0 else ("+", minutes)
    return (
        f"{_WEEKDAYS[date.weekday()]}, {date.day:02} {_MONTHS[date.month - 1]} {date.year:04} "
        f"{date.hour:02}:{date.minute:02}:{date.second:02} {sign}{minutes // 60:02}{minutes % 60:02}"
    )


def _text_line(name: str, value: str) -> str:
    text = header_text(value, name)
    if not text.isascii() or "=?" in text:
        return fold(name, encoded_words(text, len(name) + 2), ENCODED_LINE_MAX)
    if len(name) + 2 + len(text) <= LINE_WANTED:
        return f"{name}: {text}\r\n"
    return fold(name, text.split(" "))


@lru_cache(maxsize=1024)
def _sender_line(name: str, address: str) -> str:
    """A mailbox writes many letters in a row: its line is made once."""
    return _person_line("From", Person(name, address))


def _person_line(field: str, person: Person) -> str:
    address = check_address(person.address, field)
    name = header_text(person.name, field)
    if not name:
        return fold(field, (f"{address}",))
    if not name.isascii() or "=?" in name:
        return fold(field, (*encoded_words(name, len(field) + 2), f"<{address}>"), ENCODED_LINE_MAX)
    if '"' in name or "\\" in name:
        name = name.replace("\\", "\\\\").replace('"', '\\"')
    line = f'{field}: "{name}" <{address}>\r\n'
    return line if len(line) <= LINE_WANTED + 2 else fold(field, (*f'"{name}"'.split(" "), f"<{address}>"))


def check_address(address: str, field: str = "To") -> str:
    """Return the address unchanged if it may stand in a header and in an SMTP argument. Raises Unbuildable (MAIL-5, MAIL-27)."""
    local, at, domain = address.rpartition("@")
    if at and len(local) <= 64 and _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain):
        return address
    if at and not domain.isascii():
        raise Unbuildable(f"The domain of {field} was not converted to its ASCII form.", field=field)
    if at and not local.isascii() and not _FORBIDDEN.search(local):
        raise Unbuildable(
            "The part before the @ has letters outside ASCII, which this sender's server does not promise to carry.",
            field=field,
            hint="Ask the contact for another address.",
            code="smtputf8",
        )
    raise Unbuildable(f"{field} is not a correct email address.", field=field, hint="Correct the address, for example ann@example.com.")


def encoded_words(text: str, used: int) -> list[str]:
    """Write the whole text as encoded words of at most 75 characters (RFC 2047), the first after `used` characters of its line.

    Q or B, whichever is shorter. A word never ends inside a character. Between adjacent encoded words a reader drops the blank.
    """
    try:
        data = text.encode("utf-8")
    except UnicodeEncodeError:
        raise Unbuildable("The text holds half of a character pair.", field="text") from None
    as_q = sum(map(len, map(_Q.__getitem__, data))) < (len(data) + 2) // 3 * 4
    room = min(ENCODED_WORD_MAX, ENCODED_LINE_MAX - used) - len("=?utf-8?q??=")
    words, start = [], 0
    while start < len(data):
        end = start + (_q_length(data, start, room) if as_q else room // 4 * 3)
        while end < len(data) and data[end] & 0xC0 == 0x80:
            end -= 1
        chunk = data[start:end]
        words.append(f"=?utf-8?q?{''.join(map(_Q.__getitem__, chunk))}?=" if as_q else f"=?utf-8?b?{b64encode(chunk).decode('ascii')}?=")
        room, start = ENCODED_WORD_MAX - len("=?utf-8?q??="), end
    return words


def _q_length(data: bytes, start: int, room: int) -> int:
    """Return how many octets from `start` fit into `room` characters of Q."""
    for at in range(start, len(data)):
        room -= len(_Q[data[at]])
        if room < 0:
            return at - start
    return len(data) - start


def _ids_line(name: str, ids: tuple[str, ...]) -> str:
    for each in ids:
        if not _MESSAGE_ID.fullmatch(each):
            raise Unbuildable(f"{name} holds something that is not a message id.", field=name)
    if len(ids) == 1 and len(ids[0]) < 900:
        return f"{name}: {ids[0]}\r\n"
    return fold(name, ids)


def _unsubscribe_lines(url: str, mailto: str) -> str:
    if (url and not _URL.fullmatch(url)) or (mailto and not (_URL.fullmatch(mailto) and mailto.startswith("mailto:"))):
        raise Unbuildable("The unsubscribe address is not a plain URL.", field="List-Unsubscribe")
    lines = fold("List-Unsubscribe", (f"<{url}>,", f"<{mailto}>") if url and mailto else (f"<{url or mailto}>",))
    if url.startswith("https:"):
        lines += "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"  # RFC 8058 §3.1
    return lines


def _words_part(letter: Letter, mark: bytes) -> tuple[bytes, bytes]:
    """Return the content headers and the body of the part that people read: text alone, or text and HTML as alternatives.

    "=_" in the boundary cannot occur in quoted-printable or base64 (RFC 2045 §6.7 (1)), so no body can hold the boundary.
    """
    text = quoted_printable(letter.text, "text")
    if not letter.html:
        return b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable", text
    return b'Content-Type: multipart/alternative;\r\n boundary="' + mark + b'"', b"".join(
        (
            b"--" + mark,
            b"\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n",
            text,
            b"\r\n--" + mark,
            b"\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n",
            quoted_printable(letter.html, "HTML"),
            b"\r\n--" + mark + b"--\r\n",
        )
    )


def quoted_printable(text: str, field: str) -> bytes:
    """Write a body as quoted-printable UTF-8 (RFC 2045 §6.7), lines of at most 76 octets; it always ends with a line end.

    Every kind of line end becomes CRLF. Raises Unbuildable for control characters other than tab and line ends.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.endswith("\n"):
        text += "\n"
    try:
        data = text.replace("\n", "\r\n").encode("utf-8")
    except UnicodeEncodeError:
        raise Unbuildable(f"The {field} holds half of a character pair.", field=field) from None
    # `translate` that deletes is twenty times faster than a regular expression over the whole body.
    if len(data.translate(None, _BODY_FORBIDDEN)) != len(data) or (b"\xc2" in data and _BODY_C1.search(data)):
        raise Unbuildable(f"The {field} holds a control character.", field=field, hint="Paste it again as plain text.")
    return _mend(b2a_qp(data), has_tabs=b"\t" in data)  # given CRLF in the data, its soft line ends are CRLF too


def _mend(out: bytes, *, has_tabs: bool) -> bytes:
    """Repair what `binascii.b2a_qp` leaves: blanks that it encodes at a line's end may push the line over 76 octets,
    and a line may begin with "From ", which mailbox files on the way would quote. (A lone dot is the transport's to double.)
    """
    if b"=20\r\n" in out or (has_tabs and b"=09\r\n" in out):
        out = b"\r\n".join([line if len(line) <= ENCODED_LINE_MAX else line[:-3] + b"=\r\n" + line[-3:] for line in out.split(b"\r\n")])
    if out.startswith(b"From "):
        out = b"=46rom =\r\n" + out[5:]
    while b"\nFrom " in out:
        out = out.replace(b"\nFrom ", b"\n=46rom =\r\n")
    return out


def _attachment_part(attachment: Attachment) -> bytes:
    kind = attachment.content_type
    if not _MEDIA_TYPE.fullmatch(kind) or kind.lower().startswith(("message/", "multipart/")):  # RFC 2046 §5.2: those may not be base64
        raise Unbuildable(f"{kind!r} is not a kind of file that can be attached.", field="attachment", hint="Use application/octet-stream.")
    name = header_text(attachment.filename, "attachment")
    content = attachment.content
    return b"".join(
        (
            f"Content-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n".encode("ascii"),
            f"Content-Disposition: attachment{_filename(name)}\r\n\r\n".encode("ascii"),
            b"\r\n".join([b2a_base64(content[at : at + 57], newline=False) for at in range(0, len(content), 57)]),
        )
    )


def _filename(name: str) -> str:
    """Return the filename parameters; RFC 2231 with continuations where the name is long or has other letters."""
    if not name:
        raise Unbuildable("An attachment has no file name.", field="attachment", hint="Name the file.")
    if _PLAIN_FILENAME.fullmatch(name):
        return f';\r\n filename="{name}"'
    pieces, piece = [], ""
    for char in name:
        octets = "".join(map(_PERCENT.__getitem__, char.encode("utf-8")))
        if len(piece) + len(octets) > 54:
            pieces.append(piece)
            piece = ""
        piece += octets
    pieces.append(piece)
    if len(pieces) == 1:
        return f";\r\n filename*=utf-8''{piece}"
    pieces[0] = "utf-8''" + pieces[0]
    return "".join(f";\r\n filename*{n}*={piece}" for n, piece in enumerate(pieces))
