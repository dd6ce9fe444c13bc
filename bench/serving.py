"""How long answers take at a fixed rate, seen from outside: pixels and clicks, unsubscribing, lists of the API (reliability.md G19).

Requests leave by the clock whether or not earlier ones were answered, and each is timed from when it should have left, so that a pause of
the server is felt by everybody who came during it.
"""

import contextlib
import http.client
import multiprocessing
import queue
import socket
import threading
import time
from base64 import b32encode
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from pathlib import Path

import uvicorn

from bench.figures import Figure
from bench.ground import Served, unchecked
from segue.app import create_app
from segue.db.tx import Database
from segue.domain.permissions import OPERATOR
from segue.domain.public_links import LinkKind, token_digest
from segue.features.mail.telemetry import Telemetry
from segue.features.mail.tracking import load_signs
from segue.features.workspaces.api_keys import NewKey, create_key
from segue.features.workspaces.service import create_workspace, find_or_create_user
from segue.http.limits import RateLimit
from segue.ports import SystemClock
from segue.wiring import HANDLERS

HOST = "mail.bench.test"
CLIENTS = 16
MAILS = 2_000
CONTACTS, EVENTS = 100_000, 1_000_000
RATES = (("pixel and click", 300, 50.0), ("unsubscribe", 30, 100.0), ("API list", 50, 150.0))
"""What is asked, how often a second, and within how many milliseconds 99 of 100 are to be answered."""
Asked = tuple[str, str, dict[str, str], bytes]


def measure(server: Served, seconds: float, scale: float) -> list[Figure]:
    """Ask each in turn for `seconds`, of a workspace of `scale` times the full size."""
    key = _set_up(server, scale)
    with _served(server) as port:
        figures = []
        for name, rate, goal in RATES:
            waits = _ask(port, _requests(name, key, int(rate * seconds) or 1), rate)
            p99 = sorted(waits)[min(len(waits) - 1, int(len(waits) * 0.99))] * 1_000
            beside = f"{len(waits):,} answers at {rate} a second, median {sorted(waits)[len(waits) // 2] * 1_000:.1f} ms"
            figures.append(Figure(f"p99 of {name}", p99, "ms", goal=f"<= {goal:g}", beside=beside))
    return figures


def _set_up(server: Served, scale: float) -> str:
    workspace_id = create_workspace(server.db, "Serving")
    with server.db.tx(workspace_id) as tx:
        user = find_or_create_user(tx, "rep@serving.test", name="Rita Rep")
        _, key = create_key(tx, user, NewKey("bench", ("all",)), by=OPERATOR)
    values = {
        "ws": workspace_id,
        "now": server.db.clock.now(),
        "contacts": max(MAILS, int(CONTACTS * scale)),
        "events": int(EVENTS * scale),
    }
    digests = [(kind.value, token_digest(kind, _token(kind, number)), number) for kind in LinkKind for number in range(1, MAILS + 1)]
    with unchecked(server) as conn:
        for statement in ROWS:
            conn.execute(statement, {**values, "mails": MAILS})
        with conn.cursor().copy("COPY message_links (workspace_id, digest, kind, message_id, url, position) FROM STDIN") as copy:
            for kind, digest, number in digests:
                copy.write_row((workspace_id, digest, kind, number, "https://acme.example/" if kind == "click" else "", 0))
        conn.execute("VACUUM (ANALYZE) contacts, events, messages, message_links, enrollments")
    return key


def _token(kind: LinkKind, number: int) -> str:
    return b32encode(blake2b(f"{kind.value}{number}".encode(), digest_size=20).digest()).decode().lower()


def _requests(name: str, key: str, count: int) -> list[Asked]:
    if name == "API list":
        headers = {"Host": HOST, "Authorization": f"Bearer {key}"}
        return [("GET", f"/api/v1/contacts?limit=50&search=p{number}", headers, b"") for number in range(count)]
    agent = {"Host": HOST, "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"}
    if name == "unsubscribe":
        form = {**agent, "Content-Type": "application/x-www-form-urlencoded"}
        tokens = [_token(LinkKind.UNSUBSCRIBE, number % MAILS + 1) for number in range(count)]
        return [("POST", f"/u/{token}", form, b"List-Unsubscribe=One-Click") for token in tokens]
    kinds = (LinkKind.OPEN, LinkKind.CLICK)
    paths = ((kinds[number % 2], number % MAILS + 1) for number in range(count))
    return [("GET", f"/{'o' if kind is LinkKind.OPEN else 'c'}/{_token(kind, number)}", agent, b"") for kind, number in paths]


def _ask(port: int, asked: Sequence[Asked], rate: int) -> list[float]:
    """Send each at its time; returns how long after it each was answered. An answer that is a fault breaks the measurement off."""
    due: queue.SimpleQueue[tuple[float, Asked] | None] = queue.SimpleQueue()
    waits: list[float] = []
    faults: list[int] = []

    def client() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while (each := due.get()) is not None:
            at, (method, path, headers, body) = each
            connection.request(method, path, body or None, headers)
            answer = connection.getresponse()
            answer.read()
            waits.append(time.perf_counter() - at)
            if answer.status >= 400:
                faults.append(answer.status)
        connection.close()

    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    began = time.perf_counter() + 0.1
    for number, each in enumerate(asked):
        at = began + number / rate
        time.sleep(max(0.0, at - time.perf_counter()))
        due.put((at, each))
    for _ in threads:
        due.put(None)
    for thread in threads:
        thread.join()
    if faults:
        raise RuntimeError(f"{len(faults)} of {len(asked)} answers were {faults[0]}")
    return waits


@contextlib.contextmanager
def _served(server: Served) -> Iterator[int]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(512)
        port = int(listening.getsockname()[1])
        process = multiprocessing.get_context("fork").Process(target=_serve, args=(server.app_url, server.folder, listening))
        process.start()
        try:
            yield port
        finally:
            process.terminate()
            process.join(30)


def _serve(app_url: str, folder: Path, listening: socket.socket) -> None:
    """Run the server in a process of its own, without limits of rate: all requests come from one address."""
    db = Database(app_url, clock=SystemClock(), handlers=HANDLERS, pool_size=16)
    db.public_url = f"https://{HOST}"
    app = create_app(db, Telemetry(db, load_signs(folder)))
    app.state.limits = {name: RateLimit(db.clock, 10_000_000) for name in app.state.limits}
    config = uvicorn.Config(app, http="h11", ws="none", lifespan="off", log_config=None, access_log=False)
    uvicorn.Server(config).run(sockets=[listening])


ROWS = (
    """INSERT INTO contacts (workspace_id, id, email, email_normal, first_name, created_at, updated_at) OVERRIDING SYSTEM VALUE
       SELECT %(ws)s, n, format('p%%s@serving.test', n), format('p%%s@serving.test', n), 'Ann', %(now)s, %(now)s
       FROM generate_series(1, %(contacts)s::bigint) AS n""",
    """INSERT INTO events (workspace_id, at, kind, contact_id, actor, data)
       SELECT %(ws)s, %(now)s - n * interval '1 second', 'email_sent', n %% %(contacts)s + 1, 'worker', '{}'
       FROM generate_series(1, %(events)s::bigint) AS n""",
    """INSERT INTO enrollments (workspace_id, id, contact_id, sequence_id, version, enroller_user_id, sender_user_id, mailbox_id, address,
           address_normal, timezone, base_at, enrolled_at, state) OVERRIDING SYSTEM VALUE
       SELECT %(ws)s, n, n, 1, 1, 1, 1, 1, format('p%%s@serving.test', n), format('p%%s@serving.test', n), 'UTC', %(now)s, %(now)s,
           'finished'
       FROM generate_series(1, %(mails)s::bigint) AS n""",
    """INSERT INTO messages (workspace_id, id, enrollment_id, step_key, generation, contact_id, mailbox_id, user_id, state, first_email,
           sender, recipient, recipient_normal, subject, base_subject, message_id, key, wire, created_at, accepted_at, handed_at)
           OVERRIDING SYSTEM VALUE
       SELECT %(ws)s, n, n, 'a', 0, n, 1, 1, 'sent', true, 'rep@serving.test', format('p%%s@serving.test', n),
           format('p%%s@serving.test', n), 'Hello', 'Hello', format('<%%s@serving.test>', n), format('k%%s', n), '', %(now)s,
           %(now)s - interval '1 hour',
           %(now)s - interval '1 hour'
       FROM generate_series(1, %(mails)s::bigint) AS n""",
)
"""A workspace as it may stand after a year: rows that are made up, without the checks that real ones pass."""
