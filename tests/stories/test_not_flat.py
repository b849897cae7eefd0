"""A symbol that stops trading before the flatten: the desk says so until it is sold."""

from datetime import date

import pytest

from engine.jobs.flatten_positions import flatten_positions
from models.vocabulary import ExitReason, OrderStatus, Severity, TradeStatus
from tests.builders import DAY, LONG, Playing, a_day, a_market, at, dollars, play, start

TOMORROW = date(2024, 11, 21)
HALTED = a_day("ABLE", ("09:40", 101), ("14:00", 103))
ORDINARY = a_day("BAKE", ("09:40", 101), ("15:55", 104))
GAPS_DOWN = a_day("ABLE", opens=(99, 100, 98, 99), on=TOMORROW)
TRADES_ON = a_day("BAKE", ("09:40", 101), ("15:55", 102), on=TOMORROW)


@pytest.fixture(scope="module")
def evening() -> Playing:
    """The first session alone."""
    return play(a_market(HALTED, ORDINARY))


@pytest.fixture(scope="module")
def next_day() -> Playing:
    return play(a_market(HALTED, ORDINARY, GAPS_DOWN, TRADES_ON))


def test_it_is_still_held_and_the_day_says_so(evening: Playing) -> None:
    assert evening.trade("ABLE").status is TradeStatus.OPEN
    day = evening.metrics()
    assert (day.flat, day.flat_at) == (False, None)
    (told,) = evening.journal("day")
    assert told.severity is Severity.CRITICAL
    assert told.body["text"].endswith("STILL HELD: ABLE")


def test_it_is_a_critical_alert_before_the_close(evening: Playing) -> None:
    alerts = evening.alerts("not_flat")
    assert {alert.severity for alert in alerts} == {Severity.CRITICAL}
    assert alerts[0].at == at("15:59")


def test_the_alert_is_not_a_flood() -> None:
    playing = start(a_market(HALTED)).until("15:58").live("16:00:30")
    assert len(playing.alerts("not_flat")) == 1


def test_the_others_are_closed_as_ever(evening: Playing) -> None:
    assert evening.trade("BAKE").exit_reason is ExitReason.FLATTEN


def test_no_stop_is_placed_for_the_night(evening: Playing) -> None:
    assert evening.order_names() >= {"ABLE-exit-1", "ABLE-exit-2"}
    assert evening.order("ABLE-exit-1").status is OrderStatus.EXPIRED
    assert "ABLE-stop-2" not in evening.order_names()


def test_it_is_sold_at_the_next_open(next_day: Playing) -> None:
    trade = next_day.trade("ABLE")
    assert (trade.exit_reason, trade.exit_price) == (ExitReason.FLATTEN, dollars(99))
    assert (trade.closed_at, trade.pnl) == (at("09:30", TOMORROW), LONG * dollars(-2))


def test_the_next_session_trades_and_ends_flat(next_day: Playing) -> None:
    day = next_day.metrics(TOMORROW)
    assert next_day.trade("BAKE", TOMORROW).exit_price == dollars(102)
    assert (day.flat, day.flat_at) == (True, at("15:56", TOMORROW))


def test_no_profit_or_loss_is_lost_between_the_days(next_day: Playing) -> None:
    trades = sum(trade.pnl for trade in next_day.trades)
    assert sum(next_day.metrics(on).pnl for on in (DAY, TOMORROW)) == trades
    assert next_day.metrics(TOMORROW).ending_equity == 100_000 + trades


def test_what_was_carried_over_is_no_difference_of_the_books(next_day: Playing) -> None:
    assert next_day.metrics(TOMORROW).reconciled


def test_a_sale_at_the_open_does_not_count_as_the_proof_of_that_evening() -> None:
    """Else the flatten of that day would believe itself done before it began."""
    waiting = a_day("BAKE", ("15:57", 101), on=TOMORROW)
    playing = start(a_market(HALTED, GAPS_DOWN, waiting)).until("09:30", TOMORROW)
    playing.clock.advance_to(at("09:31", TOMORROW))
    flatten_positions(playing.desk)  # sees the fill before anybody else does
    playing.to_the_end()
    assert playing.metrics(TOMORROW).flat_at == at("15:55", TOMORROW)
    assert playing.order("BAKE-entry-1", TOMORROW).status is OrderStatus.CANCELLED
