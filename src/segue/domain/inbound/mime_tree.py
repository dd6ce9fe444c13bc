"""Cuts a mail into headers and parts. Linear in the size of the mail, never raises, never goes deeper or wider than the limits (X7).

Not the stdlib's parser: it tests every line against the boundaries of all open levels and works in Python line by line, so a crafted mail
of the permitted size keeps it busy for minutes. On well-formed mail both give the same tree, which a test asserts.
"""

import re
from dataclasses import dataclass, field

from segue.domain.inbound.decode import decode_bytes, decode_header, decode_transfer

MAX_PARTS = 500
MAX_DEPTH = 20
MAX_HEADERS = 1_000
MAX_HEADER_LINES = 20_000
MAX_BYTES = 6_000_000
"""A little above the 5 MB that MAIL-52 fetches; what lies beyond is not looked at."""

_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:")
_PARAM = re.compile(r";\s*([\w!#$&+.^`|~-]{1,60}\*?\d{0,3}\*?)\s*=\s*(?:\"((?:[^\"\\]|\\.){0,2000})\"?|([^;\s]{0,2000}))")
_LINE_END = re.compile(rb"\r\n|\r|\n")


@dataclass(slots=True)
class Part:
    """One node: its headers (lower-case name, raw unfolded value), its raw body, and the parts inside it."""

    headers: list[tuple[str, bytes]]
    body: bytes
    depth: int = 0
    kind: str = "text/plain"
    params: dict[str, str] = field(default_factory=dict)
    children: list["Part"] = field(default_factory=list)
    inside_message: bool = False
    """Below a message/rfc822: this is somebody else's mail, quoted whole."""

    def raw(self, name: str) -> bytes:
        """First value of a header, b"" if there is none."""
        return next((v for n, v in self.headers if n == name), b"")

    def text(self, name: str) -> str:
        """First value of a header, decoded."""
        return decode_header(self.raw(name)).strip()

    def all_text(self, name: str) -> list[str]:
        """Every value of a header, topmost first."""
        return [decode_header(v).strip() for n, v in self.headers if n == name]

    def has(self, name: str) -> bool:
        """Whether the header occurs."""
        return any(n == name for n, _ in self.headers)

    def content(self) -> bytes:
        """The body without its transfer encoding."""
        return decode_transfer(self.body, self.text("content-transfer-encoding"))

    def content_text(self) -> str:
        """The body as text with plain newlines."""
        return decode_bytes(self.content(), self.params.get("charset", "")).replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")

    def walk(self) -> list["Part"]:
        """This part and all below, in order."""
        out: list[Part] = []
        todo = [self]
        while todo:
            part = todo.pop()
            out.append(part)
            todo.extend(reversed(part.children))
        return out


def parse(raw: bytes) -> Part:
    """The tree of a mail."""
    budget = [MAX_PARTS]
    start = raw[:MAX_BYTES].removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")  # what editors and mail stores put before the first field
    return _parse(start, 0, budget, inside=False)


def split_headers(raw: bytes) -> tuple[list[tuple[str, bytes]], bytes]:
    """Headers and the rest. A leading mbox `From ` line and stray lines among headers are skipped; a text without headers stays whole."""
    found_fields: list[tuple[str, list[bytes]]] = []
    at, size = 0, len(raw)
    for _ in range(MAX_HEADER_LINES):
        if at >= size or len(found_fields) >= MAX_HEADERS:
            break
        stop, after = _line(raw, at)
        line = raw[at:stop]
        if not line.strip():
            if found_fields or at > 0:
                at = after
                break
        elif line[:1] in b" \t" and found_fields:
            if len(found_fields[-1][1]) < 2_000:
                found_fields[-1][1].append(line.strip())
        elif name_end := _FIELD.match(line):
            found_fields.append((name_end[1].decode("latin-1").lower(), [line[name_end.end() :].strip()]))
        elif not found_fields and not line.startswith((b"From ", b">From ")):
            return [], raw
        elif found_fields and not _more_fields(raw, after):
            break
        at = after
    return [(name, b" ".join(pieces)) for name, pieces in found_fields], raw[at:]


def _line(raw: bytes, at: int) -> tuple[int, int]:
    found = _LINE_END.search(raw, at)
    return (found.start(), found.end()) if found else (len(raw), len(raw))


def _more_fields(raw: bytes, at: int) -> bool:
    """Whether the line after a stray one is a field again: then the stray line was a header broken over two lines, else the body begins."""
    stop, _ = _line(raw, at)
    return bool(_FIELD.match(raw, at, stop)) or raw[at : at + 1] in (b" ", b"\t")


def _parse(raw: bytes, depth: int, budget: list[int], *, inside: bool) -> Part:
    budget[0] -= 1
    headers, body = split_headers(raw)
    part = Part(headers, body, depth, inside_message=inside)
    part.kind, part.params = content_type(part.text("content-type"))
    if depth >= MAX_DEPTH or budget[0] <= 0:
        return part
    if part.kind.startswith("multipart/") and part.params.get("boundary"):
        digest = part.kind == "multipart/digest"
        for piece in _pieces(body, part.params["boundary"].encode("latin-1", "replace"), budget[0]):
            child = _parse(piece, depth + 1, budget, inside=inside)
            if digest and not child.has("content-type"):
                child.kind = "message/rfc822"
            part.children.append(child)
            if budget[0] <= 0:
                break
    elif part.kind in {"message/rfc822", "message/global"}:
        part.children.append(_parse(part.content(), depth + 1, budget, inside=True))
    return part


def _pieces(body: bytes, boundary: bytes, limit: int) -> list[bytes]:
    """The raw parts between boundary lines (RFC 2046 §5.1.1). A missing last boundary ends at the end."""
    mark = re.compile(rb"(?:^|(?:\r\n|\r|\n))--" + re.escape(boundary.rstrip()) + rb"(--)?[ \t]*(?=\r|\n|$)")
    pieces: list[bytes] = []
    start = -1
    for found in mark.finditer(body):
        if start >= 0:
            pieces.append(body[start : found.start()])
        line = _LINE_END.match(body, found.end())
        start = line.end() if line else found.end()
        if found[1] or len(pieces) > limit:
            return pieces
    if start >= 0:
        pieces.append(body[start:])
    return pieces


def content_type(value: str) -> tuple[str, dict[str, str]]:
    """`type/subtype` in lower case and its parameters, RFC 2231 pieces joined. Nonsense becomes text/plain (RFC 2045 §5.2)."""
    value = value[:10_000]
    kind = value.split(";", 1)[0].strip().lower()
    params: dict[str, str] = {}
    for found in _PARAM.finditer(value):
        name = found[1].lower()
        text = re.sub(r"\\(.)", r"\1", found[2]) if found[2] is not None else found[3]
        base, _, _ = name.partition("*")
        params[base] = params.get(base, "") + text if "*" in name and base in params else params.get(base, text) if base in params else text
    if "/" not in kind or " " in kind:
        kind = "text/html" if kind == "html" else "multipart/mixed" if kind == "multipart" or "boundary" in params else "text/plain"
    return kind, params
