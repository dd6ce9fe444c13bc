"""Every row of mail.md §5: what a server's refusal while we submit means."""

from datetime import timedelta

import pytest

from segue.providers.mail.base import HandOffError, Misconfigured, Refused, RefusedClass, Scope, SignInAgain, TryLater
from segue.providers.mail.outcomes import ROWS, Stage, enhanced_code, judge

DAY = timedelta(hours=24)

LATER = [
    ("421 4.3.2 service shutting down", Scope.MAILBOX, None),
    ("421 too busy", Scope.MAILBOX, None),
    ("451 4.3.0 temporary lookup failure", Scope.MAILBOX, None),
    ("452 4.3.1 insufficient system storage", Scope.MAILBOX, None),
    ("452 4.5.3 too many recipients", Scope.MAILBOX, None),
    ("450 mailbox busy", Scope.CONTACT, None),
    ("451 local error", Scope.CONTACT, None),
    ("450 4.2.0 greylisted, see postgrey", Scope.CONTACT, None),
    ("450 4.7.1 greylisted", Scope.CONTACT, None),
    ("451 4.7.1 try again in 5 minutes", Scope.CONTACT, None),
    ("452 4.2.2 mailbox full", Scope.CONTACT, DAY),
    ("452 user is over quota", Scope.CONTACT, DAY),
    ("452 insufficient system storage", Scope.MAILBOX, None),
    ("454 temporarily unavailable", Scope.MAILBOX, None),
    ("552 5.2.2 over quota", Scope.CONTACT, DAY),
    ("552 quota exceeded", Scope.CONTACT, DAY),
    ("454 4.7.0 temporary authentication failure", Scope.MAILBOX, None),
    ("450 4.4.1 no answer from host", Scope.CONTACT, None),
    ("450 4.4.2 bad connection", Scope.CONTACT, None),
    ("451 4.4.7 delivery time expired", Scope.CONTACT, None),
    ("550 5.4.7 delivery time expired", Scope.CONTACT, None),
    ("550 5.4.300 message expired", Scope.CONTACT, None),
    ("550 5.4.312 DNS query failed", Scope.CONTACT, None),
    ("550 5.4.316 message expired, connection refused", Scope.CONTACT, None),
    ("421 4.7.28 unusual rate of mail", Scope.MAILBOX, DAY),
    ("550 5.7.28 unusual rate of mail", Scope.MAILBOX, DAY),
    ("550 5.4.5 daily user sending limit exceeded", Scope.MAILBOX, DAY),
    ("554 5.1.90 your message can't be sent because you've reached your daily limit", Scope.MAILBOX, DAY),
    ("550 5.7.501 access denied, spam abuse detected", Scope.MAILBOX, DAY),
    ("550 5.7.705 tenant has exceeded threshold", Scope.MAILBOX, DAY),
    ("550 5.7.750 service unavailable, unregistered domain", Scope.MAILBOX, DAY),
]

REFUSED = [
    ("550 5.1.1 user unknown", RefusedClass.INVALID),
    ("550 5.1.2 bad destination system", RefusedClass.INVALID),
    ("553 5.1.3 bad destination syntax", RefusedClass.INVALID),
    ("551 5.1.6 mailbox has moved", RefusedClass.INVALID),
    ("556 5.1.10 null MX", RefusedClass.INVALID),
    ("550 5.2.1 mailbox disabled", RefusedClass.INVALID),
    ("550 5.4.4 unable to route", RefusedClass.INVALID),
    ("550 5.1.351 remote server returned unknown recipient", RefusedClass.INVALID),
    ("550 5.4.1 recipient address rejected: access denied", RefusedClass.INVALID),
    ("550 5.4.1 no answer", RefusedClass.NETWORK),
    ("550 5.1.0 user unknown", RefusedClass.INVALID),
    ("550 5.1.0 address rejected", RefusedClass.UNCLEAR),
    ("554 5.0.0 service unavailable", RefusedClass.UNCLEAR),
    ("554 5.3.0 blocked by our reputation service", RefusedClass.BLOCKED),
    ("550 5.5.0 no such user here", RefusedClass.INVALID),
    ("550 no such user", RefusedClass.INVALID),
    ("550 address rejected, listed at a blacklist", RefusedClass.BLOCKED),
    ("553 sorry, not today", RefusedClass.UNCLEAR),
    ("550 Empfänger unbekannt", RefusedClass.INVALID),
    ("550 antispam.example said: user unknown", RefusedClass.INVALID),
    ("554 transaction failed", RefusedClass.UNCLEAR),
    ("554 too many hops", RefusedClass.NETWORK),
    ("552 5.2.3 message length exceeds limit", RefusedClass.CONTENT),
    ("552 5.3.4 message size exceeds fixed limit", RefusedClass.CONTENT),
    ("552 message too large", RefusedClass.CONTENT),
    ("550 5.6.0 bad media", RefusedClass.CONTENT),
    ("550 5.6.11 bare line feed", RefusedClass.CONTENT),
    ("554 5.4.6 routing loop", RefusedClass.NETWORK),
    ("554 5.4.14 hop count exceeded", RefusedClass.NETWORK),
    ("550 5.7.124 sender not in allowed list", RefusedClass.RESTRICTED),
    ("550 5.7.133 sender not authenticated for group", RefusedClass.RESTRICTED),
    ("550 5.7.136 sender not in allowed list of mail user", RefusedClass.RESTRICTED),
    ("550 5.7.1 accepts mail from authenticated senders only", RefusedClass.RESTRICTED),
    ("550 5.7.1 blocked by policy", RefusedClass.BLOCKED),
    ("550 5.7.1 user unknown", RefusedClass.INVALID),
    ("550 5.7.0 message refused", RefusedClass.BLOCKED),
    ("550 5.7.999 no", RefusedClass.BLOCKED),
]

MISCONFIGURED = [
    "502 5.5.1 not implemented",
    "503 5.5.1 bad sequence of commands",
    "504 5.5.4 not implemented",
    "523 5.7.10 encryption needed",
    "538 5.7.11 encryption required",
    "530 5.7.0 must issue a STARTTLS command first",
    "530 5.7.57 client was not authenticated",
    "550 5.1.7 bad sender address syntax",
    "550 5.1.8 bad sender's system address",
    "550 5.7.20 no valid DKIM signature",
    "550 5.7.23 SPF validation failed",
    "550 5.7.25 reverse DNS failed",
    "550 5.7.26 unauthenticated mail",
    "550 5.7.27 sender has null MX",
    "550 5.7.515 access denied, sending domain does not meet the required level",
]

AT_SIGN_IN: list[tuple[str, type[HandOffError]]] = [
    ("535 5.7.8 authentication credentials invalid", SignInAgain),
    ("535 5.7.139 authentication unsuccessful, the user credentials were incorrect", SignInAgain),
    ("534 5.7.9 application-specific password required", SignInAgain),
    ("534 5.7.14 please log in via your web browser", SignInAgain),
    ("535 authentication failed", SignInAgain),
    ("535 5.7.139 authentication unsuccessful, SmtpClientAuthentication is disabled for the tenant", Misconfigured),
    ("550 5.7.30 basic authentication is not supported", Misconfigured),
    ("530 5.7.0 authentication required", Misconfigured),
    ("454 4.7.0 temporary authentication failure", TryLater),
    ("421 4.7.0 too many failed attempts", TryLater),
    ("504 5.5.4 unrecognized authentication type", Misconfigured),
]


def at(reply: str, stage: Stage = Stage.RCPT) -> HandOffError:
    code, _, text = reply.partition(" ")
    return judge(int(code), text, stage)


@pytest.mark.parametrize("stage", [Stage.RCPT, Stage.DATA])
@pytest.mark.parametrize(("reply", "scope", "after"), LATER)
def test_a_reply_that_may_pass_is_try_later(reply: str, scope: Scope, after: timedelta | None, stage: Stage) -> None:
    outcome = at(reply, stage)
    assert isinstance(outcome, TryLater)
    assert (outcome.scope, outcome.after) == (scope, after)


def test_a_full_mailbox_is_tried_three_times_and_then_refused_as_full() -> None:
    outcome = at("552 5.2.2 over quota")
    assert isinstance(outcome, TryLater)
    assert (outcome.tries, outcome.reason) == (3, RefusedClass.FULL)


@pytest.mark.parametrize("stage", [Stage.RCPT, Stage.DATA])
@pytest.mark.parametrize(("reply", "reason"), REFUSED)
def test_a_final_refusal_has_its_class(reply: str, reason: RefusedClass, stage: Stage) -> None:
    outcome = at(reply, stage)
    assert isinstance(outcome, Refused)
    assert (outcome.reason, outcome.scope) == (reason, Scope.CONTACT)


@pytest.mark.parametrize("reply", MISCONFIGURED)
def test_what_the_sender_must_repair_is_misconfigured(reply: str) -> None:
    assert isinstance(at(reply), Misconfigured)


@pytest.mark.parametrize(("reply", "kind"), AT_SIGN_IN)
def test_at_sign_in_wrong_credentials_and_wrong_set_up_are_told_apart(reply: str, kind: type[HandOffError]) -> None:
    outcome = at(reply, Stage.AUTH)
    assert type(outcome) is kind
    assert not isinstance(outcome, TryLater) or outcome.scope is Scope.MAILBOX


@pytest.mark.parametrize("stage", [Stage.CONNECT, Stage.AUTH, Stage.MAIL])
@pytest.mark.parametrize("reply", [row[0] for row in REFUSED] + [row[0] for row in LATER])
def test_nothing_said_before_the_recipient_was_named_can_stop_or_suppress_a_contact(reply: str, stage: Stage) -> None:
    outcome = at(reply, stage)
    if isinstance(outcome, Refused):
        assert stage is Stage.MAIL
        assert outcome.reason in (RefusedClass.CONTENT, RefusedClass.BLOCKED)
    if isinstance(outcome, TryLater):
        assert outcome.scope is Scope.MAILBOX


def test_every_row_decides_some_known_reply() -> None:
    replies = [row[0] for row in LATER] + [row[0] for row in REFUSED] + MISCONFIGURED + [row[0] for row in AT_SIGN_IN]
    decided = set()
    for reply in replies:
        code, _, text = reply.partition(" ")
        enhanced = enhanced_code(int(code), text)
        decided.add(next((n for n, row in enumerate(ROWS) if row.fits(int(code), enhanced, text)), -1))
    assert set(range(len(ROWS))) <= decided, [ROWS[n] for n in set(range(len(ROWS))) - decided]


@pytest.mark.parametrize(
    ("code", "text", "enhanced"),
    [
        (550, "5.1.1 x", "5.1.1"),
        (550, "x (#5.1.1)", "5.1.1"),
        (550, "[15.1.1.9] said no", ""),
        (450, "5.1.1 x", ""),
        (550, "host 10.5.1.1 refused: 5.7.1", "5.7.1"),
        (550, "", ""),
    ],
)
def test_the_enhanced_code_is_found_and_no_address_is_taken_for_one(code: int, text: str, enhanced: str) -> None:
    assert enhanced_code(code, text) == enhanced
