"""The facts of a mail that every rule needs: who, to whom, ids, texts. Built once; no rule looks at bytes again."""

import hashlib
import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_tz

from segue.domain.addresses import plain_form
from segue.domain.inbound.decode import decode_header, fold, strip_invisible
from segue.domain.inbound.html_lines import html_text
from segue.domain.inbound.mime_tree import Part, parse

MAX_TEXT = 300_000
"""Characters of text that are looked at and kept per mail."""
MAX_IDS = 1_000

_ID = re.compile(r"<[^<>\s@\"]{1,500}@[^<>\s@]{1,300}>")
_KEY = re.compile(rb"(?im)^[>\s]{0,20}X-Segue-Key:[ \t]*([\w+/=.:-]{1,200})")
_ADDRESS = re.compile(r"[^\s<>()\[\]\",;:@\\]{1,200}@[^\s<>()\[\]\",;:@\\]{1,250}")
_QUOTED_NAME = re.compile(r"\"((?:[^\"\\]|\\.){0,1000})\"")


@dataclass(slots=True)
class Message:
    """One mail, taken apart."""

    root: Part
    parts: list[Part]
    sender: str = ""
    sender_name: str = ""
    recipients: tuple[str, ...] = ()
    message_id: str = ""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    subject: str = ""
    folded_subject: str = ""
    sent_at: datetime | None = None
    local_day: date | None = None
    """The calendar day of the Date header where it was written: "tomorrow" counts from there."""
    plain: str = ""
    """Text parts outside quoted mails, joined."""
    html: str = ""
    text: str = ""
    """`plain`, or the text of `html` where no plain part says anything."""
    signals: list[str] = field(default_factory=list)

    def note(self, signal: str) -> None:
        """Remember why; shown to the user (SEQ-138)."""
        if len(self.signals) < 40 and signal not in self.signals:
            self.signals.append(signal[:200])


def build(raw: bytes) -> Message:
    """Take a mail apart."""
    root = parse(raw)
    mail = Message(root, root.walk())
    people = addresses(root.raw("from"))
    mail.sender, mail.sender_name = people[0] if people else ("", display_only(root.raw("from")))
    mail.recipients = tuple(dict.fromkeys(a for name in ("to", "cc") for n, v in root.headers if n == name for a, _ in addresses(v)))[:500]
    mail.message_id = next(iter(ids_in(root.text("message-id"))), "")
    mail.in_reply_to = ids_of(root, "in-reply-to")
    mail.references = ids_of(root, "references")
    mail.subject = re.sub(r"\s+", " ", strip_invisible(root.text("subject")))[:1_000].strip()
    mail.folded_subject = fold(mail.subject)
    mail.sent_at, mail.local_day = parse_date(root.text("date"))
    mail.plain, mail.html = _texts(mail.parts)
    mail.text = mail.plain if mail.plain.strip() else html_text(mail.html)[:MAX_TEXT]
    return mail


def _texts(parts: list[Part]) -> tuple[str, str]:
    plain: list[str] = []
    pages: list[str] = []
    room = MAX_TEXT
    for part in parts:
        if part.inside_message or part.children or room <= 0 or _is_attachment(part):
            continue
        if part.kind == "text/plain" or (part.kind.startswith("text/") and part.kind in {"text/enriched", "text/richtext", "text/flowed"}):
            text = strip_invisible(part.content_text())[:room]
            plain.append(text)
        elif part.kind == "text/html":
            text = part.content_text()[:1_000_000]
            pages.append(text)
        else:
            continue
        room -= len(text)
    joined = "\n".join(plain)
    if not pages and joined.lstrip()[:15].lower().startswith(("<html", "<!doctype html")):
        return "", joined
    return joined, "\n".join(pages)


def _is_attachment(part: Part) -> bool:
    return part.depth > 0 and part.raw("content-disposition")[:10].lower() == b"attachment"


def ids_in(text: str) -> tuple[str, ...]:
    """Every Message-ID-like `<left@right>` in the order of appearance, each once."""
    return tuple(dict.fromkeys(m[0] for m in _ID.finditer(text[:2_000_000])))[:MAX_IDS]


def ids_of(root: Part, name: str) -> tuple[str, ...]:
    """Ids of a header; a mailer that breaks an id over two lines is forgiven."""
    value = " ".join(root.all_text(name))[:50_000]
    found = ids_in(value)
    return found or ids_in(re.sub(r"\s+", "", value))


def all_ids(mail: Message, raw: bytes) -> tuple[str, ...]:
    """Ids anywhere: headers, raw text, decoded parts and HTML, where `<` is written `&lt;` (MAIL-69 b)."""
    found: dict[str, None] = {}
    for text in _haystacks(mail, raw):
        for one in ids_in(text):
            if one != mail.message_id:
                found.setdefault(one)
        if len(found) >= MAX_IDS:
            break
    return tuple(found)[:MAX_IDS]


def _haystacks(mail: Message, raw: bytes) -> list[str]:
    texts = [raw[:1_500_000].decode("latin-1")]
    for part in mail.parts:
        if not part.children and part.text("content-transfer-encoding").lower() in {"base64", "quoted-printable"}:
            texts.append(part.content()[:300_000].decode("latin-1"))
        if len(texts) > 60:
            break
    if "&lt;" in mail.html or "&lt;" in mail.plain:
        texts.append((mail.html + mail.plain).replace("&lt;", "<").replace("&gt;", ">"))
    return texts


def segue_keys(mail: Message, raw: bytes) -> tuple[str, ...]:
    """Values of X-Segue-Key in the headers or anywhere in a returned part (MAIL-69 a)."""
    found: dict[str, None] = {}
    sources = [raw[:1_500_000]] + [p.content()[:300_000] for p in mail.parts[:60] if not p.children and p.has("content-transfer-encoding")]
    for source in sources:
        for match in _KEY.finditer(source):
            found.setdefault(match[1].decode("latin-1"))
    return tuple(found)[:50]


def addresses(raw: bytes) -> list[tuple[str, str]]:
    """(address, display name) of a header. Cut apart before encoded words are decoded, so that a comma in a name splits nothing."""
    text = raw[:50_000].decode("utf-8", "replace")
    out: list[tuple[str, str]] = []
    for piece in _split_people(text):
        start = piece.rfind("<")
        inside = piece[start + 1 :].split(">", 1)[0] if start >= 0 else ""
        found = _ADDRESS.search(inside) or _ADDRESS.search(_QUOTED_NAME.sub(" ", piece)) or _ADDRESS.search(piece)
        if not found:
            continue
        name = piece[:start] if start >= 0 else piece.replace(found[0], " ")
        out.append((plain_form(found[0]) or found[0].lower(), _name(name)))
        if len(out) >= 500:
            break
    return out


def _split_people(text: str) -> list[str]:
    pieces: list[str] = []
    current: list[str] = []
    quoted = False
    depth = 0
    for sign in re.split(r"(\\.|[\",;<>()])", text):
        if sign == '"':
            quoted = not quoted
        elif not quoted and sign in {"<", "("}:
            depth += 1
        elif not quoted and sign in {">", ")"}:
            depth = max(0, depth - 1)
        elif sign in {",", ";"} and not quoted and depth == 0:
            pieces.append("".join(current))
            current = []
            continue
        current.append(sign)
    pieces.append("".join(current))
    return pieces


def _name(text: str) -> str:
    text = decode_header(text.strip().encode("utf-8", "replace"))
    return re.sub(r"\s+", " ", strip_invisible(text.replace('\\"', "'").replace('"', ""))).strip(" ()'")[:300]


def display_only(raw: bytes) -> str:
    """The From of a mail that names no address ("Mail Delivery Subsystem")."""
    return _name(raw[:1_000].decode("utf-8", "replace").replace("<", "").replace(">", ""))


def parse_date(text: str) -> tuple[datetime | None, date | None]:
    """A Date header as an aware UTC time and the day it names; None, None if it says nothing sensible."""
    try:
        got = parsedate_tz(text[:200])
        if got is None:
            return None, None
        moment = datetime(*got[:6], tzinfo=UTC)
        return moment - timedelta(seconds=got[9] or 0), moment.date()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None, None


def content_hash(mail: Message) -> bytes:
    """Same mail, same hash, whatever server stored it: trace headers change on re-upload, these do not (MAIL-54)."""
    digest = hashlib.sha256()
    for name in ("message-id", "date", "from", "to", "cc", "subject", "in-reply-to", "references", "content-type"):
        digest.update(name.encode() + b"\0" + re.sub(rb"\s+", b" ", mail.root.raw(name)) + b"\0")
    digest.update(re.sub(rb"\r\n?", b"\n", mail.root.body).rstrip())
    return digest.digest()
