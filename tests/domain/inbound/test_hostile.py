"""Any bytes in, one verdict out: never an exception, never slow, never a wrong stop (X7, G10, MAIL-92)."""

import time
from concurrent.futures import ProcessPoolExecutor
from email import message_from_bytes
from multiprocessing import get_context

import pytest

from corpora.damage import SLOW, US, survive
from corpora.make_mail import OURS, report
from segue.domain.inbound import Kind, ReadContext, read
from segue.domain.inbound.mime_tree import MAX_DEPTH, MAX_PARTS, parse

MUTATIONS = 20_000
SOAK_MUTATIONS = 1_000_000
SLICES = 20
UNPROVEN = 20_000
"""At most one in so many damaged mails may look like a hard notice that proves nothing."""
MEGABYTES = 300


def judge_damage(runs):
    assert sum(run.unproven for run in runs) <= max(1, sum(run.mails for run in runs) // UNPROVEN)
    assert max(run.megabytes for run in runs) <= MEGABYTES


@pytest.mark.whole
@pytest.mark.timeout(600)
def test_twenty_thousand_damaged_mails_are_survived():
    run = survive(MUTATIONS, seed=20270111)
    assert run.unproven <= MUTATIONS // UNPROVEN


@pytest.mark.soak
@pytest.mark.timeout(10_800)
def test_a_million_damaged_mails_are_survived():
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        runs = list(pool.map(survive, [SOAK_MUTATIONS // SLICES] * SLICES, range(4711, 4711 + SLICES)))
    print(
        f"slowest {max(run.slowest for run in runs):.3f} s, unproven {sum(run.unproven for run in runs)}, {max(r.megabytes for r in runs)} MB"
    )
    judge_damage(runs)


def nested(levels: int) -> bytes:
    body = b"text"
    for level in range(levels):
        body = b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (level, level) + body + b"\n--b%d--\n" % level
    return b"From: a@b.test\nSubject: x\n" + body


MONSTERS = {
    "nested": nested(2_000),
    "many parts": b"From: a@b.test\nContent-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 100_000,
    "blank lines": b"From: a@b.test\n\n" + b"\n" * 5_000_000,
    "one line": b"From: a@b.test\n\n" + b"a" * 5_000_000,
    "headers": b"".join(b"X-%d: y\n" % n for n in range(200_000)) + b"\nbody",
    "folded header": b"Subject: x\n" + b" y\n" * 1_500_000 + b"\nbody",
    "quotes": b"From: a@b.test\n\n" + b"> " * 1_000_000 + b"\n",
    "tags": b"From: a@b.test\nContent-Type: text/html\n\n" + b"<" * 3_000_000,
    "open divs": b"From: a@b.test\nContent-Type: text/html\n\n" + b"<div>" * 500_000,
    "comments": b"From: a@b.test\nContent-Type: text/html\n\n" + b"<!--" * 700_000,
    "entities": b"From: a@b.test\nContent-Type: text/html\n\n" + b"&lt;a@b&gt;&#x41;" * 200_000,
    "ids": b"From: a@b.test\nReferences: " + b"<a@b.test> " * 300_000 + b"\n\nx",
    "addresses": b"To: " + b"a@b.test, " * 300_000 + b"\n\nx",
    "parentheses": b"From: " + b"(" * 1_000_000 + b"a@b.test\n\nx",
    "at signs": b"From: MAILER-DAEMON@x.test\nSubject: failure notice\n\nundeliverable " + b"@" * 3_000_000,
    "colons": b"From: a@b.test\n\n" + b"On 1 Jan 2027 Bob <b@c.test>:\n" * 100_000,
    "wrote": b"From: a@b.test\n\n" + b"wrote wrote 10:00 wrote:\n" * 100_000,
    "digits": b"From: a@b.test\nSubject: Automatic reply\nDate: Mon, 11 Jan 2027 10:00:00 +0100\n\nback " + b"1.1. " * 500_000,
    "words": b"From: a@b.test\nSubject: " + b"=?utf-8?b?YQ==?= " * 100_000 + b"\n\nx",
    "base64": b"From: a@b.test\nContent-Transfer-Encoding: base64\n\n" + b"QUFB" * 1_200_000,
    "status rows": b"From: a@b.test\nContent-Type: message/delivery-status\n\n" + b"Final-Recipient: rfc822; a@b.test\nAction: failed\n\n" * 80_000,
    "unsubscribe": b"From: a@b.test\n\n" + b"unsubscribe me not " * 200_000,
    "rfc822 chain": b"From: a@b.test\n" + b"Content-Type: message/rfc822\n\n" * 100_000,
    "calendar": b"From: a@b.test\nContent-Type: text/calendar; method=REPLY\n\n" + b"ATTENDEE;X=" * 300_000,
    "authentication": b"Authentication-Results: x; " + b"dkim=pass (" * 300_000 + b"\nFrom: a@b.test\n\nx",
}  # fmt: skip


@pytest.mark.parametrize("name", MONSTERS)
def test_a_crafted_mail_costs_no_more_than_its_size(name):
    raw = MONSTERS[name]
    context = ReadContext(own_addresses=frozenset({OURS}), trusted_authserv=frozenset({"x"}), parent_text="a quick question\n" * 50)
    begun = time.process_time()
    verdict = read(raw, context)
    spent = time.process_time() - begun
    assert not any(signal.startswith("unreadable") for signal in verdict.signals), verdict.signals
    assert spent < 2.5 * SLOW, spent


def test_parts_and_depth_have_limits():
    assert len(parse(MONSTERS["many parts"]).walk()) <= MAX_PARTS
    assert max(part.depth for part in parse(nested(100)).walk()) == MAX_DEPTH
    assert max(part.depth for part in parse(nested(MAX_DEPTH - 1)).walk()) == MAX_DEPTH - 1


@pytest.mark.parametrize(
    "charset", ["unicode_escape", "idna", "punycode", "rot13", "zlib", "x-unknown", "utf-16", "", '"utf-8"', "iso-2022-jp", "utf-8" * 40]
)
def test_a_strange_charset_is_read_somehow(charset):
    raw = f"From: a@b.test\nContent-Type: text/plain; charset={charset}\n\nHello \\x41".encode()
    assert read(raw, US).kind is Kind.HUMAN


def shape(message):
    return (message.get_content_type(), [shape(part) for part in message.get_payload()] if message.is_multipart() else None)


def our_shape(part):
    return (part.kind, [our_shape(child) for child in part.children] if part.children else None)


def test_well_formed_mail_gives_the_same_tree_as_the_standard_parser():
    rows = "Final-Recipient: rfc822; a@b.test\nAction: failed\nStatus: 5.1.1"
    inner = report("x@y.test", "s", "t", rows)
    outer = (
        b'From: a@b.test\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="o/x y"\n\npreamble\n--o/x y\nContent-Type: text/html\n\n<p>\n--o/x y\nContent-Type: message/rfc822\n\n'
        + inner
        + b"\n--o/x y--\nepilogue\n"
    )
    for raw in (inner, outer, outer.replace(b"\n", b"\r\n")):
        theirs = shape(message_from_bytes(raw.replace(b"message/delivery-status", b"text/x-status")))
        assert our_shape(parse(raw.replace(b"message/delivery-status", b"text/x-status"))) == theirs
