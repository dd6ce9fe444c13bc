"""G1 in small: real workers on a real PostgreSQL that syncs to disk, against a faulty server; killed, frozen, cut off, by seed."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from kills.mayhem import Plan
from kills.soak import Size, run_soak

_numbers = count(1)


@pytest.fixture
def folder(run_folder: Path) -> Iterator[Path]:
    """A folder on disk for one soak."""
    made = run_folder / f"kills-{next(_numbers)}"
    made.mkdir(mode=0o755)
    return made


@pytest.mark.kills
def test_500_kills_bring_no_mail_twice_lose_none_and_leave_none_behind(folder):
    report = run_soak(folder, Plan(seed=1, kills=500), Size())
    print(report)
    assert not report.verdict.wrong, report.verdict.wrong
