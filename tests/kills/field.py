"""The field of a soak: what its processes must know to find each other, and how long things last in it."""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from segue.ports import Clock, FastClock, SystemClock

STEPS = ("a", "b", "c")
SPEED = 3600.0
"""An hour of the engine in a second: back-off after a 4xx takes half a second instead of half an hour."""
DELAY_S = 3600.0
"""In front of steps b and c, on the engine's clock."""


@dataclass(frozen=True, slots=True)
class Field:
    """One soak. Times are real seconds; `idle_s` is H7's time-out, `mutant` names an engine with one promise taken out."""

    app_url: str
    data_dir: str
    port: int
    log: str
    notes: str
    workspace_id: int
    origin: float
    fast: bool = True
    senders: int = 3
    lease_s: float = 1.5
    settle_s: float = 5.0
    deadline_s: float = 1.0
    slack_s: float = 0.5
    tend_every_s: float = 0.3
    mutant: str = ""

    def clock(self) -> Clock:
        """Return the clock that all processes of this soak share."""
        return FastClock(datetime(2027, 1, 11, 9, 0, tzinfo=UTC), SPEED, self.origin) if self.fast else SystemClock()

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self)))

    @classmethod
    def read(cls, path: Path) -> "Field":
        return cls(**json.loads(path.read_text()))
