"""What tests of the simulated exchange may ask for."""

from collections.abc import Iterator

import pytest

from models.database import Database
from models.tables import Table


@pytest.fixture
def db() -> Iterator[Database]:
    """An empty database in memory, with every table."""
    database = Database("sqlite://")
    Table.metadata.create_all(database.engine)
    yield database
    database.close()
