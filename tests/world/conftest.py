"""A world needs a database of its own, and a test may run many worlds."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from os import getpid

import psycopg
import pytest

from segue.db.embedded import Embedded

TEMPLATE = "segue_template"
_numbers = count(1)


@dataclass(frozen=True)
class Urls:
    """A migrated, empty database: as its owner and as the application's role."""

    owner_url: str
    app_url: str


@pytest.fixture
def fresh_database(cluster: Embedded) -> Callable[[], Iterator[Urls]]:
    """Return a context manager that makes a database and drops it afterwards."""

    @contextmanager
    def make() -> Iterator[Urls]:
        name = f"world_{getpid()}_{next(_numbers)}"
        with psycopg.connect(cluster.admin_url, autocommit=True) as admin:
            admin.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} OWNER segue_owner STRATEGY file_copy")
            try:
                yield Urls(*(url.replace("@/segue?", f"@/{name}?") for url in (cluster.owner_url, cluster.app_url)))
            finally:
                admin.execute(f"DROP DATABASE {name} WITH (FORCE)")

    return make
