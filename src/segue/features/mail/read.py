"""Reading a mailbox: fetch, judge, record, and only then move the cursor, all in one transaction (MAIL-50, architecture.md §4).

A mail that cannot be judged is tried three times and then set aside with its bytes; the inbox never stalls (MAIL-56).
"""

import contextlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from segue.db.tx import Database, Tx
from segue.domain.events import MailQuarantined
from segue.domain.ids import MailboxId, WorkspaceId
from segue.features.mail.health import READING, mark_broken, mark_inbox_read, mark_repaired
from segue.features.mail.judge import judge
from segue.features.mail.mail_rules import Reader
from segue.features.mail.sent_folder import note_sent
from segue.features.workspaces.notices import Notice, give_notice
from segue.providers.mail.base import FetchedBatch, FolderCursor, HandOffError, Incoming, MailSession
from segue.providers.mail.reading import vanished

BATCH = 50
FIRST_LOOK = timedelta(days=2)
"""How far back a mailbox is read when it is new; older mail began before any enrollment (SEQ-145)."""
RESET_LOOK = timedelta(days=30)
"""How far back a folder is read again after its UIDs became void (MAIL-50); what was judged before is known by its content."""
TRIES = 3


@dataclass(frozen=True, slots=True)
class ReadReport:
    """What one reading did. `complete` is false when a mail that cannot be judged holds the cursor for another try."""

    messages: int = 0
    complete: bool = True
    alarms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of a mailbox. `sent`: of what it has sent, from which no answer comes and for which nothing waits."""

    db: Database
    workspace_id: WorkspaceId
    mailbox_id: MailboxId
    session: MailSession
    sent: bool = False


def read_mailbox(db: Database, workspace_id: WorkspaceId, mailbox_id: MailboxId, session: MailSession) -> ReadReport:
    """Read everything new in the watched folders.

    Raises:
        HandOffError: the mailbox cannot be read; its state says so already (L3).
    """
    began = db.clock.now()
    report, reading = ReadReport(), Reading(db, workspace_id, mailbox_id, session)
    try:
        watched = session.watched_folders()
        for folder in watched:
            report = _read_folder(reading, folder, report)
    except HandOffError as error:
        with db.tx(workspace_id) as tx:
            mark_broken(tx, mailbox_id, error, by=READING)
        raise
    with db.tx(workspace_id) as tx:
        mark_repaired(tx, mailbox_id, by=READING)
        if report.complete:
            mark_inbox_read(tx, mailbox_id, began)
    # Only now: whatever is wrong with Sent holds no mail back (MAIL-51). Where the inbox works, the next reading tries again.
    with contextlib.suppress(HandOffError):
        sent = session.sent_folder()
        if sent is not None and sent not in watched:
            _read_folder(replace(reading, sent=True), sent, ReadReport())
    return report


def _read_folder(reading: Reading, folder: str, report: ReadReport) -> ReadReport:
    db, mailbox_id = reading.db, reading.mailbox_id
    while True:
        with db.tx(reading.workspace_id) as tx:
            cursor, read_at = _load_cursor(tx, mailbox_id, folder)
        since = db.clock.wall() - (FIRST_LOOK if cursor.uid_validity == 0 else RESET_LOOK)
        batch = reading.session.fetch(cursor, limit=BATCH, since=since)
        if reading.sent and not batch.messages and replace(batch.cursor, highest_modseq=cursor.highest_modseq) == cursor:
            return report
        done = _judge_batch(reading, batch, read_at)
        alarms = (*report.alarms, batch.alarm) if batch.alarm else report.alarms
        seen = done and batch.alarm != vanished(folder)  # a folder that is gone was not read (MAIL-55)
        report = ReadReport(report.messages + len(batch.messages), report.complete and seen, alarms)
        if not done or not batch.more:
            return report


def _judge_batch(reading: Reading, batch: FetchedBatch, read_at: datetime | None) -> bool:
    """Judge a batch and move the cursor in one transaction; where that fails, one by one. False when a mail holds the cursor."""
    try:
        with reading.db.tx(reading.workspace_id, actor="inbox") as tx:
            came = [(message, received_at(reading.db, message, read_at)) for message in batch.messages]
            if reading.sent:
                note_sent(tx, reading.mailbox_id, came)
            else:
                reader = Reader.load(tx, reading.mailbox_id)
                for message, at in came:
                    judge(tx, reader, message, at)
            _save_cursor(tx, reading.mailbox_id, batch.cursor, batch.alarm)
            if batch.alarm and not reading.sent:  # people empty their Sent folder, and no answer is lost with it
                _tell_alarm(tx, reading.mailbox_id, batch)
    except HandOffError:
        raise
    except Exception as error:
        if not batch.messages:
            raise
        if len(batch.messages) == 1:
            return _set_aside(reading, batch, error)
        return _judge_one_by_one(reading, batch, read_at)
    return True


def _tell_alarm(tx: Tx, mailbox_id: MailboxId, batch: FetchedBatch) -> None:
    """Tell of a folder that is not what it was: answers may have been lost with it (MAIL-55, L4). It stays told until somebody looks."""
    row = tx.one("SELECT address, user_id FROM mailboxes WHERE workspace_id = %(ws)s AND id = %(id)s", {"id": mailbox_id})
    assert row is not None
    said = f"{row['address']}: {batch.alarm}."
    todo = "Look in the mail program whether answers are missing, then `segue notices --done`. While a folder is gone, mails wait."
    give_notice(tx, Notice("inbox", f"{mailbox_id}/{batch.cursor.folder}", said, todo, row["user_id"]))


def _judge_one_by_one(reading: Reading, batch: FetchedBatch, read_at: datetime | None) -> bool:
    for message in batch.messages:
        upto = replace(batch.cursor, last_uid=message.uid) if message is not batch.messages[-1] else batch.cursor
        if not _judge_batch(reading, replace(batch, messages=(message,), cursor=upto), read_at):
            return False
    return True


def _set_aside(reading: Reading, batch: FetchedBatch, error: Exception) -> bool:
    """Count a failed try; after the third, keep the bytes for the operator and let the cursor move on (MAIL-56)."""
    message, mailbox_id = batch.messages[0], reading.mailbox_id
    with reading.db.tx(reading.workspace_id, actor="inbox") as tx:
        row = tx.one(
            """INSERT INTO quarantine (workspace_id, mailbox_id, folder, uid_validity, uid, tries, error, raw, at)
               VALUES (%(ws)s, %(mailbox)s, %(folder)s, %(validity)s, %(uid)s, 1, %(error)s, %(raw)s, %(now)s)
               ON CONFLICT (workspace_id, mailbox_id, folder, uid_validity, uid)
               DO UPDATE SET tries = quarantine.tries + 1, error = EXCLUDED.error RETURNING tries""",
            {**_place(mailbox_id, message), "error": f"{type(error).__name__}: {error}"[:500], "raw": message.raw, "now": tx.now},
        )
        if row is None or row["tries"] < TRIES:
            return False
        tx.run(
            """UPDATE quarantine SET released = true WHERE workspace_id = %(ws)s AND mailbox_id = %(mailbox)s AND folder = %(folder)s
               AND uid_validity = %(validity)s AND uid = %(uid)s""",
            _place(mailbox_id, message),
        )
        tx.record(MailQuarantined(mailbox_id=mailbox_id, folder=message.folder, uid=message.uid, error=type(error).__name__))
        _save_cursor(tx, mailbox_id, batch.cursor, batch.alarm)
    return True


def _place(mailbox_id: MailboxId, message: Incoming) -> dict[str, Any]:
    return {"mailbox": mailbox_id, "folder": message.folder, "validity": message.uid_validity, "uid": message.uid}


def received_at(db: Database, message: Incoming, read_at: datetime | None) -> datetime:
    """Return when the mailbox received a mail, on the engine's clock.

    Servers write whole seconds of their own time: one second is given in the contact's favour. A mail that was not there at the last
    reading came after it, which matters only where the clock runs fast.
    """
    age = max(0.0, (db.clock.wall() - message.received_at).total_seconds() - 1.0)
    told = db.clock.now() - db.clock.stretch(age)
    return max(told, read_at) if read_at is not None else told


def _load_cursor(tx: Tx, mailbox_id: MailboxId, folder: str) -> tuple[FolderCursor, datetime | None]:
    row = tx.one(
        """SELECT uid_validity, last_uid, highest_modseq, read_at FROM inbox_cursors
           WHERE workspace_id = %(ws)s AND mailbox_id = %(mailbox)s AND folder = %(folder)s""",
        {"mailbox": mailbox_id, "folder": folder},
    )
    if row is None:
        return FolderCursor(folder), None
    return FolderCursor(folder, row["uid_validity"], row["last_uid"], row["highest_modseq"]), row["read_at"]


def _save_cursor(tx: Tx, mailbox_id: MailboxId, cursor: FolderCursor, alarm: str) -> None:
    tx.run(
        """INSERT INTO inbox_cursors (workspace_id, mailbox_id, folder, uid_validity, last_uid, highest_modseq, read_at, alarm)
           VALUES (%(ws)s, %(mailbox)s, %(folder)s, %(validity)s, %(uid)s, %(modseq)s, %(now)s, %(alarm)s)
           ON CONFLICT (workspace_id, mailbox_id, folder) DO UPDATE SET uid_validity = EXCLUDED.uid_validity,
             last_uid = EXCLUDED.last_uid, highest_modseq = EXCLUDED.highest_modseq, read_at = EXCLUDED.read_at, alarm = EXCLUDED.alarm""",
        {
            "mailbox": mailbox_id,
            "folder": cursor.folder,
            "validity": cursor.uid_validity,
            "uid": cursor.last_uid,
            "modseq": cursor.highest_modseq,
            "now": tx.now,
            "alarm": alarm,
        },
    )
