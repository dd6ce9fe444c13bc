"""What must hold of a message and its two addresses before any server sees them (X5, MAIL-1, MAIL-5, MAIL-21, MAIL-27)."""

import re

from segue.providers.mail.base import Misconfigured, Outgoing, Refused, RefusedClass

MAX_LINE = 998
"""Octets in a line without CRLF (RFC 5321 §4.5.3.1.6)."""

_ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_QUOTED = r'"(?:[ !#-\[\]-~]|\\[ -~])+"'
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"(?P<local>{_ATEXT}(?:\.{_ATEXT})*|{_QUOTED})@(?P<domain>{_LABEL}(?:\.{_LABEL})*)")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def has_control(text: str) -> bool:
    """Say whether `text` holds a character that may enter no argument and no header: C0, DEL, C1, U+2028/9 (X5)."""
    return _CONTROL.search(text) is not None


def is_address(text: str) -> bool:
    """Say whether `text` is one plain ASCII address: dot-atom or quoted local part (≤ 64), LDH domain (≤ 253); RFC 5321 §4.1.2."""
    match = _ADDRESS.fullmatch(text)
    return match is not None and len(match["local"]) <= 64 and len(match["domain"]) <= 253


def check_outgoing(message: Outgoing) -> None:
    """Refuse what must not reach a wire. Costs a few microseconds: it runs before every hand-off.

    Raises:
        Refused: content (bare CR or LF, NUL, long line, needs SMTPUTF8) or invalid (the recipient is no address at all).
        Misconfigured: the sender's address cannot be used.
    """
    if not message.sender.isascii() or not is_address(message.sender):
        raise Misconfigured("the sender's address cannot be used in an envelope: it must be plain ASCII, domains as xn-- labels")
    if not is_address(message.recipient):
        if not message.recipient.isascii() and not has_control(message.recipient):
            raise Refused("the recipient's address needs SMTPUTF8 (RFC 6531)", reason=RefusedClass.CONTENT)
        raise Refused("the recipient's address is not a mail address", reason=RefusedClass.INVALID)
    if not message.key or has_control(message.key) or not message.key.isascii():
        raise Refused("the message carries no usable X-Segue-Key", reason=RefusedClass.CONTENT)
    _check_wire(message.wire)


def _check_wire(wire: bytes) -> None:
    """A bare CR or LF would let one message smuggle another behind it: smtplib sends bytes as they are (MAIL-21)."""
    lines = wire.split(b"\r\n")
    breaks = len(lines) - 1
    if wire.count(b"\n") != breaks or wire.count(b"\r") != breaks or b"\0" in wire:
        raise Refused("the message holds a bare CR, a bare LF or a NUL", reason=RefusedClass.CONTENT)
    if max(map(len, lines)) > MAX_LINE:
        raise Refused("the message holds a line above 998 octets", reason=RefusedClass.CONTENT)


def stuffed(wire: bytes) -> bytes:
    """Return the message as the DATA command wants it: dots doubled at line starts, CRLF at the end (RFC 5321 §4.5.2)."""
    if b"\r\n." in wire:
        wire = wire.replace(b"\r\n.", b"\r\n..")
    if wire.startswith(b"."):
        wire = b"." + wire
    return wire if wire.endswith(b"\r\n") else wire + b"\r\n"
