"""What the soaks start from."""

from itertools import count
from pathlib import Path

import pytest

_numbers = count(1)


@pytest.fixture
def folder(run_folder: Path) -> Path:
    """A folder on disk for one soak, that the server's user may pass through."""
    made = run_folder / f"kills-{next(_numbers)}"
    made.mkdir()
    made.chmod(0o755)
    return made
