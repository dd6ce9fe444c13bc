"""One effect for any number of equal requests (S25): the answer is kept under a key in the transaction of the effect.

The rules are Stripe's: a key is 1 to 255 characters and lives for 24 hours; the same key with the same request gets the same answer again;
with another request it is refused. Two that come at once wait for each other, and one that broke off half way has left nothing behind, so
that its repeat is a first call. Only what took effect is kept: a refusal changed nothing (S22) and may be asked for again.
"""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from psycopg.types.json import Jsonb

from segue.db.locks import LockKind
from segue.db.tx import Tx
from segue.domain.contact_events import ContactErased
from segue.domain.errors import Conflict, Invalid
from segue.http.errors import BadRequest

KEY_MAX = 255
KEPT = timedelta(hours=24)
WAIT = "10s"
"""How long a second call under the same key waits for the first."""


@dataclass(frozen=True, slots=True)
class Once:
    """A request under a key."""

    user_id: int
    key: str
    fingerprint: bytes


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it was given the first time."""

    status: int
    body: bytes
    headers: dict[str, str]


class KeyReused(Invalid):
    """The key was used for another request before."""

    code = "idempotency_key_reused"


def read_key(given: str) -> str:
    """Return the key of a request. Raises BadRequest."""
    if not 1 <= len(given) <= KEY_MAX or not given.isascii() or not given.isprintable():
        raise BadRequest(f"An Idempotency-Key has 1 to {KEY_MAX} printable characters.", hint="A UUID does.", field="Idempotency-Key")
    return given


def fingerprint_of(method: str, path: str, query: str, body: bytes) -> bytes:
    """Return by what two requests are known to be the same."""
    digest = hashlib.sha256(f"{method}\n{path}\n{query}\n".encode("utf-8", "surrogatepass"))
    digest.update(body)
    return digest.digest()


def find_answer(tx: Tx, once: Once) -> Kept | None:
    """Return what was answered under this key before; else hold the key until the commit, so that nobody else acts under it.

    Raises:
        KeyReused: the key belongs to another request.
        Conflict: the answer is not kept any more.
    """
    tx.run(f"SET LOCAL lock_timeout = '{WAIT}'")
    tx.lock_for_stop(LockKind.IDEMPOTENCY, f"{once.user_id} {once.key}")
    tx.run("SET LOCAL lock_timeout = 0")
    row = tx.one(
        """SELECT fingerprint, status, answer, headers FROM idempotency_keys
           WHERE workspace_id = %(ws)s AND user_id = %(user)s AND key = %(key)s AND created_at > %(since)s""",
        {"user": once.user_id, "key": once.key, "since": tx.now - KEPT},
    )
    if row is None:
        return None
    if row["answer"] is None:
        raise Conflict("This was done before; its answer is not kept.", hint="Look at the resource.", code="answer_not_kept")
    if bytes(row["fingerprint"]) != once.fingerprint:
        raise KeyReused("This Idempotency-Key was used for another request.", hint="Make a new key.", field="Idempotency-Key")
    return Kept(row["status"], bytes(row["answer"]), row["headers"])


def keep_answer(tx: Tx, once: Once, kept: Kept, *, told: bool = True) -> None:
    """Store an answer under its key, in place of one that is older than it lives; with `told` False only that there was one."""
    tx.run(
        """INSERT INTO idempotency_keys (workspace_id, user_id, key, fingerprint, status, answer, headers, created_at)
           VALUES (%(ws)s, %(user)s, %(key)s, %(fingerprint)s, %(status)s, %(answer)s, %(headers)s, %(now)s)
           ON CONFLICT (workspace_id, user_id, key) DO UPDATE SET fingerprint = EXCLUDED.fingerprint, status = EXCLUDED.status,
             answer = EXCLUDED.answer, headers = EXCLUDED.headers, created_at = EXCLUDED.created_at""",
        {
            "user": once.user_id,
            "key": once.key,
            "fingerprint": once.fingerprint,
            "status": kept.status,
            "answer": kept.body if told else None,
            "headers": Jsonb(kept.headers if told else {}),
            "now": tx.now,
        },
    )
    tx.run("DELETE FROM idempotency_keys WHERE workspace_id = %(ws)s AND created_at <= %(since)s", {"since": tx.now - KEPT})


def forget_answers(tx: Tx, _: ContactErased) -> None:
    """Empty what was answered in the last day: any of it may tell of who is erased (S27). That it was done stays known."""
    tx.run("UPDATE idempotency_keys SET answer = NULL, headers = '{}', fingerprint = '' WHERE workspace_id = %(ws)s", {})
