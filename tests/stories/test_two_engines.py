"""Two engines on one database: only one trades, and a suspended one cannot go on when replaced."""

import pytest

from models.database import Database
from tests.builders import play
from tests.stories.books import Books, books_of
from tests.stories.killing import (
    FINISHED,
    MARKET,
    STOPPED_ITSELF,
    Succession,
    in_another_process,
    play_and_suspend,
)

# Before the first order, between an intent and its sending, with positions open, at the flatten.
MOMENTS = (40, 41, 61, 97)


@pytest.fixture(scope="module")
def undisturbed() -> Books:
    return books_of(play(MARKET).db)


@pytest.mark.parametrize("commits", MOMENTS)
def test_a_standby_takes_over_and_the_suspended_engine_writes_nothing(
    commits: int, sqlite_url: str, undisturbed: Books
) -> None:
    db = Database(sqlite_url)
    db.upgrade()
    ended = in_another_process(play_and_suspend, sqlite_url, commits)
    assert ended == Succession(
        beside_the_holder=STOPPED_ITSELF,
        after_the_holder=FINISHED,
        resumed_holder=STOPPED_ITSELF,
    )
    assert books_of(db) == undisturbed
    db.close()
