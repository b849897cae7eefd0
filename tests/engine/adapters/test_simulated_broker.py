"""What the simulated broker refuses, and what it says of the account."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import BrokerRejectedError
from models.database import Database
from models.vocabulary import OrderSide
from tests.databases import with_schema
from tests.engine.adapters.exchange_by_hand import (
    BUY,
    LIMIT,
    MARKET,
    SELL,
    STOP,
    Floor,
    Prices,
    bars_of,
    minute,
    stop_leg,
)

TEN: Prices = (10, 10, 10, 10)
TWELVE: Prices = (12, 12, 12, 12)


def market_of(db: Database, *bars: Prices, symbol: str = "AAA") -> Floor:
    """A market with bars from minute 4 on; it is minute 5."""
    return Floor(db, {symbol: bars_of(dict(enumerate(bars, start=4)))}, minute(5))


def refusal(market: Floor, side: OrderSide, quantity: int, limit: float | None = None) -> str:
    with pytest.raises(BrokerRejectedError) as caught:
        market.send(side, LIMIT if limit else MARKET, quantity, limit=limit)
    return caught.value.code


def traded(db: Database, *deals: tuple[OrderSide, int, float]) -> Floor:
    """A market in which the given orders were filled one a minute, all placed at minute 5."""
    rows = [(price, price, price, price) for _, _, price in deals]
    market = market_of(db, TEN, *rows, rows[-1])
    for number, (side, quantity, _) in enumerate(deals):
        market.at(5 + number).send(side, MARKET, quantity)
    return market.at(5 + len(deals))


# ---------------------------------------------------------------------------- refusals
def test_an_id_that_was_used_is_refused(db: Database) -> None:
    market = market_of(db, TEN)
    market.send(BUY, STOP, stop=99, quantity=1)
    market.exchange.till.next_number = 1
    with pytest.raises(BrokerRejectedError, match="client_order_id must be unique"):
        market.send(BUY, STOP, stop=99, quantity=1)


def test_more_than_the_buying_power_is_refused(db: Database) -> None:
    assert refusal(market_of(db, TEN), BUY, 40_001) == "buying_power"


def test_all_of_the_buying_power_may_be_used(db: Database) -> None:
    market = market_of(db, TEN)
    market.send(BUY, LIMIT, 40_000, limit=10)
    assert market.broker.account().buying_power == 0


def test_waiting_orders_reserve_buying_power(db: Database) -> None:
    market = market_of(db, TEN)
    market.send(BUY, LIMIT, 30_000, limit=9)
    assert market.broker.account().buying_power == Decimal(130_000)
    assert refusal(market, BUY, 10_001, limit=13) == "buying_power"


def test_an_attached_stop_reserves_nothing_of_its_own(db: Database) -> None:
    market = market_of(db, TEN)
    market.send(BUY, STOP, 1000, stop=11, leg=stop_leg(10, 1))
    assert market.broker.account().buying_power == Decimal(400_000 - 11_000)


def test_a_cancelled_order_gives_its_buying_power_back(db: Database) -> None:
    market = market_of(db, TEN)
    order = market.send(BUY, LIMIT, 30_000, limit=9)
    market.broker.cancel(order.broker_order_id)
    assert market.broker.account().buying_power == Decimal(400_000)


def test_short_sales_need_buying_power_too(db: Database) -> None:
    assert refusal(market_of(db, TEN), SELL, 40_001) == "buying_power"


def test_more_than_is_held_cannot_be_closed(db: Database) -> None:
    assert refusal(traded(db, (BUY, 100, 10)), SELL, 101) == "held_quantity"


def test_what_is_promised_to_a_stop_cannot_be_sold_again(db: Database) -> None:
    market = traded(db, (BUY, 100, 10))
    market.send(SELL, STOP, 60, stop=9)
    assert refusal(market, SELL, 41) == "held_quantity"


def test_what_is_not_promised_can_be_sold(db: Database) -> None:
    market = traded(db, (BUY, 100, 10))
    market.send(SELL, STOP, 60, stop=9)
    market.send(SELL, MARKET, 40)
    assert len(market.broker.open_orders()) == 2


def test_a_short_cannot_buy_back_more_than_it_owes(db: Database) -> None:
    assert refusal(traded(db, (SELL, 100, 10)), BUY, 101) == "held_quantity"


def test_closing_needs_no_buying_power(db: Database) -> None:
    market = traded(db, (BUY, 40_000, 10))
    assert market.broker.account().buying_power == 0
    market.send(SELL, MARKET, 40_000)


# ---------------------------------------------------------------------------- the account
def test_an_untouched_account_has_its_cash_and_four_times_that_to_buy_with(db: Database) -> None:
    found = market_of(db, TEN).figures("cash", "equity", "buying_power")
    assert found == [100_000, 100_000, 400_000]


def test_a_long_position_is_worth_its_last_price(db: Database) -> None:
    market = market_of(db, TEN, TEN, TWELVE)
    market.send(BUY, MARKET, 1000)
    found = market.at(7).figures("cash", "long_value", "equity", "buying_power")
    assert found == [90_000, 12_000, 102_000, 4 * 102_000 - 12_000]


def test_a_short_position_is_owed_at_its_last_price(db: Database) -> None:
    market = market_of(db, TEN, TEN, TWELVE)
    market.send(SELL, MARKET, 1000)
    found = market.at(7).figures("cash", "short_value", "equity", "buying_power")
    assert found == [110_000, -12_000, 98_000, 4 * 98_000 - 12_000]


# ---------------------------------------------------------------------------- average cost
def test_buying_more_averages_the_cost(db: Database) -> None:
    assert traded(db, (BUY, 100, 10), (BUY, 300, 14)).holding() == (400, 13)


def test_selling_part_leaves_the_cost(db: Database) -> None:
    assert traded(db, (BUY, 100, 10), (BUY, 300, 14), (SELL, 100, 20)).holding() == (300, 13)


def test_a_closed_position_is_not_held(db: Database) -> None:
    assert traded(db, (BUY, 100, 10), (SELL, 100, 14)).holding() is None


def test_a_new_position_does_not_remember_the_one_before(db: Database) -> None:
    assert traded(db, (BUY, 100, 10), (SELL, 100, 14), (BUY, 10, 20)).holding() == (10, 20)


def test_a_short_has_the_average_of_its_sales(db: Database) -> None:
    assert traded(db, (SELL, 100, 10), (SELL, 300, 14)).holding() == (-400, 13)


def test_orders_that_flip_a_position_leave_it_at_the_last_price(db: Database) -> None:
    """Both were sent while nothing was held, so neither was refused."""
    market = market_of(db, TEN, (10, 11, 10, 11), (11, 11, 9, 9))
    market.send(BUY, STOP, 100, stop=11)
    market.send(SELL, STOP, 150, stop=9)
    assert market.at(7).holding() == (-50, 9)


STEPS = st.lists(
    st.tuples(st.sampled_from([BUY, SELL]), st.integers(1, 50), st.integers(5, 20)), max_size=8
)


@settings(max_examples=30)
@given(STEPS)
def test_the_cash_tells_what_was_traded(steps: list[tuple[OrderSide, int, int]]) -> None:
    db = with_schema(Database("sqlite://"))
    market = market_of(db, TEN, *[(float(p),) * 4 for _, _, p in steps])
    for number, (side, quantity, _) in enumerate(steps):
        held = (market.at(5 + number).holding() or (0, 0))[0]
        closes = held * side.sign < 0
        market.send(side, MARKET, min(quantity, abs(held)) if closes else quantity)
    fills = market.at(5 + len(steps)).fills
    spent = sum(f.side.sign * f.quantity * f.price for f in fills)
    assert market.broker.account().cash == 100_000 - spent
    assert (market.holding() or (0, 0))[0] == sum(f.side.sign * f.quantity for f in fills)
    db.close()


# ---------------------------------------------------------------------------- executions
def test_executions_are_those_from_a_moment_on_oldest_first(db: Database) -> None:
    market = traded(db, (BUY, 1, 10), (BUY, 2, 11), (BUY, 3, 12))
    assert [e.quantity for e in market.broker.executions(minute(6))] == [2, 3]


def test_every_execution_has_an_id_of_its_own(db: Database) -> None:
    market = traded(db, (BUY, 1, 10), (BUY, 2, 11), (SELL, 3, 12))
    assert len({e.execution_id for e in market.fills}) == 3
