"""The server's side of the damage: the faulty SMTP server as a process of its own, which also writes down when each DATA began and what it refused.

    python -m kills.server LOG SEED RATE LATENCY LATE

Prints its port. `calm` on its input ends the faults, the end of its input ends the server; then it prints what it has injected. A silent client is hung
up on after `SILENCE_S`: real servers do so after five minutes (RFC 5321 §4.5.3.2), which is why T_settle is ten. Nothing is accepted later than that,
but by the fault `late`.
"""

import contextlib
import json
import os
import random
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from servers.faulty_smtp import _ID, _KEY, FaultySmtp, _address, _Dialogue, _Gone
from servers.smtp_faults import Chooser, Fault

SILENCE_S = 1.2

CATALOGUE: tuple[Fault, ...] = (
    *(Fault("drop", stage) for stage in ("mail", "rcpt", "data", "body", "dot")),
    *(Fault("hang", stage) for stage in ("data", "dot")),
    Fault("drop", "dot", accepted=True),
    Fault("drop", "dot", accepted=True),
    Fault("hang", "dot", accepted=True),
    Fault("garble", "dot", accepted=True),
    Fault("drip", "dot", accepted=True, seconds=0.01),
    *(Fault("late", "dot"),) * 3,
    Fault("reply", "mail", "421 4.3.2 closing"),
    Fault("reply", "rcpt", "450 4.2.0 greylisted"),
    Fault("reply", "rcpt", "550 5.1.1 no such user"),
    Fault("reply", "dot", "451 4.7.1 later"),
)
"""What the soak meets: refuse, drop before and after accepting, stall, accept and lose the answer, accept late."""


def rarest_first(seed: int, rate: float, late_s: float, shown: Mapping[str, int]) -> Chooser:
    """Return a chooser that lets `rate` of the messages fail, each by the fault that was shown least for its share of the catalogue.

    A fault drawn by chance alone may, on a slow machine, hardly ever be met: its client is killed before it comes to that stage.
    """
    shares = Counter(replace(fault, seconds=late_s) if fault.kind == "late" else fault for fault in CATALOGUE)

    def choose(what: str, number: int) -> Fault | None:
        dice = random.Random(f"{seed}/{what}/{number}")
        if what != "message" or dice.random() >= rate:
            return None
        return min(shares, key=lambda fault: (shown.get(fault.name, 0) / shares[fault], dice.random()))

    return choose


class Witness(FaultySmtp):
    """Writes rows {"data"|"taken"|"fault": …, "at": seconds, "to": address}; `taken` has key, Message-ID and the instant its DATA began."""

    def __init__(self, *, log: Path, choose: Chooser, latency: float = 0.0, silence_s: float = SILENCE_S) -> None:
        super().__init__(choose=choose, keep_bodies=False)
        self.latency = latency
        self.silence_s = silence_s
        self.gate = threading.Event()
        """Cleared by a test that wants DATA answered later; `dot_gate` is the same for the dot, when the message is taken already."""
        self.gate.set()
        self.dot_gate = threading.Event()
        self.dot_gate.set()
        self.here = threading.local()
        self._rows = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def write(self, **row: object) -> None:
        os.write(self._rows, json.dumps({"at": time.time(), **row}).encode() + b"\n")

    def pause(self) -> None:
        if self.latency:
            self._stopped.wait(random.uniform(0.0, self.latency / 2))

    def take(self, sender: str, recipient: str, body: bytes) -> None:
        head = body.partition(b"\r\n\r\n")[0]
        key, message_id = _KEY.search(head), _ID.search(head)
        assert key, "a message without the mark of MAIL-6"
        assert message_id
        self.write(taken=key[1].decode(), to=recipient, id=message_id[1].decode(), begun=self.here.begun)

    def take_later(self, seconds: float, *message: object) -> None:
        begun = self.here.begun

        def later() -> None:
            self._stopped.wait(seconds)
            self.here.begun = begun
            self.take(*message)  # type: ignore[arg-type]

        threading.Thread(target=later, daemon=True).start()

    def _serve(self, sock: socket.socket, twin: socket.socket, number: int) -> None:
        sock.settimeout(self.silence_s)
        dialogue = Dialogue(self, sock, self.choose("connection", number))
        with contextlib.suppress(_Gone, OSError, ValueError):
            dialogue.run()
        with self._lock:
            self._open.discard(twin)
        dialogue.sock.close()
        sock.close()
        twin.close()


class Dialogue(_Dialogue):
    """One connection of a `Witness`."""

    server: Witness
    named = ""

    def on_rcpt(self, line: bytes) -> None:
        self.named = _address(line)
        super().on_rcpt(line)

    def on_data(self, line: bytes) -> None:
        self.server.here.begun = time.time()
        self.server.write(data=self.sender, to=self.recipient)
        self.server.pause()
        self.server.gate.wait()
        super().on_data(line)

    def body(self) -> bytes:
        body = super().body()
        self.server.pause()
        return body

    def answer(self, stage: str, usual: str) -> bool:
        if stage == "dot":
            self.server.dot_gate.wait()
        return super().answer(stage, usual)

    def break_with(self, fault: Fault, usual: str = "") -> None:
        self.server.write(fault=fault.name, to=self.named)
        super().break_with(fault, usual)


def main(log: str, seed: str, rate: str, latency: str, late: str) -> None:
    """Serve as a process."""
    calm = threading.Event()
    with Witness(log=Path(log), choose=lambda *_: None, latency=float(latency)) as server:
        faults = rarest_first(int(seed), float(rate), float(late), server.injected)
        server.choose = lambda *what: None if calm.is_set() else faults(*what)
        print(server.port, flush=True)
        for line in sys.stdin:
            if line.strip() == "calm":
                calm.set()
        print(json.dumps(server.injected), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
