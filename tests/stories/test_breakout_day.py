"""An opening range is left and not seen again: one trade from its entry to the flatten."""

from dataclasses import replace

from models.money import ZERO
from models.vocabulary import ExitReason, OrderSide, OrderStatus, Side, SignalStatus, TradeStatus
from tests.builders import DAY, DOWN, LONG, SHORT, a_day, a_market, at, dollars, play

BREAKOUT = a_day("ABLE", ("09:40", 100.9, 101.5, 100.9, 101.4), ("15:55", 104))
GAP = a_day("ABLE", ("09:40", 101.55, 101.8, 101.5, 101.6), ("15:55", 104))
BREAKDOWN = a_day("ABLE", ("09:40", 99.1, 99.1, 98.9, 98.95), ("15:55", 96), opens=DOWN)


def test_it_enters_at_the_level_and_leaves_at_five_to_four() -> None:
    trade = play(a_market(BREAKOUT)).trade("ABLE")
    assert (trade.side, trade.quantity, trade.entry_price) == (Side.LONG, LONG, dollars(101))
    assert (trade.exit_price, trade.exit_reason) == (dollars(104), ExitReason.FLATTEN)
    assert (trade.opened_at, trade.closed_at) == (at("09:40"), at("15:55"))


def test_the_profit_is_right_to_the_cent_in_the_trade_the_day_and_the_account() -> None:
    played = play(a_market(BREAKOUT))
    assert played.trade("ABLE").pnl == dollars("2376.00")  # 792 x 3
    day = played.metrics()
    assert (day.pnl, day.residual, day.ending_equity) == (dollars(2376), ZERO, dollars(102_376))


def test_the_entry_carries_a_stop_a_tenth_of_the_atr_away() -> None:
    stop = play(a_market(BREAKOUT)).order("ABLE-stop-1")
    assert (stop.side, stop.quantity, stop.stop_price) == (OrderSide.SELL, LONG, dollars("100.80"))
    assert stop.status is OrderStatus.CANCELLED  # it had to let go of the shares at the flatten


def test_a_gap_over_the_level_fills_at_the_open_and_the_stop_is_measured_from_there() -> None:
    played = play(a_market(GAP))
    assert played.trade("ABLE").entry_price == dollars("101.55")
    assert played.trade("ABLE").stop_price == dollars("101.35")
    assert played.order("ABLE-stop-1").stop_price == dollars("101.35")


def test_a_short_sells_at_the_low_and_buys_back_lower() -> None:
    trade = play(a_market(BREAKDOWN)).trade("ABLE")
    assert (trade.side, trade.quantity, trade.entry_price) == (Side.SHORT, SHORT, dollars(99))
    assert (trade.stop_price, trade.exit_price) == (dollars("99.20"), dollars(96))
    assert trade.pnl == SHORT * 3


def test_the_signal_tells_what_became_of_it() -> None:
    signal = play(a_market(BREAKOUT)).signal("ABLE")
    assert (signal.status, signal.rank, signal.rvol) == (SignalStatus.FILLED, 1, 3.0)
    assert (signal.entry_level, signal.planned_stop) == (dollars(101), dollars("100.80"))


def test_the_day_ends_flat_and_reconciled() -> None:
    day = play(a_market(BREAKOUT)).metrics()
    assert (day.flat, day.reconciled, day.flat_at) == (True, True, at("15:56"))
    assert (day.trades, day.winners, day.signals, day.naked_seconds) == (1, 1, 1, 0)


def test_a_range_that_is_never_left_gives_no_trade() -> None:
    played = play(a_market(a_day("ABLE", ("10:00", 100.99), ("15:55", 99.01))))
    assert played.trades == []
    assert played.signal("ABLE").status is SignalStatus.CANCELLED


def test_a_range_that_is_left_only_after_entries_have_ended_gives_no_trade() -> None:
    played = play(a_market(a_day("ABLE", ("15:55", 105), ("15:58", 106))))
    assert played.trades == []


def test_a_stopped_trade_loses_what_was_put_at_risk() -> None:
    stopped = a_day("ABLE", ("09:40", 101), ("10:00", 101, 101, 100.7, 100.9))
    trade = play(a_market(stopped)).trade("ABLE")
    assert (trade.status, trade.exit_reason) == (TradeStatus.CLOSED, ExitReason.STOP)
    assert (trade.exit_price, trade.pnl) == (dollars("100.80"), dollars("-158.40"))


def test_every_fill_is_one_execution_of_the_exchange() -> None:
    played = play(a_market(BREAKOUT, replace(BREAKDOWN, symbol="BAKE")))
    assert {f.execution_id for f in played.fills} == {e.id for e in played.executions}
    assert len(played.fills) == 4
    assert played.order_names(DAY) == {
        *("ABLE-entry-1", "ABLE-stop-1", "ABLE-exit-1"),
        *("BAKE-entry-1", "BAKE-stop-1", "BAKE-exit-1"),
    }
