"""The hand-off's calls to the database, straight on libpq: a few microseconds of Python each, not a hundred (engine.md §1).

Values travel as text. Only what `hand_off.py` needs is here; everything else goes through psycopg's cursors.
"""

from collections.abc import Sequence

import psycopg
from psycopg import pq

from segue.db.tx import Connection

_GOOD = frozenset({pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK})


def execute(conn: Connection, statement: bytes) -> None:
    """Run a statement without values.

    Raises:
        psycopg.Error: it failed; an OperationalError where the connection is gone or a time limit has passed.
    """
    _check(conn, conn.pgconn.exec_(statement))


def call(conn: Connection, name: bytes, statement: bytes, values: Sequence[bytes]) -> list[str | None] | None:
    """Run a statement, prepared on this connection at its first use, and return its first row as text; None when it has none.

    Raises:
        psycopg.Error: it failed; an OperationalError where the connection is gone or a time limit has passed.
    """
    prepared = conn.__dict__.setdefault("segue_prepared", set())
    if name not in prepared:
        _check(conn, conn.pgconn.prepare(name, statement))
        prepared.add(name)
    result = _check(conn, conn.pgconn.exec_prepared(name, values))
    if result.ntuples == 0:
        return None
    row = [result.get_value(0, column) for column in range(result.nfields)]
    return [None if value is None else value.decode() for value in row]


def _check(conn: Connection, result: pq.abc.PGresult) -> pq.abc.PGresult:
    if result.status not in _GOOD:
        # libpq's own words for a lost connection carry no SQLSTATE, and the notice of H7 has one of another class.
        if conn.pgconn.status != pq.ConnStatus.OK:
            raise psycopg.OperationalError(f"the connection is gone: {conn.pgconn.get_error_message()}")
        raise psycopg.errors.error_from_result(result)
    return result
