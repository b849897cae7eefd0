"""The sync of daily bars: whole sessions, what was found in them, and where it goes on."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from engine.actions.permissions import SYSTEM
from engine.actions.trading_settings import change_settings
from engine.errors import SourceRefusedError, SourceUnavailableError
from engine.jobs.clean_up import clean_up
from engine.jobs.stored_bars import load_days
from engine.jobs.sync_bars import SETTLES, sync_bars
from engine.jobs.sync_listings import sync_listings
from models.journal import JournalRow
from models.market_data import (
    BENCHMARK,
    DailyBar,
    DataFinding,
    FetchProgress,
    OpeningVolume,
    SyncedSession,
    UniverseRow,
)
from models.trading import Trade
from models.vocabulary import SettingsKind, Side, TradeStatus
from tests.engine.adapters.data_server import Fault, bar
from tests.engine.jobs.desk_of_sources import Scene, session_of


def synced(live: Scene) -> dict[str, int]:
    with live.desk.db.read() as tx:
        found = tx.execute(select(SyncedSession.session, SyncedSession.symbols)).all()
    return {row.session.isoformat(): row.symbols for row in found}


def findings(live: Scene) -> set[tuple[str, str, str]]:
    with live.desk.db.read() as tx:
        found = tx.scalars(select(DataFinding).where(DataFinding.code != "missing_session"))
        return {(f.session.isoformat(), f.code, f.symbol) for f in found}


def keep(live: Scene, sessions: int) -> None:
    change_settings(
        live.desk, SYSTEM, SettingsKind.STRATEGY, {"sessions_kept": sessions}, "a smaller window"
    )


def test_every_finished_session_of_the_window_is_stored(live_on_both: Scene) -> None:
    live_on_both.history("AAPL", "BRK.B", sessions=30)
    assert sync_bars(live_on_both.desk) == "60 daily bars of 30 sessions"
    with live_on_both.desk.db.read() as tx:
        last = load_days(tx, [live_on_both.before(1)[0].day]).popitem()[1]
    assert (last.symbols, last.close.tolist()) == (("AAPL", "BRK.B"), [10_000_000, 10_000_000])


def test_a_second_sync_asks_for_nothing(live: Scene) -> None:
    live.history("AAPL", sessions=30)
    sync_bars(live.desk)
    live.server.asked.clear()
    assert (sync_bars(live.desk), live.server.asked) == (None, [])


def test_the_sessions_that_todays_numbers_need_come_first(live: Scene) -> None:
    sync_bars(live.desk)
    days = [asked.path.rsplit("/", 1)[1] for asked in live.server.asked]
    assert days[:15] == [session.day.isoformat() for session in live.before(15)]
    assert len(days) == 30


def test_a_killed_sync_goes_on_where_it_stopped(live_on_both: Scene) -> None:
    live = live_on_both
    live.history("AAPL", sessions=15)
    third = live.before(15)[2].day.isoformat()
    live.server.faults.extend([Fault(status=500, where=third)] * 2)
    with pytest.raises(SourceUnavailableError):
        sync_bars(live.desk)
    assert len(synced(live)) == 2
    live.server.asked.clear()
    sync_bars(live.desk)
    assert live.server.asked[0].path.endswith(third)
    assert len(synced(live)) == 30


def test_a_session_that_fails_is_a_finding_until_it_is_there(live: Scene) -> None:
    live.history("AAPL", sessions=15)
    first = live.before(15)[0].day.isoformat()
    live.server.faults.extend([Fault(status=500, where=first)] * 2)
    with pytest.raises(SourceUnavailableError):
        sync_bars(live.desk)
    assert findings(live) == {(first, "fetch_failed", "")}
    sync_bars(live.desk)
    assert (first, "fetch_failed", "") not in findings(live)


def test_a_refused_session_does_not_keep_the_others_out(live: Scene) -> None:
    live.history("AAPL", sessions=30)
    oldest = live.before(30)[0].day.isoformat()
    live.server.faults.append(Fault(status=403, where="grouped"))
    assert sync_bars(live.desk) == "29 daily bars of 29 sessions, 1 refused by massive"
    assert oldest in synced(live)


def test_a_wrong_key_ends_the_sync_at_once(live: Scene) -> None:
    live.server.faults.append(Fault(status=401))
    with pytest.raises(SourceRefusedError):
        sync_bars(live.desk)
    assert len(live.server.asked) == 1


def test_corrections_of_the_last_sessions_are_taken_after_the_next_close(live: Scene) -> None:
    live.history("AAPL", sessions=30)
    sync_bars(live.desk)
    yesterday = live.before(1)[0].day
    live.server.days[yesterday] = [bar("AAPL", 10.5)]
    live.server.days[live.today.day] = [bar("AAPL", 10.6)]
    live.go_to(live.today.closes_at + SETTLES)
    assert sync_bars(live.desk) == "3 daily bars of 3 sessions"
    assert (yesterday.isoformat(), "corrected", "AAPL") in findings(live)
    with live.desk.db.read() as tx:
        assert load_days(tx, [yesterday])[yesterday].close.tolist() == [10_500_000]


def test_an_empty_session_is_asked_for_again_after_an_hour(live: Scene) -> None:
    live.history("AAPL", sessions=30)
    yesterday = live.before(1)[0].day
    bars = live.server.days.pop(yesterday)
    sync_bars(live.desk)
    live.server.days[yesterday] = bars
    assert sync_bars(live.desk) is None
    live.go_to(live.clock.now() + timedelta(hours=1))
    assert sync_bars(live.desk) == "1 daily bars of 1 sessions"
    assert synced(live)[yesterday.isoformat()] == 1


def test_odd_bars_become_findings_and_one_line_of_the_journal(live: Scene) -> None:
    live.history("AAPL", "MSFT", sessions=30)
    yesterday = live.before(1)[0].day
    live.server.days[yesterday] = [bar("AAPL", 25), bar("MSFT", v=0), bar("BAD", h=1.0)]
    sync_bars(live.desk)
    day = yesterday.isoformat()
    seen = {found for found in findings(live) if found[0] == day}
    assert seen == {(day, "jump", "AAPL"), (day, "zero_volume", "MSFT"), (day, "impossible", "BAD")}
    with live.desk.db.read() as tx:
        scope = JournalRow.scope == f"session:{yesterday}"
        (fact,) = tx.scalars(select(JournalRow).where(scope, JournalRow.kind == "data"))
    assert fact.body["counts"] == {"impossible": 1, "zero_volume": 1, "jump": 1}


def test_a_known_split_is_no_jump_and_told_as_what_it_is(live: Scene) -> None:
    live.history("NVDA", sessions=29)
    yesterday = live.before(1)[0].day
    live.server.days[live.before(30)[0].day] = [bar("NVDA")]
    live.server.days[yesterday] = [bar("NVDA", 1.1, l=1.0, volume=20_000_000)]
    split = {"ticker": "NVDA", "execution_date": f"{yesterday}", "split_from": 1, "split_to": 10}
    live.server.splits = [split]
    sync_listings(live.desk)
    sync_bars(live.desk)
    told = {found for found in findings(live) if found[1] in {"jump", "volume", "split"}}
    assert told == {(yesterday.isoformat(), "split", "NVDA")}


def test_a_bar_repeated_to_the_last_share_is_a_finding(live: Scene) -> None:
    live.history("AAPL", sessions=2)
    sync_bars(live.desk)
    assert findings(live) == {(f"{live.before(1)[0].day}", "repeated", "AAPL")}


def test_symbols_that_came_and_went_are_findings(live: Scene) -> None:
    live.history("AAPL", "GONE", sessions=15)
    yesterday = live.before(1)[0].day
    live.server.days[yesterday] = [bar("AAPL", 11), bar("FRESH")]
    sync_bars(live.desk)
    day = yesterday.isoformat()
    assert {(day, "gone", "GONE"), (day, "new", "FRESH")} <= findings(live)


def test_progress_can_be_read_by_pages(live: Scene) -> None:
    live.history("AAPL", sessions=30)
    sync_bars(live.desk)
    with live.desk.db.read() as tx:
        progress = tx.get(FetchProgress, "sync_bars")
    assert progress is not None
    assert (progress.done, progress.total, progress.rows, progress.finished) == (30, 30, 30, True)
    assert progress.seconds_left == 0


def test_what_is_too_old_goes_session_by_session_and_lets_others_write_between(
    live_on_both: Scene,
) -> None:
    live_on_both.history("AAPL", sessions=30)
    sync_bars(live_on_both.desk)
    keep(live_on_both, 27)
    left: list[int] = []
    live_on_both.desk.db.when_written(lambda: left.append(bars_stored(live_on_both)))
    clean_up(live_on_both.desk)
    assert sorted(set(left), reverse=True) == [30, 29, 28, 27]


def bars_stored(live: Scene) -> int:
    with live.desk.db.read() as tx:
        return tx.scalar(select(func.count()).select_from(DailyBar)) or 0


def test_the_window_is_a_setting(live: Scene) -> None:
    live.history("AAPL", sessions=30)
    sync_bars(live.desk)
    keep(live, 20)
    assert clean_up(live.desk) == f"10 daily bars from before {live.before(20)[0].day} removed"
    with live.desk.db.read() as tx:
        assert tx.scalar(select(func.count()).select_from(DailyBar)) == 20


def test_what_a_trade_was_made_of_outlives_the_window(live_on_both: Scene) -> None:
    live_on_both.history("AAPL", "MSFT", sessions=45)
    keep(live_on_both, 45)
    sync_bars(live_on_both.desk)
    days = [session.day for session in live_on_both.before(45)]
    traded = days[20]
    with live_on_both.desk.db.write() as tx:
        tx.add(trade_of("AAPL", traded))
        tx.add_all(numbers(symbol, traded) for symbol in ("AAPL", "MSFT"))
        tx.add_all(opening("AAPL", day) for day in (days[4], days[5], traded))
    keep(live_on_both, 20)
    assert clean_up(live_on_both.desk) == f"34 daily bars from before {days[25]} removed"
    with live_on_both.desk.db.read() as tx:
        old = select(DailyBar.symbol, DailyBar.session).where(DailyBar.session < days[25])
        assert set(map(tuple, tx.execute(old))) == {("AAPL", day) for day in days[5:21]}
        assert set(tx.scalars(select(UniverseRow.symbol))) == {"AAPL"}
        assert set(tx.scalars(select(OpeningVolume.session))) == {days[5], days[20]}
        assert tx.scalar(select(func.min(SyncedSession.session))) == days[25]
    assert clean_up(live_on_both.desk) is None


def trade_of(symbol: str, session: date) -> Trade:
    at = session_of(session).opens_at
    return Trade(
        account="simulated",
        session=session,
        symbol=symbol,
        side=Side.LONG,
        status=TradeStatus.CLOSED,
        quantity=1,
        open_quantity=0,
        entry_price=Decimal(10),
        pnl=Decimal(0),
        opened_at=at,
        closed_at=at,
    )


def numbers(symbol: str, session: date) -> UniverseRow:
    return UniverseRow(session=session, symbol=symbol, failed=[], source="massive")


def opening(symbol: str, session: date) -> OpeningVolume:
    return OpeningVolume(session=session, feed="iex", symbol=symbol, volume=1)


def test_the_benchmarks_bars_stay_for_good(live: Scene) -> None:
    """Results of any age are compared with them."""
    for symbol in ("AAPL", BENCHMARK):
        live.history(symbol, sessions=30)
    sync_bars(live.desk)
    keep(live, 20)
    assert clean_up(live.desk) == f"10 daily bars from before {live.before(20)[0].day} removed"
    with live.desk.db.read() as tx:
        kept = select(DailyBar.symbol, func.count()).group_by(DailyBar.symbol)
        assert dict(tx.execute(kept).all()) == {"AAPL": 20, BENCHMARK: 30}
