"""A local SMTP sink in a process of its own: takes everything, keeps nothing.

Postfix's smtp-sink where it is installed, else a small one in Python.
"""

import contextlib
import multiprocessing
import os
import selectors
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator


def free_port() -> int:
    """Return a free loopback port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def smtp_sink() -> Iterator[tuple[int, str]]:
    """Run a sink; yields its port and its name."""
    port = free_port()
    program = shutil.which("smtp-sink", path="/usr/sbin:/usr/bin:/usr/local/bin")
    if program:
        process = subprocess.Popen([program, *(["-u", "nobody"] if os.geteuid() == 0 else []), f"127.0.0.1:{port}", "1024"])
        end, wait = process.terminate, process.wait
    else:
        child = multiprocessing.get_context("spawn").Process(target=serve, args=(port,), daemon=True)
        child.start()
        end, wait = child.terminate, child.join
    try:
        _wait(port)
        yield port, "smtp-sink" if program else "python sink"
    finally:
        end()
        wait()


def _wait(port: int) -> None:
    ends = time.monotonic() + 10
    while time.monotonic() < ends:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.02)
    raise TimeoutError("the sink did not start")


def serve(port: int) -> None:
    """Answer SMTP on all connections with one selector loop."""
    listener = socket.create_server(("127.0.0.1", port), backlog=1024)
    listener.setblocking(False)
    chooser = selectors.DefaultSelector()
    chooser.register(listener, selectors.EVENT_READ)
    pending: dict[socket.socket, tuple[bytes, bool]] = {}
    while True:
        for key, _ in chooser.select():
            if key.fileobj is listener:
                sock, _ = listener.accept()
                sock.sendall(b"220 sink\r\n")
                pending[sock] = (b"", False)
                chooser.register(sock, selectors.EVENT_READ)
                continue
            sock = key.fileobj
            assert isinstance(sock, socket.socket)
            data = sock.recv(65536)
            if not data:
                chooser.unregister(sock)
                sock.close()
                del pending[sock]
                continue
            held, in_data = pending[sock]
            pending[sock] = _answer(sock, held + data, in_data=in_data)


def _answer(sock: socket.socket, held: bytes, *, in_data: bool) -> tuple[bytes, bool]:
    while True:
        if in_data:
            body, dot, rest = held.partition(b"\r\n.\r\n")
            if not dot:
                return body[-4:], True
            sock.sendall(b"250 2.0.0 Ok\r\n")
            held, in_data = rest, False
            continue
        line, end, rest = held.partition(b"\r\n")
        if not end:
            return held, False
        held = rest
        verb = line[:4].upper()
        if verb == b"DATA":
            sock.sendall(b"354 go\r\n")
            in_data = True
        elif verb == b"EHLO":
            sock.sendall(b"250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n")
        else:
            sock.sendall(b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")
