"""The reading half of the contract that every mail provider keeps. Subclass with a `rig` fixture; see `mailbox_rigs`."""

from datetime import UTC

import pytest

from providers.mail_rigs import outgoing
from providers.mailbox_rigs import MailboxRig
from segue.providers.mail.base import Evidence, FetchedBatch, FolderCursor, IdKind, MailSession, SignInAgain

INBOX = FolderCursor("INBOX")


def incoming(text: str) -> bytes:
    """Make a small mail that says `text`."""
    return f"From: bob@prospect.test\r\nTo: rep@acme.test\r\nSubject: {text}\r\n\r\n{text}\r\n".encode()


def subjects(batch: FetchedBatch) -> list[str]:
    return [m.raw.split(b"Subject: ")[1].split(b"\r\n")[0].decode() for m in batch.messages]


class MailboxContract:
    """Reading new mail, filing and finding Sent copies, waiting (mail.md §4, §7)."""

    @staticmethod
    def _read(rig: MailboxRig, session: MailSession, cursor: FolderCursor = INBOX, limit: int = 100) -> FetchedBatch:
        return session.fetch(cursor, limit=limit, since=rig.since)

    def test_new_mail_is_read_once_oldest_first(self, rig: MailboxRig) -> None:
        session = rig.open()
        for text in ("one", "two", "three"):
            rig.deliver(incoming(text))
        first = self._read(rig, session)
        assert subjects(first) == ["one", "two", "three"]
        assert not first.reset
        assert not first.more
        assert self._read(rig, session, first.cursor).messages == ()
        rig.deliver(incoming("four"))
        second = self._read(rig, session, first.cursor)
        assert subjects(second) == ["four"]
        # UID SEARCH n:* names the last message even when there is nothing new (MAIL-53).
        assert self._read(rig, session, second.cursor).messages == ()

    def test_a_message_arrives_byte_for_byte_with_size_and_time(self, rig: MailboxRig) -> None:
        session, raw = rig.open(), b"From: x\r\nSubject: odd\r\n\r\n\xff\xfe .\r\n.\r\nA001 OK {99}\r\n* 1 FETCH\r\n"
        before = rig.clock.now().replace(microsecond=0)
        rig.deliver(raw)
        (message,) = self._read(rig, session).messages
        assert message.raw == raw
        assert message.size == len(raw)
        assert message.received_at.tzinfo is UTC
        assert before <= message.received_at <= rig.clock.now()
        assert message.uid_validity > 0

    def test_a_limit_leaves_the_rest_for_the_next_call(self, rig: MailboxRig) -> None:
        session, cursor, seen = rig.open(), INBOX, []
        for number in range(5):
            rig.deliver(incoming(f"n{number}"))
        more = True
        while more:
            batch = self._read(rig, session, cursor, limit=2)
            assert len(batch.messages) <= 2
            seen += subjects(batch)
            cursor, more = batch.cursor, batch.more
        assert seen == ["n0", "n1", "n2", "n3", "n4"]

    def test_mail_deleted_before_it_was_read_does_not_stop_the_cursor(self, rig: MailboxRig) -> None:
        session = rig.open()
        rig.deliver(incoming("one"))
        first = self._read(rig, session)
        rig.deliver(incoming("gone"))
        rig.empty_inbox()
        second = self._read(rig, session, first.cursor)
        assert second.messages == ()
        assert second.alarm
        rig.deliver(incoming("two"))
        assert subjects(self._read(rig, session, second.cursor)) == ["two"]

    def test_a_new_uid_validity_is_read_again_and_said(self, rig: MailboxRig) -> None:
        session = rig.open()
        for text in ("one", "two"):
            rig.deliver(incoming(text))
        first = self._read(rig, session)
        rig.reset_uid_validity()
        again = self._read(rig, session, first.cursor)
        assert again.reset
        assert subjects(again) == ["one", "two"]
        assert again.cursor.uid_validity != first.cursor.uid_validity
        rig.deliver(incoming("three"))
        after = self._read(rig, session, again.cursor)
        assert not after.reset
        assert subjects(after) == ["three"]

    def test_a_vanished_folder_is_an_alarm_and_not_a_success(self, rig: MailboxRig) -> None:
        cursor = FolderCursor("No such folder", 7, 3)
        batch = self._read(rig, rig.open(), cursor)
        assert batch.alarm
        assert batch.cursor == cursor

    def test_an_emptied_inbox_is_said_once(self, rig: MailboxRig) -> None:
        session = rig.open()
        rig.deliver(incoming("one"))
        first = self._read(rig, session)
        assert not first.alarm
        rig.empty_inbox()
        assert self._read(rig, session, first.cursor).alarm
        assert not self._read(rig, session, first.cursor).alarm

    def test_inbox_and_junk_are_watched(self, rig: MailboxRig) -> None:
        session = rig.open()
        assert list(session.watched_folders()) == ["INBOX", rig.junk]
        rig.deliver(incoming("a bounce taken for spam"), folder=rig.junk)
        assert subjects(self._read(rig, session, FolderCursor(rig.junk))) == ["a bounce taken for spam"]

    def test_a_sent_copy_is_filed_once_and_its_ids_are_told(self, rig: MailboxRig) -> None:
        session, message = rig.open(), outgoing()
        first = dict(session.file_sent_copy(message))
        second = dict(rig.open().file_sent_copy(message))
        assert first[IdKind.OBSERVED] == second[IdKind.OBSERVED] == message.message_id
        assert first[IdKind.PROVIDER] == second[IdKind.PROVIDER]
        assert rig.sent() == 1

    def test_where_the_server_files_sent_copies_none_is_added(self, rig: MailboxRig) -> None:
        session, message = rig.open(files_sent_copies=True), outgoing()
        assert session.file_sent_copy(message) == ()
        assert rig.sent() == 0
        rig.files(message)
        assert dict(session.file_sent_copy(message))[IdKind.OBSERVED] == message.message_id
        assert rig.sent() == 1

    def test_an_id_that_the_server_replaced_is_told_beside_ours(self, rig: MailboxRig) -> None:
        message = outgoing()
        wire = message.wire.replace(b"Message-ID:", b"Message-ID: <theirs@server.test>\r\nX-Microsoft-Original-Message-ID:")
        rig.files(type(message)(wire, message.sender, message.recipient, message.message_id, message.key))
        ids = dict(rig.open(files_sent_copies=True).file_sent_copy(message))
        assert ids[IdKind.OBSERVED] == "<theirs@server.test>"
        assert ids[IdKind.ORIGINAL] == message.message_id

    def test_absence_proves_something_only_where_the_server_files_copies(self, rig: MailboxRig) -> None:
        message = outgoing()
        assert rig.open().find_evidence(message).evidence is Evidence.CANNOT_TELL
        assert rig.open(files_sent_copies=True).find_evidence(message).evidence is Evidence.ABSENT
        rig.files(message)
        found = rig.open(files_sent_copies=True).find_evidence(message)
        assert found.evidence is Evidence.FOUND
        assert dict(found.ids)[IdKind.OBSERVED] == message.message_id

    def test_a_reply_or_bounce_that_quotes_us_is_evidence(self, rig: MailboxRig) -> None:
        replied, bounced, other = outgoing(), outgoing(), outgoing()
        rig.deliver(f"From: bob@prospect.test\r\nIn-Reply-To: {replied.message_id}\r\nSubject: Re\r\n\r\nYes.\r\n".encode())
        rig.deliver(b"From: mailer-daemon@acme.test\r\nSubject: failed\r\n\r\nreturned:\r\nX-Segue-Key: %s\r\n" % bounced.key.encode())
        session = rig.open()
        assert session.find_evidence(replied).evidence is Evidence.FOUND
        assert session.find_evidence(bounced).evidence is Evidence.FOUND
        assert session.find_evidence(other).evidence is Evidence.CANNOT_TELL

    def test_what_a_person_sent_lies_in_the_folder_that_the_mailbox_names_and_reads_like_any_other(self, rig: MailboxRig) -> None:
        """MAIL-51, SEQ-93."""
        session = rig.open()
        folder = session.sent_folder()
        assert folder is not None
        assert folder not in session.watched_folders()
        first = self._read(rig, session, FolderCursor(folder))
        assert (first.messages, first.alarm) == ((), "")
        rig.deliver(incoming("by hand"), folder=folder)
        second = self._read(rig, session, first.cursor)
        assert subjects(second) == ["by hand"]
        assert self._read(rig, session, second.cursor).messages == ()

    def test_waiting_ends_at_the_time_limit_when_nothing_comes(self, rig: MailboxRig) -> None:
        session = rig.open()
        self._read(rig, session)
        began = rig.clock.monotonic()
        assert session.wait_for_mail(0.4) is False
        assert 0.39 <= rig.clock.monotonic() - began < 5

    def test_waiting_ends_early_when_mail_comes(self, rig: MailboxRig) -> None:
        session = rig.open()
        batch = self._read(rig, session)
        rig.deliver_during(incoming("news"), 0.3)
        assert session.wait_for_mail(20) is True
        assert subjects(self._read(rig, session, batch.cursor)) == ["news"]

    def test_mail_that_came_between_reading_and_waiting_is_not_missed(self, rig: MailboxRig) -> None:
        session = rig.open()
        rig.deliver(incoming("old"))
        self._read(rig, session)
        rig.deliver(incoming("new"))
        began = rig.clock.monotonic()
        assert session.wait_for_mail(20) is True
        assert rig.clock.monotonic() - began < 5

    def test_a_wrong_password_asks_to_sign_in_again(self, rig: MailboxRig) -> None:
        session = rig.open(secret="wrong")
        with pytest.raises(SignInAgain):
            self._read(rig, session)
        with pytest.raises(SignInAgain):
            session.find_evidence(outgoing())
        assert session.file_sent_copy(outgoing()) == ()

    def test_a_closed_session_reads_again(self, rig: MailboxRig) -> None:
        session = rig.open()
        rig.deliver(incoming("one"))
        session.close()
        assert subjects(self._read(rig, session)) == ["one"]
        session.close()
        assert subjects(self._read(rig, session)) == ["one"]
