"""Half days, holidays and clock changes: New York decides, whatever the date."""

from datetime import date

import pytest

from models.market_data import OpeningRange
from tests.builders import DAY, SymbolDay, a_day, a_market, at, play, start

HALF_DAY = date(2024, 11, 29)
THANKSGIVING = date(2024, 11, 28)
CLOCK_CHANGES = [
    *(date(2024, 3, 8), date(2024, 3, 11)),  # the Friday before spring forward, the Monday after
    *(date(2024, 11, 1), date(2024, 11, 4)),  # and of fall back
]


def a_breakout(on: date, *, leaves: str) -> SymbolDay:
    return a_day("ABLE", ("09:40", 101), (leaves, 104), on=on)


def test_a_half_day_is_flat_five_minutes_before_its_close() -> None:
    played = play(a_market(a_breakout(HALF_DAY, leaves="12:55")))
    assert played.trade("ABLE", HALF_DAY).closed_at == at("12:55", HALF_DAY)
    assert played.metrics(HALF_DAY).closed_at == at("13:00", HALF_DAY)


def test_a_half_day_gives_entries_no_time_after_five_to_one() -> None:
    late = a_day("ABLE", ("12:55", 101), ("15:00", 104), on=HALF_DAY)
    assert play(a_market(late)).trades == []


def test_bars_of_a_holiday_are_not_traded() -> None:
    market = a_market(a_breakout(DAY, leaves="15:55"), a_breakout(THANKSGIVING, leaves="15:55"))
    assert {trade.session for trade in play(market).trades} == {DAY}


@pytest.mark.parametrize("clock", ["09:35", "12:00", "15:55", "16:00"])
def test_a_holiday_is_quiet_whenever_the_jobs_look(clock: str) -> None:
    market = a_market(a_breakout(DAY, leaves="15:55"), a_breakout(THANKSGIVING, leaves="15:55"))
    played = play(market)
    orders = len(played.orders)
    played.clock.advance_to(at(clock, THANKSGIVING))
    played.live(clock, THANKSGIVING)
    assert len(played.orders) == orders
    assert {row.session for row in played.all(OpeningRange)} == {DAY}


@pytest.mark.parametrize("day", CLOCK_CHANGES, ids=str)
def test_the_scan_is_at_935_and_the_flatten_at_1555_of_new_york(day: date) -> None:
    played = play(a_market(a_breakout(day, leaves="15:55")))
    scanned = {row.scanned_at for row in played.all(OpeningRange)}
    assert scanned == {at("09:35", day)}
    assert played.trade("ABLE", day).closed_at == at("15:55", day)


def test_sessions_on_both_sides_of_a_clock_change_are_played_in_one_go() -> None:
    days = [date(2024, 11, 1), date(2024, 11, 4)]
    played = play(a_market(*(a_breakout(day, leaves="15:55") for day in days)))
    assert [trade.closed_at for trade in played.trades] == [at("15:55", day) for day in days]


def test_a_weekend_has_no_session() -> None:
    saturday = date(2024, 11, 23)
    playing = start(a_market(a_breakout(DAY, leaves="15:55"), a_breakout(saturday, leaves="15:55")))
    assert [session.day for session in playing.sessions] == [DAY]
