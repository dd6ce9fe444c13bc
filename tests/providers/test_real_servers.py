"""What real servers do with our mail: submission, vacation, bounces, delays, idle wake-up (mail.md §14, MAIL-83, MAIL-84)."""

import threading
from collections.abc import Callable, Iterator
from statistics import median

import pytest

from providers.contract_mailbox import INBOX, incoming, subjects
from providers.mail_rigs import LOOPBACK, outgoing, trusting_test_certificate, yes
from providers.mailbox_rigs import DovecotRig
from segue.ports import SystemClock
from segue.providers.mail.base import (
    Evidence,
    IdKind,
    Incoming,
    MailboxConfig,
    MailSession,
    Misconfigured,
    Refused,
    RefusedClass,
    TryLater,
)
from segue.providers.mail.smtp_imap import SmtpImapProvider
from servers.mail_servers import MailServers

pytestmark = pytest.mark.servers
CLOCK = SystemClock()


@pytest.fixture
def rig(mail_servers: MailServers) -> Iterator[DovecotRig]:
    rig = DovecotRig(mail_servers)
    yield rig
    rig.close()


def wait_until(session: MailSession, rig: DovecotRig, wanted: Callable[[Incoming], bool], seconds: float = 30) -> Incoming:
    """Read the inbox as a worker does, fetch and wait by turns, until a message fits."""
    cursor, end = INBOX, CLOCK.monotonic() + seconds
    while CLOCK.monotonic() < end:
        batch = session.fetch(cursor, limit=50, since=rig.since)
        cursor = batch.cursor
        for message in batch.messages:
            if wanted(message):
                return message
        session.wait_for_mail(min(5, seconds))
    raise AssertionError("the message did not come")


def test_a_message_goes_through_submission_and_arrives_as_written(rig: DovecotRig) -> None:
    session, there = rig.open(), DovecotRig(rig.servers)
    message = outgoing(there.address, sender=rig.address, body=b".dot\r\n..two\r\nend\r\n")
    accepted = session.hand_off(message, deadline_s=10, may_still_send=yes)
    assert accepted.reply.startswith("250 2.")
    arrived = wait_until(there.open(), there, lambda m: message.key.encode() in m.raw)
    assert arrived.raw.endswith(message.wire)
    there.close()


def test_the_whole_way_of_a_message_hand_off_copy_read_back_and_evidence(rig: DovecotRig) -> None:
    session = rig.open()
    message = outgoing("bob@prospect.test", sender=rig.address)
    session.hand_off(message, deadline_s=10, may_still_send=yes)
    ids = dict(session.file_sent_copy(message))
    assert ids[IdKind.OBSERVED] == message.message_id
    assert ids[IdKind.PROVIDER].startswith("Sent;")
    assert dict(session.file_sent_copy(message)) == ids
    assert rig.sent() == 1
    assert session.find_evidence(message).evidence is Evidence.FOUND
    flags = rig.servers.doveadm("fetch", "-u", rig.address, "flags", "mailbox", "Sent", "all")
    assert "\\Seen" in flags


def test_an_unknown_local_recipient_is_refused_at_once_as_invalid(rig: DovecotRig) -> None:
    with pytest.raises(Refused) as caught:
        rig.open().hand_off(outgoing("nobody@prospect.test", sender=rig.address), deadline_s=10, may_still_send=yes)
    assert caught.value.reason is RefusedClass.INVALID


def test_a_vacation_answers_and_names_our_message(rig: DovecotRig) -> None:
    session, message = rig.open(), outgoing("ann@prospect.test", sender=rig.address)
    session.hand_off(message, deadline_s=10, may_still_send=yes)
    answer = wait_until(session, rig, lambda m: b"auto-replied" in m.raw)
    assert message.message_id.encode() in answer.raw
    assert b"Back on 3 January" in answer.raw
    assert session.find_evidence(message).evidence is Evidence.FOUND


@pytest.mark.parametrize(("domain", "status"), [("gone.test", b"5.1.1"), ("blocked.test", b"5.7.1")])
def test_a_real_bounce_comes_back_and_is_evidence(rig: DovecotRig, domain: str, status: bytes) -> None:
    session, message = rig.open(), outgoing(f"eve@{domain}", sender=rig.address)
    session.hand_off(message, deadline_s=10, may_still_send=yes)
    notice = wait_until(session, rig, lambda m: b"Action: failed" in m.raw)
    assert b"Status: " + status in notice.raw
    assert message.key.encode() in notice.raw
    assert session.find_evidence(message).evidence is Evidence.FOUND


def test_a_full_mailbox_makes_a_delay_notice_first(rig: DovecotRig) -> None:
    session, message = rig.open(), outgoing("eve@full.test", sender=rig.address)
    session.hand_off(message, deadline_s=10, may_still_send=yes)
    notice = wait_until(session, rig, lambda m: b"Action: delayed" in m.raw, seconds=60)
    assert b"4.2.2" in notice.raw


def test_idle_wakes_a_waiting_reader_within_a_few_seconds(rig: DovecotRig) -> None:
    session, cursor, waits = rig.open(), INBOX, []
    for number in range(5):
        cursor = session.fetch(cursor, limit=10, since=rig.since).cursor
        delivered: list[float] = []

        def deliver(text: str, delivered: list[float] = delivered) -> None:
            rig.deliver(incoming(text))
            delivered.append(CLOCK.monotonic())

        timer = threading.Timer(0.3, deliver, [f"n{number}"])
        timer.start()
        assert session.wait_for_mail(20) is True
        woken = CLOCK.monotonic()
        timer.join()
        waits.append(max(woken - delivered[0], 0.0))
        assert subjects(session.fetch(cursor, limit=10, since=rig.since)) == [f"n{number}"]
    print(f"idle wake-up after delivery: median {median(waits) * 1000:.0f} ms, worst {max(waits) * 1000:.0f} ms, {len(waits)} deliveries")
    assert max(waits) < 5  # G22


def test_reading_changes_no_flag_and_shows_the_mod_sequence(rig: DovecotRig) -> None:
    rig.deliver(incoming("one"))
    batch = rig.open().fetch(INBOX, limit=10, since=rig.since)
    assert len(batch.messages) == 1
    assert batch.cursor.highest_modseq > 0
    assert "\\Seen" not in rig.servers.doveadm("fetch", "-u", rig.address, "flags", "mailbox", "INBOX", "all")


def test_implicit_tls_works_too(mail_servers: MailServers) -> None:
    rig = DovecotRig(mail_servers, tls="implicit")
    rig.deliver(incoming("one"))
    session = rig.open()
    assert session.test().ok
    assert subjects(session.fetch(INBOX, limit=10, since=rig.since)) == ["one"]
    rig.close()


def test_a_large_message_is_cut_but_keeps_its_report(rig: DovecotRig) -> None:
    report = b"--b\r\nContent-Type: message/delivery-status\r\n\r\nFinal-Recipient: rfc822; x@y.test\r\nAction: failed\r\nStatus: 5.1.1\r\n"
    text = b"--b\r\nContent-Type: text/plain\r\n\r\n" + (b"y" * 70 + b"\r\n") * 90_000
    head = b"Subject: huge\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
    raw = head + text + report + b"--b--\r\n"
    rig.deliver(incoming("small before"))
    rig.deliver(raw)
    rig.deliver(incoming("small after"))
    batch = rig.open().fetch(INBOX, limit=10, since=rig.since)
    assert [m.size > 6_000_000 for m in batch.messages] == [False, True, False]
    cut = batch.messages[1].raw
    assert len(cut) < 400_000
    assert cut.startswith(head)
    assert b"Content-Type: message/delivery-status\r\n\r\nFinal-Recipient: rfc822; x@y.test" in cut


def test_mail_of_long_ago_is_not_read_at_first(rig: DovecotRig) -> None:
    rig.deliver(incoming("one"))
    batch = rig.open().fetch(INBOX, limit=10, since=CLOCK.now().replace(year=CLOCK.now().year + 1))
    assert batch.messages == ()
    assert batch.cursor.last_uid == 1


def test_a_killed_server_is_try_later_and_the_next_call_catches_up() -> None:
    with MailServers(spare_boxes=300) as servers:
        rig = DovecotRig(servers)
        session = rig.open()
        rig.deliver(incoming("one"))
        cursor = session.fetch(INBOX, limit=10, since=rig.since).cursor
        servers.stop_dovecot()
        with pytest.raises(TryLater):
            session.wait_for_mail(10)  # the kept connection dies
        with pytest.raises(TryLater):
            session.fetch(cursor, limit=10, since=rig.since)  # a new one is refused
        servers.start_dovecot()
        rig.deliver(incoming("two"))
        assert subjects(session.fetch(cursor, limit=10, since=rig.since)) == ["two"]
        rig.close()


def test_a_mailbox_without_an_incoming_server_only_sends(rig: DovecotRig) -> None:
    settings = {name: value for name, value in rig.settings.items() if name.startswith("smtp")}
    session = SmtpImapProvider(LOOPBACK, CLOCK, trusting_test_certificate).open(MailboxConfig(rig.address, "smtp_imap", settings, "pw"))
    message = outgoing("bob@prospect.test", sender=rig.address)
    session.hand_off(message, deadline_s=10, may_still_send=yes)
    assert session.file_sent_copy(message) == ()
    for call in (lambda: session.fetch(INBOX, limit=1, since=rig.since), session.watched_folders, lambda: session.wait_for_mail(1)):
        with pytest.raises(Misconfigured, match="only sends"):
            call()
    assert [name for name, works, _ in session.test().results if not works] == ["imap"]  # no reply could ever stop a sequence
    session.close()
