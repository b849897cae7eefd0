"""A played market shows the past of the desk's clock and nothing else."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from statistics import mean

import numpy as np
import polars as pl
import pytest

from engine.adapters.market_files import read_daily_bars, read_minute_bars
from engine.adapters.market_playback import Halt, Market, PlayedData, recorded_market
from engine.clock import DrivenClock
from engine.desk import MarketData
from engine.market_hours import MarketHours, Session
from models.broker import Mark
from models.market import Bar, BarColumns, DailyColumns, bar_columns

HOURS = MarketHours()
THURSDAY = date(2026, 11, 19)
FRIDAY = date(2026, 11, 20)
MICROS = 1_000_000


def session_of(day: date) -> Session:
    session = HOURS.session_on(day)
    assert session is not None
    return session


def bar(session: Session, minute: int, price: int, volume: int = 100) -> Bar:
    """One bar `minute` minutes after the open, flat at a price but for a range of 1 each way."""
    return Bar(
        start=session.opens_at + timedelta(minutes=minute),
        open=Decimal(price),
        high=Decimal(price + 1),
        low=Decimal(price - 1),
        close=Decimal(price),
        volume=volume,
    )


def minutes(*bars: Bar) -> BarColumns:
    return bar_columns(bars)


def daily(closes: dict[str, list[int | None]], days: tuple[date, ...]) -> DailyColumns:
    price = np.array([[c or 0 for c in row] for row in closes.values()], dtype=np.int64) * MICROS
    present = np.array([[c is not None for c in row] for row in closes.values()])
    return DailyColumns(
        symbols=tuple(closes),
        sessions=days,
        open=price,
        high=price,
        low=price,
        close=price,
        volume=price // MICROS,
        present=present,
    )


def small_market() -> Market:
    """AAA trades on both days, also before the open; BBB on Friday, after the opening range."""
    thursday, friday = session_of(THURSDAY), session_of(FRIDAY)
    return recorded_market(
        {
            "AAA": minutes(
                *(bar(thursday, minute, 10, volume=20) for minute in (0, 4, 389, 390)),
                *(bar(friday, minute, 20 + minute) for minute in (-1, 0, 3, 4, 5, 389, 390)),
            ),
            "BBB": minutes(bar(friday, 7, 30)),
        },
        daily({"AAA": [9, 11, 21], "BBB": [29, None, 31]}, (date(2026, 11, 18), THURSDAY, FRIDAY)),
    )


def played(now: datetime, market: Market | None = None) -> PlayedData:
    return PlayedData(market or small_market(), DrivenClock(now), HOURS)


def minute_of(minute: int, second: int = 0) -> datetime:
    return session_of(FRIDAY).opens_at + timedelta(minutes=minute, seconds=second)


# ---------------------------------------------------------------------------- the past only
def test_a_daily_bar_is_known_once_its_session_has_closed() -> None:
    close = session_of(FRIDAY).closes_at
    before = played(close - timedelta(seconds=1)).daily_bars([THURSDAY, FRIDAY])
    after = played(close).daily_bars([THURSDAY, FRIDAY])
    assert (before.sessions, after.sessions) == ((THURSDAY,), (THURSDAY, FRIDAY))


def test_a_daily_bar_that_is_not_on_file_is_not_present() -> None:
    bars = played(minute_of(400)).daily_bars([date(2026, 11, 17), THURSDAY, FRIDAY])
    assert bars.present.tolist() == [[False, True, True], [False, False, True]]
    assert (bars.close // MICROS).tolist() == [[0, 11, 21], [0, 0, 31]]


def test_a_minute_bar_is_known_once_its_minute_is_over() -> None:
    friday = session_of(FRIDAY)
    assert len(played(minute_of(0, 59)).minute_bars("AAA", friday)) == 0
    assert len(played(minute_of(1)).minute_bars("AAA", friday)) == 1


def test_minute_bars_are_those_of_regular_hours() -> None:
    bars = played(minute_of(500)).minute_bars("AAA", session_of(FRIDAY))
    assert (bars.close // MICROS).tolist() == [20, 23, 24, 25, 409]


def test_an_unknown_symbol_has_no_minute_bars() -> None:
    assert len(played(minute_of(500)).minute_bars("ZZZ", session_of(FRIDAY))) == 0


# ---------------------------------------------------------------------------- opening ranges
def test_the_opening_range_is_the_first_five_minutes() -> None:
    opening = played(minute_of(5)).opening_range(session_of(FRIDAY))
    found = [opening.open, opening.high, opening.low, opening.close]
    assert [int(column[0]) // MICROS for column in found] == [20, 25, 19, 24]
    assert (int(opening.volume[0]), int(opening.bars[0])) == (300, 3)


def test_the_opening_range_holds_only_symbols_that_traded_in_it() -> None:
    assert played(minute_of(10)).opening_range(session_of(FRIDAY)).symbols == ("AAA",)


def test_the_opening_range_grows_with_the_clock() -> None:
    assert played(minute_of(4)).opening_range(session_of(FRIDAY)).bars.tolist() == [2]


def test_a_session_without_bars_has_no_opening_range() -> None:
    assert played(minute_of(10)).opening_range(session_of(date(2026, 11, 17))).symbols == ()


def test_opening_volumes_are_zero_where_a_symbol_had_no_bars() -> None:
    sessions = [session_of(THURSDAY), session_of(FRIDAY)]
    assert played(minute_of(5)).opening_volumes(sessions) == {"AAA": [40, 300], "BBB": [0, 0]}


def test_opening_volumes_are_left_out_when_a_session_is_not_on_file() -> None:
    sessions = [session_of(date(2026, 11, 18)), session_of(THURSDAY)]
    assert played(minute_of(5)).opening_volumes(sessions) == {}


def test_opening_volumes_of_a_range_that_is_not_over_are_left_out() -> None:
    assert played(minute_of(4)).opening_volumes([session_of(FRIDAY)]) == {}


# ---------------------------------------------------------------------------- last prices
def test_a_mark_is_the_close_of_the_last_finished_minute() -> None:
    marks = played(minute_of(5, 30)).marks(["AAA"])
    assert marks["AAA"] == Mark(symbol="AAA", price=Decimal(24), at=minute_of(5))


def test_a_mark_without_minute_bars_is_the_last_daily_close() -> None:
    closed = session_of(date(2026, 11, 18)).closes_at
    marks = played(minute_of(7, 59)).marks(["BBB"])
    assert marks["BBB"] == Mark(symbol="BBB", price=Decimal(29), at=closed)


def test_a_later_daily_close_is_a_better_mark_than_an_old_minute() -> None:
    closed = session_of(FRIDAY).closes_at
    assert played(closed).marks(["BBB"])["BBB"].at == closed


def test_what_never_traded_has_no_mark() -> None:
    assert played(minute_of(5)).marks(["ZZZ"]) == {}


# ---------------------------------------------------------------------------- the rest
def test_a_halt_begins_and_ends_with_its_minutes() -> None:
    halt = Halt(symbol="AAA", since=minute_of(10), until=minute_of(40))
    quiet = small_market()
    market = Market(
        feed="simulated",
        simulated=True,
        minutes=quiet.minutes,
        daily=quiet.daily,
        halts=[halt],
    )
    halted = [
        played(minute_of(*at), market).halted(session_of(FRIDAY))
        for at in ((9, 59), (10, 0), (39, 59), (40, 0))
    ]
    assert halted == [frozenset(), {"AAA"}, {"AAA"}, frozenset()]


def test_recorded_bars_say_so() -> None:
    assert played(minute_of(0)).feed == "recorded"


def test_it_is_market_data_for_the_desk() -> None:
    data: MarketData = played(minute_of(0))
    assert data.halted(session_of(FRIDAY)) == frozenset()


def test_the_sessions_with_minute_bars_are_known() -> None:
    assert [session.day for session in played(minute_of(0)).sessions] == [THURSDAY, FRIDAY]


def test_a_market_with_more_sessions_takes_over_in_place() -> None:
    whole = small_market()
    thursday_only = recorded_market({"AAA": whole.minutes["AAA"].slice(0, 4)}, whole.daily)
    data = played(minute_of(5), thursday_only)
    data.play(whole)
    assert data.opening_range(session_of(FRIDAY)).symbols == ("AAA",)


def test_a_market_without_bars_shows_nothing() -> None:
    data = played(minute_of(5), recorded_market({}, daily({}, ())))
    assert (data.sessions, data.marks(["AAA"])) == ([], {})


# ---------------------------------------------------------------------------- recorded days
@lru_cache
def recorded(folder: Path, dataset: str) -> Market:
    return recorded_market(
        read_minute_bars(folder / f"{dataset}_bars.parquet"),
        read_daily_bars(folder / f"{dataset}_daily.parquet"),
    )


@pytest.mark.parametrize("dataset", ["us2025q1_1min", "lean2013_1min"])
def test_opening_ranges_equal_the_reference(shared: Path, dataset: str) -> None:
    data = played(datetime(2026, 1, 1, tzinfo=UTC), recorded(shared / "market", dataset))
    expected = reference(shared, dataset, ["or_open", "or_high", "or_low", "or_close"])
    found: dict[tuple[date, str], tuple[float, ...]] = {}
    for day in {day for day, _ in expected}:
        opening = data.opening_range(session_of(day))
        prices = np.array([opening.open, opening.high, opening.low, opening.close]).T / MICROS
        for row, symbol in enumerate(opening.symbols):
            found[day, symbol] = (*prices[row].tolist(), int(opening.volume[row]))
    assert found == expected


@pytest.mark.parametrize(
    ("dataset", "sessions"),
    [("us2025q1_1min", 14), ("lean2013_1min", 5)],  # all that is on file before the only one
)
def test_mean_opening_volumes_equal_the_reference(
    shared: Path, dataset: str, sessions: int
) -> None:
    data = played(datetime(2026, 1, 1, tzinfo=UTC), recorded(shared / "market", dataset))
    expected = reference(shared, dataset, ["or_vol_mean14"])
    found: dict[tuple[date, str], float] = {}
    for day in {day for day, _ in expected}:
        volumes = data.opening_volumes(HOURS.previous_sessions(day, sessions))
        found |= {(day, symbol): round(mean(v), 6) for symbol, v in volumes.items()}
    assert found == {key: values[0] for key, values in expected.items()}


def test_six_recorded_sessions_are_no_history_of_fourteen(shared: Path) -> None:
    data = played(datetime(2026, 1, 1, tzinfo=UTC), recorded(shared / "market", "lean2013_1min"))
    assert data.opening_volumes(HOURS.previous_sessions(date(2013, 10, 11), 14)) == {}


def reference(
    shared: Path, dataset: str, columns: list[str]
) -> dict[tuple[date, str], tuple[float, ...]]:
    rows = pl.read_csv(
        shared / "market" / "reference_candidates.csv", try_parse_dates=True, infer_schema=True
    ).filter(pl.col("dataset") == dataset)
    table = rows.select("session", "symbol", *columns, "or_volume")
    return {(row[0], row[1]): tuple(row[2:]) for row in table.iter_rows()}
