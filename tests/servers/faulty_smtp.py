"""An SMTP server that fails on demand at every stage, and writes down what it accepted before it says so.

In a test: `with FaultySmtp(choose=...) as server: server.port`. For a soak, as a process of its own:

    python -m servers.faulty_smtp --log accepted.jsonl --seed 7 --rate 0.2

prints its port and serves until its input closes. The log is append-only, one JSON object a line, written (without fsync) before the answer goes out:
a client that was told 250 is in the log; one in the log may never have been told.
"""

import argparse
import base64
import contextlib
import json
import os
import re
import select
import socket
import ssl
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from servers.smtp_faults import Chooser, Fault, by_seed

_KEY = re.compile(rb"^X-Segue-Key:[ \t]*([^\r\n]+)", re.IGNORECASE | re.MULTILINE)
_ID = re.compile(rb"^Message-ID:[ \t\r\n]*(<[^>\r\n]+>)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class Taken:
    """A message that the server took responsibility for; `at` is CLOCK_REALTIME."""

    at: float
    sender: str
    recipient: str
    key: str
    message_id: str
    body: bytes = field(repr=False)


class _Gone(Exception):
    """This connection is over."""


class FaultySmtp:
    """A threaded server on a free loopback port. Defaults: PIPELINING, no TLS, no sign-in, no faults."""

    def __init__(
        self,
        *,
        choose: Chooser | None = None,
        tls: ssl.SSLContext | None = None,
        password: str | None = None,
        features: tuple[str, ...] = ("PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES"),
        log: Path | None = None,
        keep_bodies: bool = True,
    ) -> None:
        self.careless = False
        """Answers 354 to DATA although no recipient was taken (RFC 2920 §3.1)."""
        self.choose = choose or (lambda _what, _number: None)
        self.tls = tls
        self.password = password
        self.features = features
        self.keep_bodies = keep_bodies
        self.accepted: list[Taken] = []
        self.injected: Counter[str] = Counter()
        self.commands: list[bytes] = []
        self.connections = 0
        self.messages = 0
        self._log = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600) if log else -1
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._stopped = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._listen, daemon=True)]

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for sock in self._open:
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)
        if self._log >= 0:
            os.close(self._log)
            self._log = -1

    def _listen(self) -> None:
        while not self._stopped.is_set():
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self.connections += 1
                number = self.connections
                twin = sock.dup()  # the first handle is given up when TLS begins
                self._open.add(twin)
            self._threads = [t for t in self._threads if t.is_alive()]
            self._threads.append(threading.Thread(target=self._serve, args=(sock, twin, number), daemon=True, name="faulty-connection"))
            self._threads[-1].start()

    def _serve(self, sock: socket.socket, twin: socket.socket, number: int) -> None:
        dialogue = _Dialogue(self, sock, self.choose("connection", number))
        with contextlib.suppress(_Gone, OSError, ValueError):
            dialogue.run()
        with self._lock:
            self._open.discard(twin)
        dialogue.sock.close()
        sock.close()
        twin.close()

    def next_message(self) -> Fault | None:
        """Count a message and say what goes wrong with it."""
        with self._lock:
            self.messages += 1
            number = self.messages
        return self.choose("message", number)

    def count(self, fault: Fault) -> None:
        """Note that a fault was really shown."""
        with self._lock:
            self.injected[fault.name] += 1

    def take(self, sender: str, recipient: str, body: bytes) -> None:
        """Accept: write it down. Must come before the answer."""
        head = body.partition(b"\r\n\r\n")[0]
        key, message_id = _KEY.search(head), _ID.search(head)
        taken = Taken(
            time.time(),
            sender,
            recipient,
            key[1].decode() if key else "",
            message_id[1].decode() if message_id else "",
            body if self.keep_bodies else b"",
        )
        with self._lock:
            self.accepted.append(taken)
            if self._log >= 0:
                row = {"at": taken.at, "from": sender, "to": recipient, "key": taken.key, "message_id": taken.message_id}
                os.write(self._log, json.dumps(row).encode() + b"\n")

    def wait_hanging(self, sock: socket.socket) -> None:
        """Say nothing and read nothing until the client or the test ends it."""
        listening = select.poll()
        listening.register(sock, select.POLLRDHUP)
        while not self._stopped.is_set() and not listening.poll(20):
            pass
        raise _Gone

    def take_later(self, seconds: float, *message: object) -> None:
        """Accept a message when its client is long gone."""
        timer = threading.Timer(seconds, self.take, message)
        timer.daemon = True
        timer.start()
        self._threads.append(timer)


class _Dialogue:
    """One connection."""

    def __init__(self, server: FaultySmtp, sock: socket.socket, fault: Fault | None) -> None:
        self.server = server
        self.sock = sock
        self.fault = fault
        self.unread = b""
        self.answers = b""
        self.sender = self.recipient = ""
        self.signed_in = server.password is None

    def run(self) -> None:
        self.answer("banner", "220 faulty.test ESMTP")
        while True:
            line = self.line()
            self.server.commands.append(line)
            verb = line.split(b" ", 1)[0].strip().upper()
            method = getattr(self, "on_" + verb.decode("ascii", "replace").lower(), None)
            if method is None:
                self.say("502 5.5.1 not implemented")
            else:
                method(line.strip())

    # Verbs ------------------------------------------------------------------------------------------------------------------------

    def on_ehlo(self, _: bytes) -> None:
        offers = list(self.server.features)
        if self.server.tls is not None and not isinstance(self.sock, ssl.SSLSocket):
            offers.append("STARTTLS")
        elif self.server.password is not None:
            offers.append("AUTH PLAIN LOGIN")
        lines = ["faulty.test", *offers]
        self.answer("ehlo", "\r\n".join(f"250{'-' if n < len(lines) else ' '}{text}" for n, text in enumerate(lines, 1)))

    def on_starttls(self, _: bytes) -> None:
        self.answer("starttls", "220 2.0.0 go ahead")
        self.flush()
        assert self.server.tls is not None
        self.unread = b""
        self.sock = self.server.tls.wrap_socket(self.sock, server_side=True)

    def on_auth(self, line: bytes) -> None:
        given = base64.b64decode(line.split(b" ")[2]).split(b"\0")[-1].decode()
        self.signed_in = given == self.server.password
        self.answer("auth", "235 2.7.0 welcome" if self.signed_in else "535 5.7.8 authentication failed")

    def on_mail(self, line: bytes) -> None:
        if not self.signed_in:
            self.say("530 5.7.0 sign in first")
            return
        if self.sender:
            self.say("503 5.5.1 nested MAIL")
            return
        self.fault = self.server.next_message()
        self.sender = _address(line)
        if not self.answer("mail", "250 2.1.0 ok"):
            self.sender = ""

    def on_rcpt(self, line: bytes) -> None:
        if not self.sender:
            self.say("503 5.5.1 MAIL first")
        elif self.answer("rcpt", "250 2.1.5 ok"):
            self.recipient = _address(line)

    def on_data(self, _: bytes) -> None:
        if not self.recipient and not self.server.careless:
            self.say("554 5.5.1 no valid recipients")
            return
        if not self.answer("data", "354 go ahead"):
            return
        self.flush()
        if self.fault is not None and self.fault.stage == "body":
            self.line()
            self.break_with(self.fault)
        body = self.body()
        if self.fault is None or self.fault.stage != "dot" or self.fault.kind == "drip" or self.fault.accepted:
            self.server.take(self.sender, self.recipient, body)
        elif self.fault.kind == "late":
            self.server.take_later(self.fault.seconds, self.sender, self.recipient, body)
        self.sender = self.recipient = ""
        self.answer("dot", "250 2.0.0 accepted")

    def on_rset(self, _: bytes) -> None:
        self.sender = self.recipient = ""
        self.say("250 2.0.0 ok")

    def on_noop(self, _: bytes) -> None:
        self.say("250 2.0.0 ok")

    def on_quit(self, _: bytes) -> None:
        self.say("221 2.0.0 bye")
        self.flush()
        raise _Gone

    # Answers ----------------------------------------------------------------------------------------------------------------------

    def answer(self, stage: str, usual: str) -> bool:
        """Say the usual thing, or what the fault wants; True when all is well."""
        fault = self.fault
        if fault is None or fault.stage != stage:
            self.say(usual)
            return True
        self.break_with(fault, usual)
        return False

    def break_with(self, fault: Fault, usual: str = "") -> None:
        self.server.count(fault)
        self.fault = None
        if fault.kind == "reply":
            self.say(fault.reply)
            if fault.reply.startswith("421"):
                self.flush()
                raise _Gone
            return
        self.flush()
        if fault.kind == "hang":
            self.server.wait_hanging(self.sock)
        elif fault.kind == "garble":
            self.sock.sendall(b"2+0 \xff\xfe accepted? perhaps\r\n")
            self.server.wait_hanging(self.sock)
        elif fault.kind == "drip":
            for byte in usual.encode() + b"\r\n":
                self.sock.sendall(bytes((byte,)))
                if self.server._stopped.wait(fault.seconds):
                    raise _Gone
            return
        raise _Gone

    def say(self, text: str) -> None:
        self.answers += text.encode() + b"\r\n"

    def flush(self) -> None:
        answers, self.answers = self.answers, b""
        if answers:
            self.sock.sendall(answers)

    # Reading ----------------------------------------------------------------------------------------------------------------------

    def line(self) -> bytes:
        while b"\n" not in self.unread:
            self.more()
        line, _, self.unread = self.unread.partition(b"\n")
        return line.rstrip(b"\r")

    def body(self) -> bytes:
        if self.unread.startswith(b".\r\n"):
            self.unread = self.unread[3:]
            return b""
        while (end := self.unread.find(b"\r\n.\r\n")) < 0:
            self.more()
        body, self.unread = self.unread[: end + 2], self.unread[end + 5 :]
        return (b"\r\n" + body).replace(b"\r\n..", b"\r\n.")[2:]

    def more(self) -> None:
        self.flush()
        got = self.sock.recv(65536)
        if not got:
            raise _Gone
        self.unread += got


def _address(line: bytes) -> str:
    return line.partition(b"<")[2].partition(b">")[0].decode("ascii", "replace")


def main() -> None:
    """Serve as a process: the first line printed is the port; ends when standard input closes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rate", type=float, default=0.0)
    given = parser.parse_args()
    with FaultySmtp(choose=by_seed(given.seed, given.rate), log=given.log, keep_bodies=False) as server:
        print(server.port, flush=True)
        sys.stdin.read()
        print(json.dumps(server.injected), flush=True)


if __name__ == "__main__":
    main()
