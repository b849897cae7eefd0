"""A market that is played for months: memory keeps what is recent, the books keep everything."""

from datetime import timedelta

import pytest

from engine.errors import BrokerRejectedError
from models.broker import OrderRequest
from models.database import Database
from models.vocabulary import OrderStatus
from tests.engine.adapters.exchange_by_hand import BUY, MARKET, STOP, Floor, bars_of, minute

BARS = {"AAA": bars_of({4: (10, 10, 10, 10), 5: (10, 10.2, 9.8, 10.1)})}
WEEKS = timedelta(days=15)


@pytest.fixture
def floor(db: Database) -> Floor:
    """Shares that were bought weeks ago; a second order has expired since."""
    made = Floor(db, BARS, minute(5))
    made.send(BUY, MARKET)
    made.send(BUY, STOP, stop=12)
    return made.at(minute(6) + WEEKS)


def test_what_was_over_long_ago_is_not_kept_in_memory(floor: Floor) -> None:
    exchange = floor.exchange
    kept = exchange._orders, exchange._by_client_id, exchange._executions
    assert [len(each) for each in kept] == [0, 0, 0]


def test_a_restart_does_not_bring_it_back(floor: Floor) -> None:
    floor.send(BUY, STOP, stop=12)  # so that the books know how late it is
    again = Floor(floor.db, BARS, floor.clock.now())
    assert list(again.exchange._orders) == [order.id for order in again.exchange.open_orders()]
    assert again.exchange._executions == []


def test_the_broker_still_knows_it(floor: Floor) -> None:
    bought, expired = (floor.broker.find(name)[0] for name in ("order-1", "order-2"))
    assert (bought.status, expired.status) == (OrderStatus.FILLED, OrderStatus.EXPIRED)
    assert floor.broker.orders([bought.broker_order_id]) == [bought]
    assert [fill.client_order_id for fill in floor.fills] == ["order-1"]


def test_a_name_is_taken_for_ever(floor: Floor) -> None:
    again = OrderRequest(client_order_id="order-1", symbol="AAA", side=BUY, quantity=1, type=MARKET)
    with pytest.raises(BrokerRejectedError) as refused:
        floor.broker.submit(again)
    assert refused.value.code == "duplicate"


def test_shares_are_held_however_long_ago_they_were_bought(floor: Floor) -> None:
    assert floor.holding() == (100, 10)
    assert Floor(floor.db, BARS, floor.clock.now()).holding() == (100, 10)


def test_an_order_of_today_outlives_what_is_forgotten(floor: Floor) -> None:
    order = floor.send(BUY, STOP, stop=12)
    floor.exchange._forget(floor.clock.now() + WEEKS)
    assert floor.broker.open_orders() == [order]
