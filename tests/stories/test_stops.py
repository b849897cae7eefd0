"""Stops: touched, gapped through, on the bar of the entry, and a minute before the flatten."""

import pytest

from models.vocabulary import ExitReason, Intrabar, OrderStatus
from tests.builders import DOWN, LONG, Playing, a_day, a_market, at, dollars, play

# Enters at 101.00 with the stop at 100.80, and its bar goes down to 100.70.
WIDE_BAR = a_day("ABLE", ("09:40", 100.9, 101.5, 100.7, 101.4), ("15:55", 103))
CRASH = a_day("ABLE", ("09:40", 101), ("15:54", 101, 101, 90, 91), ("15:55", 88), ("15:56", 85))


def test_a_bar_that_opens_beyond_the_stop_fills_at_its_open() -> None:
    day = a_day("ABLE", ("09:40", 101), ("10:00", 99.5, 99.7, 99.2, 99.4), ("15:55", 104))
    trade = play(a_market(day)).trade("ABLE")
    assert (trade.exit_price, trade.exit_reason) == (dollars("99.50"), ExitReason.STOP)
    assert trade.pnl == LONG * dollars("-1.50")


def test_a_short_that_gaps_up_is_bought_back_at_the_open() -> None:
    day = a_day("ABLE", ("09:40", 99), ("10:00", 100, 100.2, 99.8, 100), opens=DOWN)
    trade = play(a_market(day)).trade("ABLE")
    assert (trade.exit_price, trade.exit_reason) == (dollars(100), ExitReason.STOP)


def test_a_touch_is_enough() -> None:
    day = a_day("ABLE", ("09:40", 101), ("10:00", 101, 101, 100.8, 101), ("15:55", 104))
    assert play(a_market(day)).trade("ABLE").exit_price == dollars("100.80")


def test_a_price_a_cent_above_the_stop_leaves_it_alone() -> None:
    day = a_day("ABLE", ("09:40", 101), ("10:00", 101, 101, 100.81, 101), ("15:55", 104))
    assert play(a_market(day)).trade("ABLE").exit_price == dollars(104)


@pytest.mark.parametrize(
    ("intrabar", "exit_price", "closed_at"),
    [(Intrabar.CONSERVATIVE, "100.80", "09:40"), (Intrabar.OPTIMISTIC, "103", "15:55")],
)
def test_the_bar_of_the_entry_touches_its_stop_only_in_the_conservative_reading(
    intrabar: Intrabar, exit_price: str, closed_at: str
) -> None:
    trade = play(a_market(WIDE_BAR), intrabar=intrabar).trade("ABLE")
    assert (trade.exit_price, trade.closed_at) == (dollars(exit_price), at(closed_at))


@pytest.fixture(scope="module")
def crash() -> Playing:
    """The symbol falls through its stop in the last minute before the flatten."""
    return play(a_market(CRASH))


def test_in_a_crash_a_minute_before_the_flatten_the_stop_is_the_exit(crash: Playing) -> None:
    trade = crash.trade("ABLE")
    assert (trade.exit_reason, trade.exit_price) == (ExitReason.STOP, dollars("100.80"))
    assert trade.closed_at == at("15:54")


def test_in_such_a_crash_nothing_is_sold_twice(crash: Playing) -> None:
    assert crash.order_names() == {"ABLE-entry-1", "ABLE-stop-1"}
    assert crash.order("ABLE-stop-1").status is OrderStatus.FILLED
    assert [fill.quantity for fill in crash.fills] == [LONG, LONG]


def test_such_a_crash_ends_flat(crash: Playing) -> None:
    day = crash.metrics()
    assert (day.flat, day.reconciled, day.pnl) == (True, True, LONG * dollars("-0.20"))


def test_a_stop_that_is_gapped_on_the_very_bar_of_the_flatten_is_sold_once() -> None:
    day = a_day("ABLE", ("09:40", 101), ("15:55", 95, 95, 94, 94), ("15:56", 93))
    played = play(a_market(day))
    assert played.trade("ABLE").exit_price == dollars(95)
    assert sum(fill.side.sign * fill.quantity for fill in played.fills) == 0
