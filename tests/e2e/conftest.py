"""What end-to-end tests may ask for."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import mkdtemp

import pytest

from conftest import DbUrls
from e2e.console import Console
from segue.db.embedded import Embedded
from servers.fixtures import mail_servers
from servers.mail_servers import MailServers

__all__ = ["mail_servers"]


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

        def make(servers: MailServers | None = None, database_url: str = "") -> Console:
            console = Console(data_dir, tmp_path, servers, database_url)
            undo.callback(console.close)
            return console

        yield make


@pytest.fixture
def database_url(cluster: Embedded, db_urls: DbUrls) -> str:
    """A PostgreSQL of the operator's own, whose login may take on the application's role: `DATABASE_URL`."""
    return db_urls.owner_url.replace(cluster.owner_url.partition("@")[0], cluster.admin_url.partition("@")[0])
