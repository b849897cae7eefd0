"""What tests of the engine may ask for."""

from collections.abc import Iterator

import pytest

from models.database import Database
from tests.databases import with_schema


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database of either kind with every table."""
    opened = with_schema(Database(database_url))
    yield opened
    opened.close()
