"""What the machine can do at most, in the same run: the figures beside which ours are read."""

import os
import shutil
import subprocess
import time
from pathlib import Path

from bench.figures import Figure
from bench.ground import Served
from bench.mime import letter, per_cpu_second
from segue.domain.mime import serialize


def measure(server: Served, seconds: float, mails: int) -> list[Figure]:
    """Take each limit for about `seconds`; `mails` go from smtp-source to the sink where Postfix's programs are installed."""
    letters = [letter(number) for number in range(500)]
    figures = [
        Figure("fdatasync of 8 kB", fdatasyncs(server.folder, seconds), "/s", beside="the disk"),
        Figure("serialized messages", per_cpu_second(serialize, letters, seconds), "/CPU s", goal=">= 10000", beside="5 kB, personal"),
    ]
    program = shutil.which("smtp-source", path="/usr/sbin:/usr/bin:/usr/local/bin")
    if program:
        began = time.perf_counter()
        command = [program, "-d", "-s", "16", "-m", str(mails), "-l", "6000", f"127.0.0.1:{server.port}"]
        subprocess.run(command, check=True)
        figures.append(Figure(f"smtp-source to {server.sink}", mails / (time.perf_counter() - began), "emails/s", beside="the wire"))
    return figures


def fdatasyncs(folder: Path, seconds: float) -> float:
    """Return how many blocks a second the disk takes for sure, one after the other."""
    path, block, count = folder / "block", b"b" * 8192, 0
    with path.open("wb", buffering=0) as out:
        began = time.perf_counter()
        while (took := time.perf_counter() - began) < seconds:
            out.seek(count % 64 * len(block))
            out.write(block)
            os.fdatasync(out.fileno())
            count += 1
    path.unlink()
    return count / took
