"""Engines with one promise taken out: every soak must catch them, or its green means nothing (reliability.md, "Against fooling ourselves" 1)."""

import threading
from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

import psycopg

from segue.db import lean
from segue.db.tx import Connection, Database
from segue.domain.ids import WorkspaceId
from segue.features.enrollments.engine import Engine
from segue.features.mail.hand_off import Facts, Gate, Held, Result, Sending
from segue.providers.mail.base import Accepted, MailSession, MayStillSend, Outgoing


class LeaseOnly(Engine):
    """(1) "Send again when the lease is over": no fence, no evidence."""

    def tend(self, workspace_id: WorkspaceId) -> None:
        with self.db.tx(workspace_id) as tx:
            tx.run(
                """WITH over AS (UPDATE messages SET state = 'queued', handed_at = NULL, lease_until = NULL
                       WHERE workspace_id = %(ws)s AND state IN ('sending', 'in_doubt') AND lease_until < clock_timestamp()
                       RETURNING enrollment_id)
                   UPDATE enrollments SET due_at = %(now)s, waiting_for = 'DELAY'
                   WHERE workspace_id = %(ws)s AND state = 'active' AND id IN (SELECT enrollment_id FROM over)""",
                {"now": tx.now},
            )
        super().tend(workspace_id)


class DoubtUncommitted(Gate):
    """(3) `in_doubt` in the hand-off's own transaction: a crash rolls it back."""

    def __init__(self, db: Database, *, threads: int, longest_deadline_s: float = 60.0, slack_s: float = 5.0) -> None:
        super().__init__(db, threads=threads, longest_deadline_s=longest_deadline_s, slack_s=slack_s)
        self._here = threading.local()

    def _lock_then_read(self, conn: Connection, sending: Sending, now: datetime) -> Facts | None:
        self._here.conn = conn
        return super()._lock_then_read(conn, sending, now)

    def _mark_in_doubt(self, sending: Sending, now: datetime) -> int | None:
        return self._mark_on(self._here.conn, sending, now)


class UnlockedRead(Gate):
    """(7) Stops are read directly before DATA, but no lock is held across it."""

    def _lock_then_read(self, conn: Connection, sending: Sending, now: datetime) -> Facts | None:
        facts = super()._lock_then_read(conn, sending, now)
        lean.execute(conn, b"COMMIT")
        lean.execute(conn, b"BEGIN")
        return facts


class ReadAtClaim(Gate):
    """(6) Stops are read when a row is claimed, and not again."""

    def _why_held(self, facts: Facts | None, sending: Sending, now: datetime) -> Held | None:
        held = super()._why_held(facts, sending, now)
        return None if held and held.reason.startswith(("stopped", "sending is paused")) else held

    def _lock_then_read(self, conn: Connection, sending: Sending, now: datetime) -> Facts | None:
        facts = super()._lock_then_read(conn, sending, now)
        lean.execute(conn, b"COMMIT")
        lean.execute(conn, b"BEGIN")
        return facts


class LockAndReadAtOnce(Gate):
    """(8) What is read behind the locks is what stood there before the wait for them (H2)."""

    def _lock_then_read(self, conn: Connection, sending: Sending, now: datetime) -> Facts | None:
        lean.execute(conn, b"COMMIT")
        lean.execute(conn, b"BEGIN ISOLATION LEVEL REPEATABLE READ")
        return super()._lock_then_read(conn, sending, now)


class UncheckedDot(Gate):
    """(9) Nobody asks before the dot whether the locks are still held."""

    def hand_off(self, sending: Sending, session: MailSession) -> Result:
        return super().hand_off(sending, _Unchecked(session))  # type: ignore[arg-type]


class _Unchecked:
    def __init__(self, session: MailSession) -> None:
        self._session = session

    def hand_off(self, message: Outgoing, *, deadline_s: float, may_still_send: MayStillSend) -> Accepted:
        return self._session.hand_off(message, deadline_s=deadline_s, may_still_send=lambda: True)


class AwayAtSettling(Engine):
    """No mutant: the database is away whenever this process wants to settle, five times over."""

    away: ClassVar = [5]

    def settle(self, workspace_id: WorkspaceId, results: Sequence[Result]) -> None:
        if self.away[0]:
            self.away[0] -= 1
            raise psycopg.OperationalError("the database is away")
        super().settle(workspace_id, results)


ENGINES = {"lease only": LeaseOnly, "away at settling": AwayAtSettling}
GATES = {
    "in_doubt not committed": DoubtUncommitted,
    "stop read at claim": ReadAtClaim,
    "stop read without lock": UnlockedRead,
    "lock and read in one statement": LockAndReadAtOnce,
    "no check before the dot": UncheckedDot,
}
