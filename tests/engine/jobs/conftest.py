"""Desks whose data comes over HTTP."""

from collections.abc import Iterator

import pytest

from tests.engine.adapters.data_server import data_server
from tests.engine.jobs.desk_of_sources import FinalDaily, Scene, scene


@pytest.fixture
def live(sqlite_url: str) -> Iterator[Scene]:
    """A desk on SQLite whose daily bars come from Massive and opening ranges from Alpaca."""
    with data_server() as server, scene(sqlite_url, server) as made:
        yield made


@pytest.fixture
def final(sqlite_url: str) -> Iterator[Scene]:
    """The same with daily bars that are final as soon as they come."""
    with data_server() as server, scene(sqlite_url, server, FinalDaily) as made:
        yield made


@pytest.fixture
def live_on_both(database_url: str) -> Iterator[Scene]:
    """The same on SQLite and on PostgreSQL."""
    with data_server() as server, scene(database_url, server) as made:
        yield made
