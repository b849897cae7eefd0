"""Two engines on one database: only one trades, and a suspended one cannot go on when replaced."""

import pytest
from sqlalchemy import update

from engine.actions.closing import exit_at_market
from engine.errors import NotTheEngineError
from models.control import EngineLease
from models.database import Database
from models.vocabulary import ExitReason
from tests.builders import LONG, Playing, a_day, a_market, at, dollars, play, start
from tests.databases import with_schema
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
MOMENTS = (40, 41, 61, 81)


@pytest.fixture(scope="module")
def undisturbed() -> Books:
    return books_of(play(MARKET).db)


@pytest.mark.parametrize("commits", MOMENTS)
def test_a_standby_takes_over_and_the_suspended_engine_writes_nothing(
    commits: int, sqlite_url: str, undisturbed: Books
) -> None:
    db = with_schema(Database(sqlite_url))
    ended = in_another_process(play_and_suspend, sqlite_url, commits)
    assert ended == Succession(
        beside_the_holder=STOPPED_ITSELF,
        after_the_holder=FINISHED,
        resumed_holder=STOPPED_ITSELF,
    )
    assert books_of(db) == undisturbed
    db.close()


DAY = a_day("ABLE", ("09:40", 101), ("10:31", 102), ("15:55", 104))


@pytest.fixture
def two(sqlite_url: str) -> tuple[Playing, Playing]:
    """An engine that has traded until 10:30, and a standby that was started before the open."""
    engine = start(a_market(DAY), db=Database(sqlite_url))
    standby = start(a_market(DAY), db=Database(sqlite_url))
    return engine.until("10:30"), standby


def test_a_standby_knows_what_was_traded_while_it_stood_by(two: tuple[Playing, Playing]) -> None:
    engine, standby = two
    engine.desk.lease.release()
    standby.clock.advance_to(at("10:30"))
    standby.to_the_end()
    assert standby.trade("ABLE").pnl == LONG * dollars(3)
    assert standby.metrics().reconciled
    assert standby.order_names() == {"ABLE-entry-1", "ABLE-stop-1", "ABLE-exit-1"}


def test_who_was_replaced_cannot_intend_an_order(two: tuple[Playing, Playing]) -> None:
    engine, standby = two
    expire_lease(engine)
    assert standby.desk.lease.acquire()
    with pytest.raises(NotTheEngineError, match="another engine took over"):
        exit_at_market(engine.desk, engine.trade("ABLE"), LONG, ExitReason.MANUAL)
    assert "ABLE-exit-1" not in engine.order_names()


def test_who_was_replaced_cannot_write_the_exchanges_books(two: tuple[Playing, Playing]) -> None:
    engine, standby = two
    expire_lease(engine)
    standby.clock.advance_to(at("10:30"))
    standby.to_the_end()
    with pytest.raises(NotTheEngineError, match="another engine"):
        engine.exchange.play(at("16:00"))
    assert len(engine.executions) == 2


def expire_lease(playing: Playing) -> None:
    with playing.db.write() as tx:
        tx.execute(update(EngineLease).values(expires_at=at("00:00")))
