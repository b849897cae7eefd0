"""Each kind of order against bars written by hand (contracts, Simulated broker)."""

import pytest

from models.database import Database
from models.vocabulary import OrderSide, OrderStatus, OrderType
from tests.engine.adapters.exchange_by_hand import (
    BUY,
    LIMIT,
    MARKET,
    SELL,
    STOP,
    STOP_LIMIT,
    Floor,
    Prices,
    bars_of,
    minute,
)

Asked = tuple[OrderType, float | None, float | None]  # type, stop, limit
# The whole market of a test: bars by minute after the open. Orders are sent at minute 5.
FLAT: Prices = (10, 10.2, 9.8, 10.1)


def floor(db: Database, *after: Prices, at: float = 5) -> Floor:
    """A market with a flat bar at minute 4 and the given bars from minute 5 on."""
    bars = {4: FLAT} | {5 + number: bar for number, bar in enumerate(after)}
    return Floor(db, {"AAA": bars_of(bars)}, minute(at))


@pytest.mark.parametrize(
    ("side", "order", "price"),
    [
        # a market order gets the open of the next bar
        (BUY, (MARKET, None, None), 10),
        (SELL, (MARKET, None, None), 10),
        # a stop gets its price when a bar touches it, to the last millionth
        (BUY, (STOP, 10.2, None), 10.2),
        (SELL, (STOP, 9.8, None), 9.8),
        (BUY, (STOP, 10.200001, None), None),
        (SELL, (STOP, 9.799999, None), None),
        # and the open when the bar gaps through it
        (BUY, (STOP, 9.9, None), 10),
        (SELL, (STOP, 10.1, None), 10),
        # a limit gets its price, or better at the open, never worse
        (BUY, (LIMIT, None, 9.9), 9.9),
        (SELL, (LIMIT, None, 10.15), 10.15),
        (BUY, (LIMIT, None, 10.1), 10),
        (SELL, (LIMIT, None, 9.9), 10),
        (BUY, (LIMIT, None, 9.799999), None),
        (SELL, (LIMIT, None, 10.200001), None),
        # a stop-limit gets its stop's price if that is within the limit
        (BUY, (STOP_LIMIT, 10.1, 10.15), 10.1),
        (SELL, (STOP_LIMIT, 9.9, 9.85), 9.9),
        (BUY, (STOP_LIMIT, 10.3, 10.4), None),
        # gapped through the stop, still within the limit: the open
        (BUY, (STOP_LIMIT, 9.9, 10.05), 10),
        (SELL, (STOP_LIMIT, 10.1, 9.95), 10),
    ],
)
def test_a_bar_fills_an_order_at_the_price_that_it_could_have_got(
    db: Database, side: OrderSide, order: Asked, price: float | None
) -> None:
    type_, stop, limit = order
    market = floor(db, (10, 10.2, 9.8, 10.1))
    market.send(side, type_, stop=stop, limit=limit)
    expected = [] if price is None else [(side, 100, price, minute(5))]
    assert market.at(6).deals == expected


# ---------------------------------------------------------------------------- stop-limits
def test_a_stop_limit_triggered_beyond_its_limit_waits_as_a_limit(db: Database) -> None:
    market = floor(db, (10.5, 10.6, 10.4, 10.5), (10.5, 10.6, 10.3, 10.4), (10.2, 10.3, 9.9, 10))
    market.send(BUY, STOP_LIMIT, stop=10.1, limit=10.2)
    assert market.at(7).deals == []
    assert market.at(8).deals == [("buy", 100, 10.2, minute(7))]


def test_a_triggered_stop_limit_does_not_need_its_stop_again(db: Database) -> None:
    market = floor(db, (10.5, 10.6, 10.4, 10.5), (10, 10.05, 9.9, 10))
    market.send(BUY, STOP_LIMIT, stop=10.1, limit=10.2)
    assert market.at(7).deals == [("buy", 100, 10, minute(6))]


# ---------------------------------------------------------------------------- no look ahead
def test_an_order_does_not_trade_in_a_bar_that_began_before_it(db: Database) -> None:
    market = floor(db, (10, 11, 10, 10), (10, 10.5, 10, 10), at=5.01)
    market.send(BUY, STOP, stop=10.9)
    assert market.at(10).deals == []


def test_nor_when_it_was_placed_a_part_of_a_second_later(db: Database) -> None:
    market = floor(db, (10, 11, 10, 10), at=5 + 0.4 / 60)
    market.send(BUY, STOP, stop=10.9)
    assert market.at(10).deals == []


def test_an_order_trades_in_the_bar_that_begins_with_it(db: Database) -> None:
    market = floor(db, (10, 11, 10, 10), at=5)
    market.send(BUY, STOP, stop=10.9)
    assert market.at(10).deals == [("buy", 100, 10.9, minute(5))]


def test_a_bar_acts_only_when_it_has_closed(db: Database) -> None:
    market = floor(db, FLAT)
    order = market.send(BUY, MARKET)
    assert market.at(5.99).status(order) is OrderStatus.WORKING
    assert market.at(6).status(order) is OrderStatus.FILLED


def test_minutes_without_a_bar_trigger_nothing(db: Database) -> None:
    market = Floor(db, {"AAA": bars_of({4: FLAT, 30: FLAT})}, minute(5))
    market.send(BUY, MARKET)
    assert market.at(30.9).deals == []
    assert market.at(31).deals == [("buy", 100, 10, minute(30))]


# ---------------------------------------------------------------------------- the day's end
def test_an_order_expires_with_its_session(db: Database) -> None:
    market = floor(db, FLAT)
    order = market.send(BUY, STOP, stop=99)
    assert market.at(389).status(order) is OrderStatus.WORKING
    assert market.at(390).status(order) is OrderStatus.EXPIRED


def test_an_order_sent_after_the_bell_belongs_to_the_next_session(db: Database) -> None:
    monday = minute(3 * 24 * 60)
    bars = bars_of({389: FLAT, 3 * 24 * 60: (12, 12.1, 11.9, 12)})
    market = Floor(db, {"AAA": bars}, minute(390))
    market.send(BUY, MARKET)
    assert market.at(monday + (minute(1) - minute(0))).deals == [("buy", 100, 12, monday)]


def test_a_bar_after_the_bell_fills_nothing(db: Database) -> None:
    market = Floor(db, {"AAA": bars_of({4: FLAT, 391: FLAT})}, minute(5))
    order = market.send(BUY, MARKET)
    assert market.at(400).status(order) is OrderStatus.EXPIRED
    assert market.deals == []


# ---------------------------------------------------------------------------- order of events
def test_what_is_touched_first_trades_first(db: Database) -> None:
    market = floor(db, (10, 10.5, 10, 10), (10, 11, 10, 10))
    market.send(BUY, STOP, quantity=10, stop=10.9)
    market.send(BUY, STOP, quantity=20, stop=10.4)
    assert [quantity for _, quantity, *_ in market.at(10).deals] == [20, 10]


def test_within_a_bar_the_older_order_trades_first(db: Database) -> None:
    market = floor(db, (10, 11, 10, 10))
    market.send(BUY, STOP, quantity=10, stop=10.9)
    market.send(BUY, STOP, quantity=20, stop=10.4)
    assert [quantity for _, quantity, *_ in market.at(10).deals] == [10, 20]


def test_orders_of_one_symbol_do_not_trade_in_the_bars_of_another(db: Database) -> None:
    bars = {"AAA": bars_of({4: FLAT}), "BBB": bars_of({4: FLAT, 5: FLAT})}
    market = Floor(db, bars, minute(5))
    market.send(BUY, MARKET, symbol="AAA")
    market.send(BUY, MARKET, symbol="BBB")
    assert [f.symbol for f in market.at(10).fills] == ["BBB"]


# ---------------------------------------------------------------------------- trouble asked for
def test_a_rejection_that_was_asked_for_leaves_no_order(db: Database) -> None:
    market = floor(db, FLAT)
    market.ask_for("reject")
    with pytest.raises(Exception, match="was asked to reject this"):
        market.send(BUY, MARKET)
    assert market.broker.open_orders() == []


def test_trouble_happens_once(db: Database) -> None:
    market = floor(db, FLAT)
    market.ask_for("reject")
    with pytest.raises(Exception, match="was asked to reject this"):
        market.send(BUY, MARKET)
    assert market.send(BUY, MARKET).status is OrderStatus.WORKING


def test_trouble_is_for_one_symbol(db: Database) -> None:
    market = floor(db, FLAT)
    market.ask_for("reject", symbol="BBB")
    assert market.send(BUY, MARKET).status is OrderStatus.WORKING


def test_a_partial_fill_fills_its_part_first_and_the_rest_with_the_next_touch(db: Database) -> None:
    market = floor(db, (10, 10.5, 10, 10), FLAT, (10, 10.5, 10, 10))
    market.ask_for("partial", 0.3)
    order = market.send(BUY, STOP, stop=10.4)
    assert (market.at(6).deals, market.status(order)) == (
        [("buy", 30, 10.4, minute(5))],
        OrderStatus.PARTIALLY_FILLED,
    )
    assert market.at(8).deals[1:] == [("buy", 70, 10.4, minute(7))]


def test_a_partial_fill_is_a_share_at_least(db: Database) -> None:
    market = floor(db, FLAT)
    market.ask_for("partial", 0.001)
    market.send(BUY, MARKET, quantity=5)
    assert [quantity for _, quantity, *_ in market.at(6).deals] == [1]


def test_a_delayed_order_is_not_live_yet(db: Database) -> None:
    market = floor(db, FLAT, (11, 11, 11, 11), (12, 12, 12, 12))
    market.ask_for("delay", 90)
    order = market.send(BUY, MARKET)
    assert market.at(6).status(order) is OrderStatus.SUBMITTING
    assert market.at(6.5).status(order) is OrderStatus.WORKING
    assert market.at(8).deals == [("buy", 100, 12, minute(7))]


# ---------------------------------------------------------------------------- cancelling
def test_a_cancelled_order_does_not_trade(db: Database) -> None:
    market = floor(db, FLAT)
    order = market.send(BUY, MARKET)
    market.broker.cancel(order.broker_order_id)
    assert market.at(10).deals == []
    assert market.status(order) is OrderStatus.CANCELLED


def test_a_cancel_comes_too_late_for_a_bar_that_has_closed(db: Database) -> None:
    market = floor(db, FLAT)
    order = market.send(BUY, MARKET)
    market.clock.advance_to(minute(6))
    market.broker.cancel(order.broker_order_id)
    assert market.status(order) is OrderStatus.FILLED


def test_cancelling_what_is_unknown_does_nothing(db: Database) -> None:
    market = floor(db, FLAT)
    market.broker.cancel("sim-77")
    assert market.broker.open_orders() == []
