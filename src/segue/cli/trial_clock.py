"""One clock for all commands while a trial runs: `segue worker --clock-speed` shares its clock with those that are started beside it.

A task completed or a contact enrolled on the wall's clock would lie in a fast worker's past: its delay would already be over.
"""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from segue.ports import Clock, FastClock

FILE = "trial_clock.json"


@contextmanager
def sharing(clock: Clock | None, data_dir: Path) -> Iterator[None]:
    """Let other commands of this data folder live on `clock` while the block runs; does nothing without a clock of its own.

    The file counts only while it is locked, so the one that stays behind does no harm.
    """
    if not isinstance(clock, FastClock):
        yield
        return
    data_dir.mkdir(parents=True, exist_ok=True)
    path, making = data_dir / FILE, data_dir / f"{FILE}.making"
    with making.open("w", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        json.dump({"start": clock.start.isoformat(), "speed": clock.speed, "origin": clock.origin}, file)
        file.flush()
        making.rename(path)
        yield


def find_running(data_dir: Path) -> FastClock | None:
    """Return the clock of a trial that runs on this data folder now."""
    try:
        with (data_dir / FILE).open(encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                told = json.load(file)
                return FastClock(datetime.fromisoformat(told["start"]), told["speed"], told["origin"])
    except OSError:  # no trial, or a folder that the commands cannot read anyway: they say so themselves
        return None
    return None
