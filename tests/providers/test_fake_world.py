"""What the fake world promises beyond the contract: one clock, a log that only grows, faults on demand, the same history every time."""

from datetime import UTC, datetime, timedelta

import pytest

from providers.contract_mailbox import INBOX, incoming, subjects
from providers.mail_rigs import SENDER, outgoing, yes
from segue.ports import StoppedClock
from segue.providers.mail import MAIL_PROVIDERS
from segue.providers.mail.base import Evidence, IdKind, MailboxConfig, MailSession, Misconfigured, SignInAgain, TryLater, Unknown
from segue.providers.mail.fake import FAKE, FakeMailProvider
from segue.providers.mail.fake_world import Acceptance, Call, FakeMailWorld, Fault, FaultKind, OnAccept

START = datetime(2026, 3, 2, 9, tzinfo=UTC)


class World:
    """A world with one sender and its session."""

    def __init__(self, *, on_accept: OnAccept | None = None, rewrites_ids: bool = False, files_sent_copies: bool = False) -> None:
        self.clock = StoppedClock(START)
        self.mail = FakeMailWorld(self.clock, on_accept=on_accept)
        self.mail.add_mailbox(SENDER, secret="pw", rewrites_ids=rewrites_ids, files_sent_copies=files_sent_copies)
        provider = FakeMailProvider()
        provider.worlds["default"] = self.mail
        self.session: MailSession = provider.open(MailboxConfig(SENDER, "fake", {}, "pw"))

    def send(self, recipient: str = "bob@prospect.test") -> str:
        message = outgoing(recipient)
        self.session.hand_off(message, deadline_s=10, may_still_send=yes)
        return message.key

    def inbox(self) -> list[str]:
        return subjects(self.session.fetch(INBOX, limit=100, since=START - timedelta(days=9)))


def test_the_registry_has_the_fake_and_worlds_are_found_by_name() -> None:
    assert MAIL_PROVIDERS["fake"] is FAKE
    assert set(MAIL_PROVIDERS) == {"smtp_imap", "fake"}
    with pytest.raises(Misconfigured, match="nowhere"):
        FAKE.open(MailboxConfig(SENDER, "fake", {"world": "nowhere"}, ""))


def test_an_acceptance_carries_the_instant_of_the_worlds_clock() -> None:
    world = World()
    world.clock.advance(timedelta(hours=3))
    key = world.send()
    (accepted,) = world.mail.acceptances()
    assert (accepted.key, accepted.accepted_at, accepted.number) == (key, START + timedelta(hours=3), 1)


def test_a_hook_answers_mail_as_a_contact_would() -> None:
    def answer(mail: FakeMailWorld, accepted: Acceptance) -> None:
        mail.deliver_at(accepted.accepted_at + timedelta(hours=2), accepted.sender, incoming("yes, please"))

    world = World(on_accept=answer)
    world.send()
    assert world.inbox() == []
    assert world.mail.next_event_at() == START + timedelta(hours=2)
    world.clock.advance(timedelta(hours=5))
    batch = world.session.fetch(INBOX, limit=5, since=START)
    assert subjects(batch) == ["yes, please"]
    assert batch.messages[0].received_at == START + timedelta(hours=2)


def test_mail_between_two_mailboxes_of_the_world_arrives() -> None:
    world = World()
    world.mail.add_mailbox("ann@prospect.test")
    world.send("Ann@Prospect.test")
    box = world.mail.mailbox("ann@prospect.test")
    assert box is not None
    assert len(box.folders["INBOX"].messages) == 1


def test_a_late_acceptance_is_not_there_until_its_instant() -> None:
    world = World(files_sent_copies=True)
    world.mail.script(Call.HAND_OFF, SENDER, Fault(FaultKind.LATE, after=timedelta(minutes=20)))
    message = outgoing()
    with pytest.raises(Unknown):
        world.session.hand_off(message, deadline_s=10, may_still_send=yes)
    world.clock.advance(timedelta(minutes=10))
    assert world.session.find_evidence(message).evidence is Evidence.ABSENT
    world.clock.advance(timedelta(minutes=10))
    assert world.session.find_evidence(message).evidence is Evidence.FOUND
    assert world.mail.acceptances()[0].accepted_at == START + timedelta(minutes=20)


def test_a_hang_takes_the_deadline_by_the_worlds_clock() -> None:
    world = World()
    world.mail.script(Call.HAND_OFF, SENDER, Fault(FaultKind.HANG))
    with pytest.raises(TryLater):
        world.send()
    assert world.clock.now() == START + timedelta(seconds=10)


def test_a_server_that_rewrites_ids_shows_both_in_its_sent_copy() -> None:
    world = World(rewrites_ids=True, files_sent_copies=True)
    message = outgoing()
    world.session.hand_off(message, deadline_s=10, may_still_send=yes)
    ids = dict(world.session.file_sent_copy(message))
    assert ids[IdKind.ORIGINAL] == message.message_id
    assert ids[IdKind.OBSERVED] != message.message_id


def test_a_changed_password_ends_open_sessions() -> None:
    world = World()
    world.send()
    world.mail.change_secret(SENDER, "new")
    with pytest.raises(SignInAgain):
        world.send()
    with pytest.raises(SignInAgain):
        world.inbox()


def test_a_fetch_can_be_cut_after_one_message() -> None:
    world = World()
    for text in ("one", "two"):
        world.mail.deliver(SENDER, incoming(text))
    world.mail.script(Call.FETCH, SENDER, Fault(FaultKind.CUT))
    batch = world.session.fetch(INBOX, limit=10, since=START)
    assert (subjects(batch), batch.more) == (["one"], True)
    assert subjects(world.session.fetch(batch.cursor, limit=10, since=START)) == ["two"]


def test_a_copy_in_sent_survives_a_new_uid_validity() -> None:
    world = World(files_sent_copies=True)
    message = outgoing()
    world.session.hand_off(message, deadline_s=10, may_still_send=yes)
    world.mail.reset_uid_validity(SENDER, folder="Sent")
    assert world.session.find_evidence(message).evidence is Evidence.FOUND


def test_the_same_calls_give_the_same_history() -> None:
    def run() -> list[tuple[str, str, datetime]]:
        def choose(call: Call, _address: str, number: int) -> Fault | None:
            kinds = (None, FaultKind.DROP, None, FaultKind.ACCEPT_THEN_DROP, FaultKind.HANG, FaultKind.LATE)
            kind = kinds[number % len(kinds)] if call is Call.HAND_OFF else None
            return None if kind is None else Fault(kind, after=timedelta(minutes=3))

        world = World()
        world.mail.choose_fault = choose
        outcomes = []
        for number in range(60):
            message = outgoing(f"c{number}@prospect.test")
            try:
                world.session.hand_off(message, deadline_s=10, may_still_send=yes)
            except (TryLater, Unknown) as error:
                outcomes.append(type(error).__name__)
            world.clock.advance(timedelta(minutes=1))
        return [(a.recipient, outcomes[n % len(outcomes)], a.accepted_at) for n, a in enumerate(world.mail.acceptances())]

    assert run() == run()
