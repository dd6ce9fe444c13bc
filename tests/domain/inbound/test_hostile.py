"""Any bytes in, one verdict out: never an exception, never slow, never a wrong stop (X7, G10, MAIL-92)."""

import random
import time
from email import message_from_bytes

import pytest

from corpora.automatic import AWAY
from corpora.make_mail import OURS, RETURNED, blocks, mail, report
from corpora.notices import NOTICES, RECIPIENT
from corpora.notices_gateways import GATEWAYS
from corpora.people import ANSWERS, FORWARDED_NOTICE
from segue.domain.inbound import Kind, ReadContext, Verdict, read
from segue.domain.inbound.mime_tree import MAX_DEPTH, MAX_PARTS, parse

US = ReadContext(own_addresses=frozenset({OURS}))
MUTATIONS = 20_000
SOAK_MUTATIONS = 1_000_000
SLOW = 1.0

FRAGILE = frozenset({"postfix-dns", "powermta", "qmail-rcpthosts", "x400"})
"""Without their last words ("Host not found, try again") these say that an address is dead: damage may change what they mean."""

SPICE = [
    b"--b0undary-4711", b"=?utf-8?b?", b"=?x?q?=00?=", b"\0", b"\xff\xfe", b"\r", b"\n\n", b"Content-Type: multipart/mixed; boundary=b\n", b"charset=unicode_escape",
    b'charset="idna"', b"Content-Transfer-Encoding: base64\n", b"<", b">", b"<!--", b'"', b"(((((", b"From: \n", b"Date: Mon, 99 Foo 0000 99:99:99 +9999\n",
    b"; boundary*0*=utf-8''%", b"=", b"On 1 Jan 2027 x wrote:\n", b"> > > ", b"\xe2\x80\xae", b"@", b"Final-Recipient: rfc822;\n", b"back on 31 February 2027 ",
]  # fmt: skip


def seeds():
    """(mail, whether its verdict may kill an address or opt a person out)."""
    for name, rest, body in blocks(NOTICES + GATEWAYS):
        sender, subject = (part.strip() for part in rest.split("|"))
        yield (
            mail(sender, subject, body.replace("@O", RETURNED).replace("@R", RECIPIENT)),
            name.split()[1] == "invalid" or name.split()[0] in FRAGILE,
        )
    for row in AWAY.strip().splitlines()[::4]:
        _, _, subject, text = (part.strip() for part in row.split("|"))
        yield mail("ann@prospect.test", subject, text, "Auto-Submitted: auto-replied", encoding="quoted-printable"), False
    for row in ANSWERS.strip().splitlines()[::4]:
        _, own, announced = (part.strip() for part in row.split("|"))
        yield (
            mail(
                "ann@prospect.test",
                "Re: x",
                f"{own}\n\n{announced}\n> To hear no more of this, the word is unsubscribe\n",
                encoding="base64",
            ),
            False,
        )
    yield mail("ann@prospect.test", "Fwd: Undelivered", FORWARDED_NOTICE), False
    rows = "Final-Recipient: rfc822; @R\nAction: failed\nStatus: 5.2.2\nDiagnostic-Code: smtp; 552 5.2.2 mailbox full"
    yield report("MAILER-DAEMON@far.test", "Undelivered Mail Returned to Sender", "Your message could not be delivered.", rows), False


def mutate(raw: bytes, chance: random.Random) -> bytes:
    out = bytearray(raw)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(out) + 1)
        kind = chance.randrange(6)
        if kind == 0 and out:
            out[at % len(out)] = chance.randrange(256)
        elif kind == 1:
            del out[at : at + chance.randrange(1, 60)]
        elif kind == 2:
            out[at:at] = chance.choice(SPICE)
        elif kind == 3:
            out[at:at] = out[at : at + chance.randrange(1, 200)]
        elif kind == 4:
            out[at:at] = chance.choice(SPICE) * chance.randrange(1, 50)
        else:
            lines = bytes(out).split(b"\n")
            chance.shuffle(lines[: chance.randrange(1, 12)])
            out = bytearray(b"\n".join(lines))
    return bytes(out)


def survive(count: int, seed: int) -> None:
    chance = random.Random(seed)
    known = list(seeds())
    for number in range(count):
        raw, deadly = chance.choice(known)
        hurt = mutate(raw, chance)
        begun = time.perf_counter()
        verdict = read(hurt, US)
        spent = time.perf_counter() - begun
        assert isinstance(verdict, Verdict), (seed, number)
        assert not any(signal.startswith("unreadable") for signal in verdict.signals), (seed, number, verdict.signals)
        assert spent < SLOW, (seed, number, spent)
        if not deadly:
            assert not (verdict.bounce and verdict.bounce.hard), (seed, number, verdict.bounce)
            assert not verdict.opt_out, (seed, number, verdict.new_text)


def test_twenty_thousand_damaged_mails_are_survived():
    survive(MUTATIONS, seed=20270111)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_a_million_damaged_mails_are_survived():
    survive(SOAK_MUTATIONS, seed=4711)


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
