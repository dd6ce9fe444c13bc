"""Builds mails from the written fixtures. Only text of ours; the headers are what real systems write around it."""

import base64
import quopri
import re
from email.header import Header

OURS = "bob@acme.test"
ORIGINAL_ID = "<seg.4f2a91c07d5e@acme.test>"
KEY = "k7Qx2mB9vL"
RETURNED = f"""Return-Path: <{OURS}>
Received: from acme.test (acme.test [198.51.100.3])
	by mx.far.test (Postfix) with ESMTPS id 4ABCDEF
	for <@R>; Mon, 11 Jan 2027 10:00:00 +0100 (CET)
From: Bob <{OURS}>
To: @R
Subject: Quick question
Date: Mon, 11 Jan 2027 10:00:00 +0100
Message-ID: {ORIGINAL_ID}
X-Segue-Key: {KEY}
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

Hi Ann, are you the right person for a quick question?
To hear no more from me: unsubscribe.
"""


def word(text: str) -> str:
    """A header value as mailers write it."""
    return text if text.isascii() else Header(text, "utf-8", maxlinelen=900).encode()


def mail(
    sender: str, subject: str, body: str, headers: str = "", *, encoding: str = "8bit", kind: str = "text/plain; charset=utf-8"
) -> bytes:
    """A mail of one part; `kind` carries the charset that the body is written in."""
    kind = kind if "charset=" in kind else f"{kind}; charset=utf-8"
    raw = body.encode(kind.partition("charset=")[2], "replace")
    if encoding == "base64":
        raw = base64.encodebytes(raw)
    elif encoding == "quoted-printable":
        raw = quopri.encodestring(raw)
    number = hash_of(subject + body)
    head = f"From: {sender}\nTo: {OURS}\nSubject: {word(subject)}\nDate: Mon, 11 Jan 2027 10:02:00 +0100\nMessage-ID: <{number}@far.test>\n"
    extra = headers.strip("\n") + "\n" if headers.strip() else ""
    about = f"MIME-Version: 1.0\nContent-Type: {kind}\nContent-Transfer-Encoding: {encoding}\n\n"
    return (head + extra + about).encode("ascii", "replace") + raw


def hash_of(text: str) -> int:
    """A small number that is the same in every run."""
    value = 7
    for c in text:
        value = (value * 31 + ord(c)) % 1_000_000_007
    return value


def report(sender: str, subject: str, text: str, rows: str) -> bytes:
    """A multipart/report with three parts (RFC 6522) about a mail to ann@prospect.test."""
    boundary = "b0undary-4711"
    head = f"From: {sender}\nTo: {OURS}\nSubject: {word(subject)}\nDate: Mon, 11 Jan 2027 10:02:00 +0100\n"
    head += "Auto-Submitted: auto-replied\nMIME-Version: 1.0\n"
    head += f'Content-Type: multipart/report; report-type=delivery-status; boundary="{boundary}"\n\n'
    parts = [
        f"Content-Type: text/plain; charset=utf-8\n\n{text}\n",
        f"Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.far.test\n\n{rows}\n",
        f"Content-Type: message/rfc822\n\n{RETURNED}",
    ]
    body = "".join(f"--{boundary}\n{part}\n" for part in parts) + f"--{boundary}--\n"
    return head.encode("ascii") + body.replace("@R", "ann@prospect.test").encode("utf-8")


def blocks(source: str) -> list[tuple[str, str, str]]:
    """(first words, rest of the head line, body) of each `=== name verdict | …` block."""
    out = []
    for piece in re.split(r"(?m)^=== ", source)[1:]:
        head, _, body = piece.partition("\n")
        first, _, rest = head.partition("|")
        out.append((first.strip(), rest.strip(), body.rstrip("\n") + "\n"))
    return out
