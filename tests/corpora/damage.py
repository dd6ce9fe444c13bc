"""Damaged mails: seeds whose meaning is known, changes by seed, and what must hold of every verdict (X7, G10, MAIL-92).

Damage may make a verdict undecided; it may never make one that suppresses or opts out. A notice without the id of a mail of ours only
pauses and asks (MAIL-70), so a "hard" one that proves nothing is allowed, but must stay a rarity.
"""

import random
import resource
import time
from dataclasses import dataclass

from corpora.automatic import AWAY
from corpora.make_mail import KEY, ORIGINAL_ID, OURS, RETURNED, blocks, mail, report
from corpora.notices import NOTICES, RECIPIENT
from corpora.notices_gateways import GATEWAYS
from corpora.people import ANSWERS, FORWARDED_NOTICE
from segue.domain.inbound import ReadContext, Verdict, read

US = ReadContext(own_addresses=frozenset({OURS}))
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


@dataclass(frozen=True)
class Damage:
    """What came of a run. `unproven`: hard notices that name no mail of ours, of mails that say nothing of the kind: they pause and ask."""

    mails: int
    slowest: float
    unproven: int
    megabytes: int


def survive(count: int, seed: int) -> Damage:
    """Read so many damaged mails; AssertionError with the seed and number of the first that breaks a promise."""
    chance = random.Random(seed)
    known = list(seeds())
    slowest = 0.0
    unproven = 0
    for number in range(count):
        raw, deadly = chance.choice(known)
        hurt = mutate(raw, chance)
        begun = time.thread_time()
        verdict = read(hurt, US)
        spent = time.thread_time() - begun
        slowest = max(slowest, spent)
        assert isinstance(verdict, Verdict), (seed, number)
        assert not any(signal.startswith("unreadable") for signal in verdict.signals), (seed, number, verdict.signals)
        assert spent < SLOW, (seed, number, spent)
        if not deadly:
            hard = bool(verdict.bounce and verdict.bounce.hard)
            assert not (hard and _is_proven(verdict)), (seed, number, verdict.bounce)
            assert not verdict.opt_out, (seed, number, verdict.new_text)
            unproven += hard
    return Damage(count, slowest, unproven, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


def _is_proven(verdict: Verdict) -> bool:
    """It names an id or a key of ours: with the right recipient that is enough to suppress (MAIL-70, S16)."""
    return ORIGINAL_ID in verdict.quoted_ids or KEY in verdict.segue_keys
