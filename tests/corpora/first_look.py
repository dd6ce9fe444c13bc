"""Whole mails as systems and people write them, with what they are. Written before the phrase tables were looked at.

The files under `first_look/` hold mails after lines `=== name | kind [class] | …`. Bodies stand there as readable text; the loader writes
them in the charset and transfer encoding that their headers promise, and encodes header lines that are not ASCII (RFC 2047).
"""

import base64
import quopri
import re
from dataclasses import dataclass
from email.header import Header
from pathlib import Path

from corpora.make_mail import ORIGINAL_ID, OURS, RETURNED, hash_of

FOLDER = Path(__file__).parent / "first_look"
RECIPIENT = "ann@prospect.test"


@dataclass(frozen=True)
class Labelled:
    """`about`: the failed recipient of a notice, the return date of an automatic answer ("-" for none). `new`: the new text."""

    name: str
    kind: str
    detail: str
    about: str
    new: str
    raw: bytes


def load(name: str) -> list[Labelled]:
    out = []
    for piece in re.split(r"(?m)^=== ", (FOLDER / f"{name}.txt").read_text("utf-8"))[1:]:
        head, _, text = piece.partition("\n")
        title, what, *rest = (part.strip() for part in head.split("|"))
        kind, _, detail = what.partition(" ")
        mail, _, new = text.partition("\n%%%\n")
        about = rest[0].replace("@R", RECIPIENT) if rest else ""
        out.append(Labelled(title, kind, detail, about, new.strip(), _raw(_filled(mail))))
    return out


def _filled(text: str) -> str:
    returned = RETURNED.rstrip("\n")
    for mark, value in (("@RETURNED", returned), ("@HEADERS", returned.split("\n\n")[0] + "\n")):
        text = re.sub(rf"(?m)^{mark}$", lambda _, value=value: value, text)
    return text.replace("@ID", ORIGINAL_ID).replace("@R", RECIPIENT).replace("@O", OURS)


def _raw(text: str) -> bytes:
    head, _, body = text.partition("\n\n")
    present = {line.split(":")[0].lower() for line in head.split("\n") if ":" in line}
    common = {
        "to": f"Bob <{OURS}>",
        "date": "Mon, 11 Jan 2027 10:02:00 +0100",
        "message-id": f"<{hash_of(text)}@far.test>",
        "mime-version": "1.0",
    }
    head += "".join(f"\n{name.title()}: {value}" for name, value in common.items() if name not in present)
    boundary = re.search(r'(?i)^content-type: multipart/[^\n]*(?:\n[ \t][^\n]*)*boundary="?([^"\n;]+)"?', head, re.MULTILINE)
    if not boundary:
        return _head(head) + b"\n\n" + _body(head, body)
    parts = re.split(rf"(?m)^(--{re.escape(boundary[1])}(?:--)?)$", body)
    out = [parts[0].encode()]
    for mark, part in zip(parts[1::2], parts[2::2], strict=True):
        out.append(mark.encode() + b"\n" + (_part(part.removeprefix("\n")) if not mark.endswith("--") else b"\n"))
    return _head(head) + b"\n\n" + b"".join(out)


def _part(text: str) -> bytes:
    if text.startswith("\n"):
        return text.encode()
    head, _, body = text.partition("\n\n")
    if re.search(r"(?i)content-type: (?:message/rfc822|multipart)", head):
        inner = body if "message/rfc822" in head.lower() else ""
        return _raw_inner(head, body) if not inner else head.encode() + b"\n\n" + inner.encode()
    return head.encode() + b"\n\n" + _body(head, body)


def _raw_inner(head: str, body: str) -> bytes:
    boundary = re.search(r'(?i)boundary="?([^"\n;]+)"?', head)
    assert boundary
    parts = re.split(rf"(?m)^(--{re.escape(boundary[1])}(?:--)?)$", body)
    out = [head.encode() + b"\n\n" + parts[0].encode()]
    for mark, part in zip(parts[1::2], parts[2::2], strict=True):
        out.append(mark.encode() + b"\n" + (_part(part.removeprefix("\n")) if not mark.endswith("--") else part.encode()))
    return b"".join(out)


def _head(head: str) -> bytes:
    lines = []
    for line in head.split("\n"):
        name, colon, value = line.partition(": ")
        lines.append(line if line.isascii() else f"{name}{colon}{Header(value, 'utf-8', maxlinelen=900).encode()}")
    return "\n".join(lines).encode("ascii")


def _body(head: str, body: str) -> bytes:
    charset = re.search(r'(?i)charset="?([\w-]+)', head)
    how = re.search(r"(?i)content-transfer-encoding: ([\w-]+)", head)
    name = charset[1] if charset else "utf-8"
    raw = body.encode("utf-8" if name in {"us-ascii", "unicode-1-1-utf-7"} else name, "replace")
    if how and how[1] == "base64":
        return base64.encodebytes(raw)
    return quopri.encodestring(raw) if how and how[1] == "quoted-printable" else raw
