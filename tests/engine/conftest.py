"""What tests of the engine may ask for."""

from collections.abc import Iterator

import pytest

from models.database import Database
from models.tables import Table


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database of either kind with every table."""
    opened = Database(database_url)
    Table.metadata.create_all(opened.engine)
    yield opened
    opened.close()
