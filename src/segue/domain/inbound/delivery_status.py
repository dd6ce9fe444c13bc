"""The machine-readable part of a notice: message/delivery-status (RFC 3464) and its look-alikes."""

import re
from dataclasses import dataclass

from segue.domain.inbound.decode import decode_header
from segue.domain.inbound.mime_tree import Part, split_headers

STATUS_KINDS = frozenset({"message/delivery-status", "message/global-delivery-status"})
_ADDRESS = re.compile(r"[^\s<>()\[\]\",;:@]{1,200}@[^\s<>()\[\]\",;:]{1,250}")
_BLANK = re.compile(rb"(?:\r\n|\n|\r(?!\n))[ \t]*(?:\r\n|\n|\r)")
"""A blank line. The bare CR must not be half of a CRLF, or every line end would be one."""
MAX_RECIPIENTS = 200


@dataclass(frozen=True, slots=True)
class Row:
    """One recipient's fields; addresses as written but lower-case."""

    final: str = ""
    original: str = ""
    action: str = ""
    status: str = ""
    diagnostic: str = ""
    remote: str = ""

    @property
    def address(self) -> str:
        """The address that failed; the original one where a gateway wrote no usable final one."""
        return self.final or self.original


def status_parts(parts: list[Part]) -> list[Part]:
    """Delivery-status parts that are not inside a quoted mail: a notice that a person forwards as attachment is no notice (MAIL-65)."""
    return [p for p in parts if p.kind in STATUS_KINDS and not p.inside_message]


def rows(part: Part) -> list[Row]:
    """The recipients of one part."""
    out: list[Row] = []
    body = part.content() if not part.children else part.body
    for block in _BLANK.split(body[:500_000].strip(), maxsplit=MAX_RECIPIENTS + 5):
        headers, _ = split_headers(block.strip(b"\r\n") + b"\r\n\r\n")
        fields: dict[str, str] = {}
        for name, value in headers:
            fields.setdefault(name, decode_header(value))
        if any(name in fields for name in ("final-recipient", "original-recipient", "action", "status", "diagnostic-code")):
            row = _row(fields)
            if row.address or row.action or row.status:
                out.append(row)
    return out[:MAX_RECIPIENTS]


def _row(fields: dict[str, str]) -> Row:
    action = re.sub(r"\(.*|;.*", "", fields.get("action", "")).strip().lower()[:40]
    status = re.search(r"[245]\.\d{1,3}\.\d{1,3}", fields.get("status", ""))
    return Row(
        _address(fields.get("final-recipient", "")),
        _address(fields.get("original-recipient", "")) or _address(fields.get("x-actual-recipient", "")),
        action,
        status[0] if status else "",
        re.sub(r"\s+", " ", fields.get("diagnostic-code", ""))[:2_000],
        fields.get("remote-mta", "")[:200],
    )


def _address(value: str) -> str:
    found = _ADDRESS.search(value.split(";", 1)[-1])
    return found[0].strip(".'").lower() if found else ""
