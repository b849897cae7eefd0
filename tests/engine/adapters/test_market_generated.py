"""The generated market: always the same, believable, and worth watching from the open on."""

from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pytest

from engine.adapters.daily_sources.recorded import RecordedDaily
from engine.adapters.generated_market import extend, generate
from engine.adapters.market_playback import PlayedData, recorded_market
from engine.clock import DrivenClock
from models.market import SECTORS, BarColumns
from tests.engine.adapters.market_by_hand import HOURS, market_of, played, session_of, view

SEED = 7
HALF_DAY = date(2026, 11, 27)
DAYS = [
    (7, date(2026, 11, 20)),
    (7, HALF_DAY),
    (1, date(2026, 3, 9)),
    (2, date(2025, 7, 3)),
    (3, date(2026, 1, 5)),
    (4, date(2025, 12, 24)),
    (5, date(2026, 6, 18)),
    (6, date(2026, 8, 14)),
    (42, date(2026, 10, 1)),
    (2026, date(2026, 11, 23)),
]
each_day = pytest.mark.parametrize(("seed", "day"), DAYS)


def same_bars(one: BarColumns, other: BarColumns) -> bool:
    names = ("start", "open", "high", "low", "close", "volume")
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in names)


# ---------------------------------------------------------------------------- a day worth playing
@each_day
def test_enough_names_pass_all_filters(seed: int, day: date) -> None:
    assert 12 <= played(seed, day).ranked <= 30


@each_day
def test_some_names_fail_each_filter(seed: int, day: date) -> None:
    assert min(played(seed, day).failed.values()) >= 2


@each_day
def test_some_ranked_names_are_dojis(seed: int, day: date) -> None:
    assert 1 <= played(seed, day).dojis <= 5


@each_day
def test_several_entries_trigger_in_the_first_hour(seed: int, day: date) -> None:
    assert sum(minute < 60 for minute in played(seed, day).triggered_at) >= 8


@each_day
def test_several_stops_are_hit(seed: int, day: date) -> None:
    assert played(seed, day).stopped >= 3


@each_day
def test_some_winners_run_to_the_close(seed: int, day: date) -> None:
    assert played(seed, day).alive >= 2


# ---------------------------------------------------------------------------- bars that add up
@each_day
def test_daily_bars_are_made_of_the_minute_bars(seed: int, day: date) -> None:
    market, session = market_of(seed, day), session_of(day)
    data, today = view(market, session), market.daily.columns(40, 41)
    for row, symbol in enumerate(today.symbols):
        bars = data.minute_bars(symbol, session)
        folded = (bars.open[0], bars.high.max(), bars.low.min(), bars.close[-1], bars.volume.sum())
        columns = (today.open, today.high, today.low, today.close, today.volume)
        assert folded == tuple(column[row, 0] for column in columns)


def test_daily_bars_before_a_split_are_made_of_the_minute_bars_too() -> None:
    market = market_of(*DAYS[0])
    split = market.splits[0]
    day = market.daily.upto(split.session, 1)
    bars = view(market, session_of(DAYS[0][1])).minute_bars(
        split.symbol, session_of(day.sessions[0])
    )
    row = day.symbols.index(split.symbol)
    assert (bars.close[-1], bars.volume.sum()) == (day.close[row, 0], day.volume[row, 0])


def test_prices_are_positive_whole_cents() -> None:
    bars = market_of(*DAYS[0]).minutes.values()
    assert all((b.low > 0).all() and not (b.low % 10_000).any() for b in bars)


def test_highs_and_lows_enclose_every_open_and_close() -> None:
    for bars in market_of(*DAYS[0]).minutes.values():
        assert (bars.high >= np.maximum(bars.open, bars.close)).all()
        assert (bars.low <= np.minimum(bars.open, bars.close)).all()


def test_many_minutes_go_beyond_their_open_and_close() -> None:
    bars = market_of(*DAYS[0]).minutes["BAVQZ"]
    beyond = (bars.high > np.maximum(bars.open, bars.close)) | (
        bars.low < np.minimum(bars.open, bars.close)
    )
    assert beyond.mean() > 0.5


def test_more_trades_at_the_open_and_the_close_than_at_noon() -> None:
    market, session = market_of(*DAYS[0]), session_of(DAYS[0][1])
    every = np.concatenate(
        [b.between(session.opens_at, session.closes_at).start for b in market.minutes.values()]
    )
    volume = np.concatenate(
        [b.between(session.opens_at, session.closes_at).volume for b in market.minutes.values()]
    )
    minute = (every - int(session.opens_at.timestamp())) // 60
    first, noon, last = (volume[(minute >= m) & (minute < m + 30)].sum() for m in (0, 180, 360))
    assert first > 2 * noon
    assert last > 1.3 * noon


def test_thin_names_have_minutes_without_trades() -> None:
    market, session = market_of(*DAYS[0]), session_of(DAYS[0][1])
    thin = market.daily.symbols[int(market.daily.volume.mean(axis=1).argmin())]
    assert len(view(market, session).minute_bars(thin, session)) < session.minutes


# ---------------------------------------------------------------------------- what happens in it
@each_day
def test_a_halted_name_does_not_trade_for_half_an_hour(seed: int, day: date) -> None:
    market = market_of(seed, day)
    halt = market.halts[-1]
    assert len(market.minutes[halt.symbol].between(halt.since, halt.until)) == 0
    assert halt.until - halt.since == timedelta(minutes=30)


def test_every_session_has_one_halt_while_it_is_open() -> None:
    market = market_of(*DAYS[0])
    sessions = [session_of(day) for day in market.daily.sessions]
    for session, halt in zip(sessions, market.halts, strict=True):
        assert session.scan_at < halt.since < halt.until < session.closes_at


def test_a_halt_is_shown_to_the_desk() -> None:
    market, session = market_of(*DAYS[0]), session_of(DAYS[0][1])
    halt = market.halts[-1]
    assert PlayedData(market, DrivenClock(halt.since), HOURS).halted(session) == {halt.symbol}


def test_a_split_breaks_the_scale_out_of_reach_of_the_rules() -> None:
    market = market_of(*DAYS[0])
    split = market.splits[0]
    place = market.daily.sessions.index(split.session)
    before, after = market.daily.close[
        market.daily.symbols.index(split.symbol), place - 1 : place + 1
    ]
    assert 8 < before / after < 12
    assert len(market.daily.sessions) - 1 - place >= 20


def test_a_half_day_ends_early() -> None:
    market, session = market_of(7, HALF_DAY), session_of(HALF_DAY)
    last = max(int(bars.start[-1]) for bars in market.minutes.values())
    assert last == int(session.closes_at.timestamp()) - 60


# ---------------------------------------------------------------------------- the same for all
def test_the_same_seed_makes_the_same_market() -> None:
    again = generate(SEED, session_of(DAYS[0][1]), HOURS)
    first = market_of(*DAYS[0])
    assert all(same_bars(again.minutes[symbol], first.minutes[symbol]) for symbol in again.minutes)


def test_another_seed_makes_another_market() -> None:
    other = market_of(8, DAYS[0][1])
    assert not np.array_equal(other.daily.close, market_of(*DAYS[0]).daily.close)


def test_the_next_session_has_all_that_was_played_as_its_history() -> None:
    market = market_of(*DAYS[0])
    longer = extend(market, SEED, HOURS)
    assert longer.daily.sessions == (*market.daily.sessions, date(2026, 11, 23))
    assert np.array_equal(longer.daily.close[:, :-1], market.daily.close)
    for symbol, bars in market.minutes.items():
        assert same_bars(longer.minutes[symbol].slice(0, len(bars)), bars)


def test_a_session_follows_from_the_closes_before_it() -> None:
    longer = extend(market_of(*DAYS[0]), SEED, HOURS)
    leap = longer.daily.open[:, -1] / longer.daily.close[:, -2]
    assert np.abs(np.log(leap)).max() < 0.15


def test_days_played_one_by_one_equal_days_made_at_once() -> None:
    first, last = session_of(date(2026, 11, 20)), session_of(date(2026, 11, 25))
    at_once, step = generate(SEED, first, HOURS, last), market_of(SEED, first.day)
    for _ in range(3):
        step = extend(step, SEED, HOURS)
    assert np.array_equal(at_once.daily.close, step.daily.close)
    assert all(same_bars(at_once.minutes[s], step.minutes[s]) for s in step.minutes)


def test_a_market_played_for_months_keeps_a_bounded_number_of_minute_bars_and_halts() -> None:
    first, last = session_of(date(2026, 1, 5)), session_of(date(2026, 4, 6))
    market = generate(SEED, first, HOURS, last)
    assert len(view(market, last).sessions) == len(market.halts) == 61
    assert len(market.daily.sessions) == 40 + len(HOURS.between(first.day, last.day))


def test_it_says_that_it_is_simulated() -> None:
    market = market_of(*DAYS[0])
    assert (market.feed, market.simulated) == ("simulated", True)


def test_invented_tickers_are_different_and_end_alike() -> None:
    symbols = market_of(*DAYS[0]).daily.symbols
    assert len(symbols) == 60
    assert all(one < other for one, other in pairwise(symbols))
    assert all(len(symbol) == 5 and symbol.endswith("QZ") for symbol in symbols)


def test_its_companies_have_invented_sectors_and_no_broker_lists_them() -> None:
    market, session = market_of(*DAYS[0]), session_of(DAYS[0][1])
    daily = RecordedDaily(view(market, session))
    sectors = daily.sectors()
    assert sectors.keys() == set(market.daily.symbols)
    assert set(sectors.values()) == set(SECTORS)
    assert list(daily.listings()) == []


def test_of_recorded_bars_nothing_more_is_known() -> None:
    market, session = market_of(*DAYS[0]), session_of(DAYS[0][1])
    recorded = recorded_market(market.minutes, market.daily)
    assert RecordedDaily(view(recorded, session)).sectors() == {}
