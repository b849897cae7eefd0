"""The desk that is put together for Alpaca gets its bars, its lists and its scan from a broker."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from engine.alpaca_account import alpaca_desk
from engine.clock import DrivenClock
from engine.desk import Desk
from engine.jobs.build_universe import build_universe
from engine.jobs.fill_opening_history import fill_opening_history
from engine.jobs.scan_opening_range import scan_opening_range
from engine.jobs.sync_bars import sync_bars
from engine.jobs.sync_listings import sync_listings
from engine.settings import load_settings
from models.database import Database
from models.market_data import OpeningRange
from models.vocabulary import RvolBasis
from tests.databases import with_schema
from tests.engine.adapters.market_by_hand import market_of, played, session_of
from tests.engine.jobs.desk_of_sources import TODAY
from tests.local_alpaca import LocalAlpaca, PlayedMarket

SEED = 7


@pytest.fixture
def broker() -> Iterator[LocalAlpaca]:
    market = market_of(SEED, TODAY)
    clock = DrivenClock(session_of(TODAY).opens_at - timedelta(minutes=5))
    with LocalAlpaca(PlayedMarket(bars=market.minutes, daily=market.daily), clock) as running:
        yield running


@pytest.fixture
def desk(broker: LocalAlpaca, sqlite_url: str) -> Iterator[Desk]:
    settings = load_settings(
        {},
        broker="alpaca",
        alpaca_api_key=broker.key,
        alpaca_secret_key=broker.secret,
        alpaca_trading_url=broker.url,
        alpaca_data_url=broker.url,
        alpaca_feed="sip",
    )
    db = with_schema(Database(sqlite_url))
    yield alpaca_desk(db, settings, broker.clock)
    db.close()


def test_a_morning_with_alpaca_ends_in_the_ranks_worked_out_by_hand(
    broker: LocalAlpaca, desk: Desk
) -> None:
    sync_bars(desk)
    sync_listings(desk)
    fill_opening_history(desk)
    build_universe(desk)
    broker.advance_to(session_of(TODAY).scan_at)
    scan_opening_range(desk)
    with desk.db.read() as tx:
        ranked = tx.scalars(select(OpeningRange).where(OpeningRange.rank.is_not(None))).all()
    assert len(ranked) == played(SEED, TODAY).ranked
    assert {row.rvol_basis for row in ranked} == {RvolBasis.OPENING_RANGE}
