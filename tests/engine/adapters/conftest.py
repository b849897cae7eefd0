"""What tests of the simulated exchange may ask for."""

from collections.abc import Iterator

import pytest

from models.database import Database
from tests.databases import with_schema


@pytest.fixture
def db() -> Iterator[Database]:
    """An empty database in memory, with every table."""
    database = with_schema(Database("sqlite://"))
    yield database
    database.close()
