"""Trouble asked for: part fills, rejections, delays; and what the desk makes of them."""

import pytest

from models.vocabulary import ExitReason, OrderStatus, SignalStatus, TradeStatus
from tests.builders import DOJI, LONG, Playing, a_day, a_market, at, dollars, play, start

HALF = LONG // 2
ABLE = a_day("ABLE", ("09:40", 101), ("11:00", 102), ("15:55", 104))
BAKE = a_day("BAKE", ("09:40", 101), ("11:00", 102), ("15:55", 103))


@pytest.fixture(scope="module")
def partial() -> Playing:
    return play(a_market(ABLE, BAKE), faults=[("ABLE", "partial", 0.5)])


@pytest.fixture(scope="module")
def rejected() -> Playing:
    return play(a_market(ABLE, BAKE), faults=[("ABLE", "reject", 0)])


def test_the_rest_of_a_part_filled_entry_is_cancelled(partial: Playing) -> None:
    entry = partial.order("ABLE-entry-1")
    assert (entry.status, entry.filled_quantity) == (OrderStatus.CANCELLED, HALF)
    assert partial.signal("ABLE").status is SignalStatus.FILLED


def test_the_filled_part_gets_a_stop_of_its_own(partial: Playing) -> None:
    assert partial.order("ABLE-stop-1").filled_quantity == 0
    stop = partial.order("ABLE-stop-2")
    assert (stop.quantity, stop.stop_price) == (HALF, dollars("100.80"))


def test_the_filled_part_is_without_a_stop_for_a_poll_and_no_longer(partial: Playing) -> None:
    naked = partial.trade("ABLE").naked_seconds
    assert 0 < naked <= 5
    assert partial.metrics().naked_seconds == naked
    assert len(partial.alerts("naked")) == 1


def test_the_filled_part_is_closed_with_the_others(partial: Playing) -> None:
    trade = partial.trade("ABLE")
    assert (trade.quantity, trade.pnl) == (HALF, HALF * dollars(3))
    assert trade.exit_reason is ExitReason.FLATTEN
    assert partial.metrics().reconciled


def test_the_stop_of_a_filled_part_works() -> None:
    falling = a_day("ABLE", ("09:40", 101), ("10:00", 100), ("15:55", 104))
    trade = play(a_market(falling), faults=[("ABLE", "partial", 0.5)]).trade("ABLE")
    assert (trade.exit_reason, trade.exit_price) == (ExitReason.STOP, dollars(100))
    assert trade.closed_at == at("10:00")


def test_a_part_that_is_below_its_stop_already_is_sold_at_market() -> None:
    falling = a_day("ABLE", ("09:40", 101, 101, 100, 100), ("09:42", 99), ("15:55", 104))
    trade = play(a_market(falling), faults=[("ABLE", "partial", 0.5)]).trade("ABLE")
    assert (trade.exit_reason, trade.exit_price) == (ExitReason.STOP, dollars(99))


def test_a_rejected_entry_says_why(rejected: Playing) -> None:
    signal = rejected.signal("ABLE")
    assert (signal.status, signal.code) == (SignalStatus.REJECTED, "simulated")
    assert signal.sentence == "The simulated broker was asked to reject this."
    assert rejected.order("ABLE-stop-1").status is OrderStatus.CANCELLED


def test_the_others_trade_when_one_is_rejected(rejected: Playing) -> None:
    assert [trade.symbol for trade in rejected.trades] == ["BAKE"]
    assert rejected.metrics().reconciled


def test_a_delayed_entry_trades_once_it_is_live() -> None:
    early = a_day("ABLE", ("09:36", 101.2), ("09:45", 101.5), ("15:55", 104))
    played = play(a_market(early), faults=[("ABLE", "delay", 300)])
    assert played.trade("ABLE").opened_at == at("09:45")
    assert played.trade("ABLE").entry_price == dollars("101.50")


def test_a_doji_is_ranked_and_gives_no_order() -> None:
    played = play(a_market(a_day("ABLE", ("09:40", 101.5), opens=DOJI), BAKE))
    assert played.opening_range("ABLE").rank == 1
    assert played.opening_range("ABLE").failed == ["doji"]
    assert {order.symbol for order in played.orders} == {"BAKE"}


def test_a_flatten_that_is_rejected_is_sent_again() -> None:
    steady = a_day("ABLE", ("09:40", 101), *[(f"15:{minute}", 103) for minute in range(55, 60)])
    playing = start(a_market(steady)).until("15:30")
    playing.ask_for("ABLE", "reject")
    trade = playing.to_the_end().trade("ABLE")
    assert (trade.status, trade.exit_reason) == (TradeStatus.CLOSED, ExitReason.FLATTEN)
    assert playing.order("ABLE-exit-1").status is OrderStatus.REJECTED
    assert playing.metrics().flat


def test_no_stop_comes_between_a_flatten_and_the_shares_it_sells() -> None:
    """A stop would hold the shares: the next closing order would be rejected for its sake."""
    steady = a_day("ABLE", ("09:40", 101), ("15:56", 103), ("15:57", 103))
    playing = start(a_market(steady)).until("15:54")
    playing.ask_for("ABLE", "reject")
    playing.ask_for("ABLE", "reject")
    playing.live("15:58")
    exits = {"ABLE-exit-1", "ABLE-exit-2", "ABLE-exit-3"}
    assert playing.order_names() == {"ABLE-entry-1", "ABLE-stop-1"} | exits
