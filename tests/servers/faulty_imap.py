"""A small IMAP server that fails on demand: one user, one INBOX, no TLS. For what a healthy Dovecot never shows.

`faults` holds names that are shown while they are in it:
  greeting_garbage · greeting_bye · login_unavailable · login_bye · bye_mid_fetch (closes inside the second literal of a FETCH) · huge_literal ·
  poison (closes whenever `poison_uid`'s body is asked for) · no_search · silent_idle (takes IDLE, never answers DONE) · silent_examine ·
  idle_burst (announces new mail in the same packet as the go-ahead) · idle_never · preauth · search_returns_last
"""

import contextlib
import re
import socket
import threading
from typing import Self


class _Gone(Exception):
    pass


class FaultyImap:
    """Serves `messages` (UID → raw) on a free loopback port."""

    def __init__(self, *faults: str, messages: dict[int, bytes] | None = None) -> None:
        self.faults = set(faults)
        self.messages = dict(messages or {})
        self.uid_validity = 77
        self.poison_uid = 0
        self.uid_next = 0
        """UIDNEXT to tell; 0: one above the highest."""
        self.commands: list[str] = []
        self.capabilities = "IMAP4rev1 IDLE AUTH=PLAIN SPECIAL-USE"
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._stopped = threading.Event()
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        self._start(self._listen)
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.hang_up()
        for thread in self._threads:
            thread.join(5)

    def hang_up(self) -> None:
        """Close all connections, as a server does with clients that rest too long."""
        for sock in list(self._open):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def _start(self, target: object, *arguments: object) -> None:
        self._threads.append(threading.Thread(target=target, args=arguments, daemon=True))  # type: ignore[arg-type]
        self._threads[-1].start()

    def _listen(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self._open.add(sock)
            self._start(self._serve, sock)

    def _serve(self, sock: socket.socket) -> None:
        with contextlib.suppress(_Gone, OSError), sock.makefile("rb") as lines:
            self._greet(sock)
            for line in lines:
                tag, _, rest = line.decode("ascii", "replace").strip().partition(" ")
                self.commands.append(rest)
                self._answer(sock, lines, tag, rest)
        self._open.discard(sock)
        sock.close()

    def _greet(self, sock: socket.socket) -> None:
        if "greeting_garbage" in self.faults:
            sock.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            raise _Gone
        if "greeting_bye" in self.faults:
            sock.sendall(b"* BYE overloaded\r\n")
            raise _Gone
        sock.sendall(b"* PREAUTH hello\r\n" if "preauth" in self.faults else b"* OK ready\r\n")

    def _answer(self, sock: socket.socket, lines: object, tag: str, command: str) -> None:
        verb = command.upper().removeprefix("UID ").split(" ")[0]
        ok = f"{tag} OK done\r\n".encode()
        if verb == "CAPABILITY":
            sock.sendall(f"* CAPABILITY {self.capabilities}\r\n".encode() + ok)
        elif verb == "AUTHENTICATE":
            sock.sendall(b"+ \r\n")
            next(lines, None)  # type: ignore[call-overload]
            self._sign_in(sock, tag)
        elif verb == "LIST":
            sock.sendall(b'* LIST (\\HasNoChildren) "/" INBOX\r\n' + ok)
        elif verb == "EXAMINE":
            self._examine(sock, tag, command)
        elif verb == "SEARCH":
            self._search(sock, tag, command)
        elif verb == "FETCH":
            self._fetch(sock, tag, command)
        elif verb == "IDLE":
            self._idle(sock, lines, tag)
        else:
            sock.sendall(ok)

    def _sign_in(self, sock: socket.socket, tag: str) -> None:
        if "login_unavailable" in self.faults:
            sock.sendall(f"{tag} NO [UNAVAILABLE] temporary authentication failure\r\n".encode())
        elif "login_bye" in self.faults:
            raise _Gone
        else:
            sock.sendall(f"{tag} OK welcome\r\n".encode())

    def _examine(self, sock: socket.socket, tag: str, command: str) -> None:
        if "silent_examine" in self.faults:
            self._stopped.wait(30)
            raise _Gone
        if "INBOX" not in command:
            sock.sendall(f"{tag} NO [NONEXISTENT] no such folder\r\n".encode())
            return
        uid_next = self.uid_next or max(self.messages, default=0) + 1
        told = f"* {len(self.messages)} EXISTS\r\n* OK [UIDVALIDITY {self.uid_validity}] x\r\n* OK [UIDNEXT {uid_next}] x\r\n"
        sock.sendall(f"* FLAGS ()\r\n{told}{tag} OK [READ-ONLY] done\r\n".encode())

    def _search(self, sock: socket.socket, tag: str, command: str) -> None:
        if "no_search" in self.faults:
            sock.sendall(f"{tag} NO server bug\r\n".encode())
            return
        first = re.search(r"UID (\d+):\*", command)
        lowest = int(first[1]) if first else 0
        found = [uid for uid in sorted(self.messages) if uid >= lowest] or sorted(self.messages)[-1:]
        sock.sendall(f"* SEARCH {' '.join(map(str, found))}\r\n{tag} OK done\r\n".encode())

    def _fetch(self, sock: socket.socket, tag: str, command: str) -> None:
        wanted = [int(n) for n in command.split(" ")[2].split(",")]
        bodies = "BODY" in command
        if bodies and self.poison_uid in wanted and "poison" in self.faults and "HEADER" not in command:
            raise _Gone
        for position, uid in enumerate(uid for uid in wanted if uid in self.messages):
            raw = self.messages[uid]
            number = sorted(self.messages).index(uid) + 1
            if not bodies:
                date = '"02-Mar-2026 09:00:00 +0100"'
                sock.sendall(f"* {number} FETCH (UID {uid} RFC822.SIZE {len(raw)} INTERNALDATE {date})\r\n".encode())
                continue
            if "HEADER" in command:
                head = raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
                sock.sendall(b"* %d FETCH (UID %d BODY[HEADER] {%d}\r\n%s)\r\n" % (number, uid, len(head), head))
                continue
            size = 10**12 if "huge_literal" in self.faults else len(raw)
            if "bye_mid_fetch" in self.faults and position == 1:
                sock.sendall(b"* %d FETCH (UID %d BODY[]<0> {%d}\r\n%s" % (number, uid, size, raw[: len(raw) // 2]))
                raise _Gone
            sock.sendall(b"* %d FETCH (UID %d BODY[]<0> {%d}\r\n%s)\r\n" % (number, uid, size, raw))
        sock.sendall(f"{tag} OK done\r\n".encode())

    def _idle(self, sock: socket.socket, lines: object, tag: str) -> None:
        sock.sendall(b"+ idling\r\n* 9 EXISTS\r\n" if "idle_burst" in self.faults else b"+ idling\r\n")
        if "silent_idle" in self.faults:
            self._stopped.wait(30)
            raise _Gone
        next(lines)  # type: ignore[call-overload]
        sock.sendall(f"{tag} OK idle over\r\n".encode())
