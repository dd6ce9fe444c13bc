"""What end-to-end tests may ask for."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import mkdtemp

import pytest

from conftest import DbUrls
from e2e.console import Console
from servers.mail_servers import MailServers


@pytest.fixture
def data_dir(run_folder: Path) -> Path:
    """A data folder of the test's own, that the embedded server's user can reach."""
    made = Path(mkdtemp(prefix="data-", dir=run_folder))
    made.chmod(0o711)
    return made / "data"


@pytest.fixture
def console_for(data_dir: Path, tmp_path: Path) -> Iterator[Callable[..., Console]]:
    """A command line that trusts some mail servers, with an embedded database unless one is given."""
    with ExitStack() as undo:

        def make(servers: MailServers | None = None, database: DbUrls | None = None) -> Console:
            console = Console(data_dir, tmp_path, servers, database.owner_url if database else "")
            undo.callback(console.close)
            return console

        yield make
