"""A mailbox that fails is seen within 10 minutes, told once, loses nothing, and starts slowly when it works again (SEQ-105, L3)."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import timedelta
from itertools import pairwise

import pytest

from make import MONDAY, REP, Small, email, make_small, sequence
from segue.features.mail.connect import NewMailbox, connect_mailbox, list_mailboxes
from segue.features.mail.sessions import Sessions
from segue.features.workspaces.notices import list_notices
from segue.providers.mail.base import HandOffError, MailboxConfig, Misconfigured, Scope, TryLater
from segue.providers.mail.fake import FakeMailProvider, FakeMailSession
from segue.providers.mail.fake_world import Call, Fault, FaultKind
from segue.providers.mail.outcomes import Stage, judge

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
FLOW = sequence(email("a", subject="Hi"), email("b", after=2 * DAY))

KINDS = {
    "password": judge(535, "5.7.8 authentication failed", Stage.AUTH),
    "app_password": judge(534, "5.7.9 Application-specific password required", Stage.AUTH),
    "consent": judge(534, "5.7.14 Please log in via your web browser", Stage.AUTH),
    "account_blocked": judge(535, "5.7.8 this account has been suspended", Stage.AUTH),
    "passwords_off": judge(535, "5.7.139 authentication unsuccessful, basic authentication is disabled", Stage.AUTH),
    "sender": judge(550, "5.1.8 sender address rejected: not owned by user", Stage.MAIL),
    "domain": judge(550, "5.7.515 access denied, sending domain does not meet the required authentication level", Stage.DATA),
    "blocked": judge(550, "5.7.1 your account sends spam", Stage.MAIL),
    "settings": Misconfigured("private hosts are not allowed"),
    "tls": TryLater("TLS failed: certificate has expired", scope=Scope.MAILBOX),
    "name": TryLater("name look-up failed: no such host", scope=Scope.MAILBOX),
    "unreachable": TryLater("no connection: connection refused", scope=Scope.MAILBOX),
}
"""The failures of the mailbox itself, as its server's answers to a hand-off."""


class _Failing(FakeMailSession):
    """Refuses every hand-off, and says at a test whether it would."""

    def hand_off(self, message, *, deadline_s, may_still_send):
        if self.provider.error is not None:
            raise self.provider.error
        return super().hand_off(message, deadline_s=deadline_s, may_still_send=may_still_send)

    def test(self):
        checks = super().test()
        return checks if self.provider.error is None else type(checks)((("smtp", False, "It did not work."),))


class _FailingProvider(FakeMailProvider):
    error: HandOffError | None = None

    def open(self, config: MailboxConfig) -> _Failing:
        session = _Failing(self.worlds["default"], config)
        session.provider = self
        return session


@dataclass(slots=True)
class Office(Small):
    """A small Segue whose provider can be made to fail."""

    provider: _FailingProvider | None = None


@pytest.fixture
def small(db_urls) -> Iterator[Office]:
    made = make_small(db_urls.app_url, jitter=timedelta(0), warm_up=False)
    provider = _FailingProvider()
    provider.worlds["default"] = made.world
    made.engine.sessions = Sessions(made.db, made.vault, {"fake": provider})
    yield Office(**{each.name: getattr(made, each.name) for each in fields(made)}, provider=provider)
    made.close()


@pytest.fixture
def plain(db_urls) -> Iterator[Small]:
    made = make_small(db_urls.app_url, jitter=timedelta(0), warm_up=False)
    yield made
    made.close()


def box(small: Small) -> dict:
    with small.db.tx(small.workspace_id) as tx:
        return list_mailboxes(tx)[0]


def open_notices(small: Small) -> list[dict]:
    with small.db.tx(small.workspace_id) as tx:
        return list_notices(tx)


def enroll(small: Small, count: int = 1) -> list[str]:
    addresses = [f"ann{i}@prospect{i}.test" for i in range(count)]
    small.enroll(small.add_sequence(FLOW), [small.add_contact(each) for each in addresses])
    return addresses


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_failure_is_seen_within_ten_minutes_told_once_and_loses_nothing(small: Office, kind: str) -> None:
    small.provider.error = KINDS[kind]
    [ann] = enroll(small)
    small.run_until(MONDAY + 10 * MINUTE, step=MINUTE)
    seen = box(small)
    assert (seen["trouble"], bool(seen["badge"]), bool(seen["todo"])) == (kind, True, True)
    assert [row["user"] for row in open_notices(small)] == [REP]
    small.run_until(MONDAY + 6 * HOUR, step=10 * MINUTE)
    told = small.sql("SELECT 1 FROM events WHERE workspace_id = %(ws)s AND kind = 'notice_given'")
    assert len(told) == 1, "once, however often it fails"
    assert (small.state(ann)["state"], small.sent_to(ann)) == ("active", [])
    small.provider.error = None
    small.run_until(MONDAY + 12 * HOUR, step=10 * MINUTE)
    assert (box(small)["badge"], len(small.sent_to(ann)), open_notices(small)) == ("", 1, [])


def test_an_outage_of_the_mailbox_uses_up_no_tries_of_a_contact(plain: Small) -> None:
    """MAIL-40, SEQ-105: three days without a mailbox are not 48 hours of a contact's server that says later."""
    later = Fault(FaultKind.REPLY, "451 4.7.1 greylisted", Stage.RCPT)
    plain.world.script(Call.HAND_OFF, REP, Fault(FaultKind.DROP), later)
    [ann] = enroll(plain)
    plain.run_until(MONDAY + MINUTE, step=MINUTE)
    plain.world.change_secret(REP, "new")
    plain.run_until(MONDAY + 3 * DAY, step=6 * HOUR)
    with plain.db.tx(plain.workspace_id) as tx:
        connect_mailbox(tx, plain.user_id, NewMailbox(REP, "fake", "new", warm_up=False), plain.vault)
    plain.run_until(MONDAY + 3 * DAY + 10 * MINUTE, step=MINUTE)
    assert (plain.state(ann)["state"], plain.state(ann)["waiting_for"]) == ("active", "RETRY")
    plain.run_until(MONDAY + 3 * DAY + 2 * HOUR, step=10 * MINUTE)
    assert len(plain.sent_to(ann)) == 1


def test_after_a_repair_mails_go_slowly_at_first(small: Office) -> None:
    """L3: a minute apart in the first hour, half a minute until the fourth, then as before."""
    small.provider.error = KINDS["password"]
    addresses = enroll(small, 30)
    small.run_until(MONDAY + HOUR, step=10 * MINUTE)
    small.provider.error = None
    small.run_until(MONDAY + HOUR + 21 * MINUTE, step=timedelta(seconds=20))
    sent = sorted(a.accepted_at for each in addresses for a in small.sent_to(each))
    assert 15 <= len(sent) <= 21
    assert all(b - a >= MINUTE for a, b in pairwise(sent))


def test_a_blip_makes_no_notice_and_no_slow_start(plain: Small) -> None:
    plain.world.script(Call.FETCH, REP, Fault(FaultKind.DROP))
    enroll(plain, 3)
    plain.run_until(MONDAY + 15 * MINUTE, step=MINUTE)
    assert (open_notices(plain), box(plain)["badge"]) == ([], "")
    assert plain.sql("SELECT repaired_at FROM mailboxes WHERE workspace_id = %(ws)s")[0]["repaired_at"] is None


def test_a_mailbox_that_signs_in_but_may_not_send_is_tried_ever_more_rarely(plain: Small) -> None:
    """A sign-in that succeeds proves nothing there; each mail tried makes the provider angrier. Told once all the same."""
    refused = Fault(FaultKind.REPLY, "550 5.7.1 your account sends spam", Stage.MAIL)
    plain.world.script(Call.HAND_OFF, REP, *[refused] * 50)
    enroll(plain)
    plain.run_until(MONDAY + DAY, step=5 * MINUTE)
    tried = 50 - sum(1 for _ in iter(lambda: plain.world.next_fault(Call.HAND_OFF, REP), None))
    assert 4 <= tried <= 12
    assert len(plain.sql("SELECT 1 FROM events WHERE workspace_id = %(ws)s AND kind = 'notice_given'")) == 1


def test_after_fourteen_days_what_is_due_fails_and_says_so(small: Office) -> None:
    small.provider.error = KINDS["password"]
    [ann] = enroll(small)
    small.run_until(MONDAY + 13 * DAY + 23 * HOUR, step=12 * HOUR)
    assert small.state(ann)["state"] == "active"
    small.run_until(MONDAY + 14 * DAY + HOUR, step=HOUR)
    after = small.state(ann)
    assert (after["state"], after["reason"]) == ("failed", "SEND_FAILED")


def test_the_days_until_then_are_a_setting(small: Office) -> None:
    small.provider.error = KINDS["password"]
    [ann] = enroll(small)
    with small.db.tx(small.workspace_id) as tx:
        tx.run("UPDATE workspaces SET settings = settings || '{\"mailbox_dead_days\": 2}' WHERE workspace_id = %(ws)s", {})
    small.run_until(MONDAY + 2 * DAY + HOUR, step=6 * HOUR)
    assert small.state(ann)["reason"] == "SEND_FAILED"


def test_a_limit_that_the_provider_names_is_shown_and_is_no_failure(plain: Small) -> None:
    """SEQ-109: rate limit reached, waiting."""
    plain.world.script(Call.HAND_OFF, REP, Fault(FaultKind.REPLY, "550 5.4.5 Daily user sending limit exceeded", Stage.DATA))
    [ann] = enroll(plain)
    plain.run_until(MONDAY + HOUR, step=10 * MINUTE)
    assert (box(plain)["state"], box(plain)["badge"], open_notices(plain)) == ("ok", "Rate limit reached", [])
    plain.run_until(MONDAY + DAY + HOUR, step=HOUR)
    assert len(plain.sent_to(ann)) == 1
