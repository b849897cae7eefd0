"""Whatever a source does wrong, the sync ends in complete data or in a gap with a name."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from engine.adapters.alpaca_bars import alpaca_client, alpaca_pace
from engine.adapters.daily_sources.alpaca import AlpacaAssets, AlpacaDaily
from engine.desk import Desk
from engine.errors import SourceUnavailableError
from engine.jobs.build_universe import build_universe
from engine.jobs.fill_opening_history import fill_opening_history
from engine.jobs.sync_bars import sync_bars
from engine.jobs.sync_listings import sync_listings
from models.market_data import DailyBar, DataFinding, SyncedSession, UniverseRow
from tests.engine.adapters.data_server import Fault, bar
from tests.engine.jobs.desk_of_sources import HURRIED, TODAY, Scene

SYMBOLS = ("AAPL", "BRK.B", "MSFT")
SESSIONS = 15
FAULTS = {
    "too many requests": Fault(status=429, headers={"Retry-After": "0"}),
    "an error of the server": Fault(status=500),
    "a server that is down": Fault(status=503),
    "no answer": Fault(silent=True),
    "half an answer": Fault(breaks_off=True),
}
Source = Callable[[Scene], Desk]


def massive(live: Scene) -> Desk:
    return live.desk


def alpaca(live: Scene) -> Desk:
    live.server.assets = [
        {"symbol": s, "exchange": "NYSE", "status": "active", "tradable": True} for s in SYMBOLS
    ]
    hurried = replace(HURRIED, silence=0.5)
    client = alpaca_client("key", "secret", alpaca_pace(10_000), patience=hurried)
    assets = AlpacaAssets(client, live.server.url)
    return replace(live.desk, daily=AlpacaDaily(client, assets, live.server.url))


def bars_of(live: Scene) -> dict[str, int]:
    """Count the stored bars of each session that the desk takes for complete."""
    with live.desk.db.read() as tx:
        synced = tx.scalars(select(SyncedSession.session).where(SyncedSession.symbols > 0)).all()
        counted = select(DailyBar.session, func.count()).group_by(DailyBar.session)
        counts = {row[0]: row[1] for row in tx.execute(counted)}
    assert counts.keys() == set(synced)
    return {session.isoformat(): counts[session] for session in synced}


def gaps(live: Scene) -> set[tuple[str, str]]:
    codes = ("fetch_failed", "missing_session")
    with live.desk.db.read() as tx:
        found = tx.scalars(select(DataFinding).where(DataFinding.code.in_(codes)))
        return {(f.session.isoformat(), f.code) for f in found}


@pytest.mark.parametrize("source", [massive, alpaca])
@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_that_passes_leaves_no_trace(live: Scene, source: Source, fault: Fault) -> None:
    live.history(*SYMBOLS, sessions=SESSIONS)
    desk = source(live)
    live.server.faults.append(replace(fault, where=_third(live)))
    sync_bars(desk)
    assert set(bars_of(live).values()) == {len(SYMBOLS)}
    assert len(bars_of(live)) == SESSIONS
    assert "fetch_failed" not in {code for _, code in gaps(live)}


@pytest.mark.parametrize("source", [massive, alpaca])
@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_that_lasts_is_a_gap_with_a_name(live: Scene, source: Source, fault: Fault) -> None:
    live.history(*SYMBOLS, sessions=SESSIONS)
    third = live.before(SESSIONS)[2].day.isoformat()
    desk = source(live)
    live.server.faults.extend([replace(fault, where=_third(live))] * HURRIED.attempts)
    with suppress(SourceUnavailableError):
        sync_bars(desk)
    assert third not in bars_of(live)
    assert (third, "fetch_failed") in gaps(live)
    sync_bars(desk)
    assert bars_of(live)[third] == len(SYMBOLS)
    assert (third, "fetch_failed") not in gaps(live)


@pytest.mark.parametrize("source", [massive, alpaca])
def test_an_empty_day_is_a_gap_with_a_name(live: Scene, source: Source) -> None:
    live.history(*SYMBOLS, sessions=30)
    empty = live.before(3)[0].day
    del live.server.days[empty]
    sync_bars(source(live))
    assert gaps(live) == {(empty.isoformat(), "missing_session")}
    assert empty.isoformat() not in bars_of(live)


@pytest.mark.parametrize("ticker", ["BRK.B", "aapl", "BACpB", "BF/A"])
def test_every_way_of_writing_a_symbol_gets_numbers(live: Scene, ticker: str) -> None:
    live.history(ticker)
    for job in (sync_bars, sync_listings, fill_opening_history, build_universe):
        job(live.desk)
    symbol = "AAPL" if ticker == "aapl" else ticker
    with live.desk.db.read() as tx:
        row = tx.get_one(UniverseRow, (TODAY, symbol))
    assert row.atr14 == Decimal(2)
    assert row.failed == []


def test_a_symbol_that_came_twice_and_differently_has_no_numbers(live: Scene) -> None:
    live.history("AAPL", "MSFT")
    last = live.before(1)[0].day
    live.server.days[last].append(bar("AAPL", 99))
    for job in (sync_bars, sync_listings, fill_opening_history, build_universe):
        job(live.desk)
    with live.desk.db.read() as tx:
        doubtful, sure = (tx.get_one(UniverseRow, (TODAY, s)) for s in ("AAPL", "MSFT"))
    assert doubtful.atr14 is None
    assert ("history" in doubtful.failed, sure.failed) == (True, [])


def _third(live: Scene) -> str:
    """Return what stands in every request for the third session, whoever is asked."""
    return live.before(SESSIONS)[2].day.isoformat()
