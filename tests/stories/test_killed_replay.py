"""A replay that is killed at any moment goes on, and comes to the very same books."""

from collections.abc import Iterator

import pytest

from models.database import Database
from tests.builders import play
from tests.stories.books import Books, books_of
from tests.stories.killing import DAYS, MARKET, in_another_process, play_and_kill

SQLITE_KILLS, POSTGRES_KILLS = 60, 12


@pytest.fixture(scope="module")
def undisturbed() -> Books:
    return books_of(play(MARKET).db)


@pytest.fixture
def killed(database_url: str) -> Iterator[Database]:
    """The books of a replay that was killed many times and got to its end."""
    db = Database(database_url)
    db.upgrade()
    kills = SQLITE_KILLS if db.is_sqlite else POSTGRES_KILLS
    assert in_another_process(play_and_kill, database_url, kills, seed=1) == kills
    yield db
    db.close()


def test_nothing_is_doubled_and_nothing_is_lost(killed: Database, undisturbed: Books) -> None:
    found = books_of(killed)
    assert {name: len(rows) for name, rows in found.items()} == {
        name: len(rows) for name, rows in undisturbed.items()
    }
    assert found == undisturbed


def test_the_story_has_trades_of_every_kind(undisturbed: Books) -> None:
    assert len(undisturbed["trades"]) == 3 * len(DAYS)
    assert {trade["exit_reason"] for trade in undisturbed["trades"]} == {"stop", "flatten"}
    assert all(day["flat"] and day["reconciled"] for day in undisturbed["daily_metrics"])
