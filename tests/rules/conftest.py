"""A small Segue for the tables that need the real database."""

from collections.abc import Iterator

import pytest

from make import Small, make_small


@pytest.fixture
def small(db_urls) -> Iterator[Small]:
    made = make_small(db_urls.app_url)
    yield made
    made.close()
