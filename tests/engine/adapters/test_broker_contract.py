"""What every broker promises the desk: the simulated one, and Alpaca's over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from engine.adapters.alpaca.broker import AlpacaBroker
from engine.adapters.alpaca.governor import Governor
from engine.adapters.alpaca.http import Keys, trading_http
from engine.clock import DrivenClock
from engine.desk import Broker
from engine.errors import BrokerRejectedError
from models.broker import AttachedStop, BrokerOrder, OrderRequest
from models.database import IN_MEMORY, Database
from models.vocabulary import OrderSide, OrderStatus, OrderType, Side
from tests.databases import with_schema
from tests.engine.adapters.exchange_by_hand import Floor
from tests.local_alpaca import LocalAlpaca, PlayedMarket
from tests.local_alpaca.played_days import OPEN, day_with, minute

RISES = [("100", "102", "100", "101.8"), ("101.8", "102", "101.7", "101.9")]  # 9:35 and 9:36
FALLS = ("101.9", "101.9", "98", "98.2")  # 9:37
PRICES = day_with([*RISES, FALLS])


@dataclass
class Venue:
    """A broker, and a way to let its market go on."""

    broker: Broker
    go_to: Callable[[datetime], None]

    def submit(self, name: str = "orb-1", **words: Any) -> list[BrokerOrder]:
        """Send a buy stop at 101 of ten shares, unless the words differ."""
        return list(self.broker.submit(an_order(name, **words)))

    def find(self, name: str = "orb-1") -> list[BrokerOrder]:
        return list(self.broker.find(name))

    def status(self, order: BrokerOrder) -> OrderStatus:
        (found,) = self.broker.orders([order.broker_order_id])
        return found.status

    def refused(self, **words: Any) -> str:
        with pytest.raises(BrokerRejectedError) as refusal:
            self.submit(**words)
        return refusal.value.code


def an_order(name: str, **words: Any) -> OrderRequest:
    plain: dict[str, Any] = {
        "client_order_id": name,
        "symbol": "AAA",
        "side": OrderSide.BUY,
        "quantity": 10,
        "type": OrderType.STOP,
        "stop_price": Decimal(101),
    }
    return OrderRequest(**(plain | words))


STOP_AT_99 = AttachedStop(
    client_order_id="orb-1-stop",
    stop_price=Decimal(99),
    offset=Decimal(2),
    tick_size=Decimal("0.01"),
)
MARKET: dict[str, Any] = {"type": OrderType.MARKET, "stop_price": None}
LIMIT_BELOW: dict[str, Any] = {
    "type": OrderType.LIMIT,
    "stop_price": None,
    "limit_price": Decimal(90),
}


@pytest.fixture(params=["simulated", "alpaca"])
def venue(request: pytest.FixtureRequest) -> Iterator[Venue]:
    """The same market at both venues: quiet at 100, up through 101 at 9:35, down at 9:37."""
    yield from (_simulated if request.param == "simulated" else _alpaca)()


def _simulated() -> Iterator[Venue]:
    db = with_schema(Database(IN_MEMORY))
    floor = Floor(db, {"AAA": PRICES}, minute(5))
    yield Venue(floor.broker, floor.clock.advance_to)
    db.close()


def _alpaca() -> Iterator[Venue]:
    clock = DrivenClock(minute(5))
    with LocalAlpaca(PlayedMarket(bars={"AAA": PRICES}), clock) as local:
        keys = Keys(key=local.key, secret=local.secret)
        http = trading_http(keys, paper=True, url=local.url, governor=Governor(clock))
        yield Venue(AlpacaBroker(http, lambda: frozenset(Side), clock), local.advance_to)


class TestBroker:
    """The contract."""

    def test_a_sent_order_works(self, venue: Venue) -> None:
        (order,) = venue.submit()
        assert (order.client_order_id, order.quantity, order.filled_quantity) == ("orb-1", 10, 0)
        assert venue.status(order) is OrderStatus.WORKING

    def test_a_second_order_of_the_same_name_is_refused_as_a_duplicate(self, venue: Venue) -> None:
        venue.submit()
        assert venue.refused() == "duplicate"
        assert len(venue.broker.open_orders()) == 1

    def test_a_name_is_used_up_even_when_its_order_has_ended(self, venue: Venue) -> None:
        (order,) = venue.submit()
        venue.broker.cancel(order.broker_order_id)
        assert venue.refused() == "duplicate"

    def test_a_refused_order_leaves_nothing_and_its_name_is_free(self, venue: Venue) -> None:
        assert venue.refused(quantity=1_000_000) == "buying_power"
        assert venue.find() == []
        assert len(venue.submit()) == 1

    def test_an_entry_carries_its_stop(self, venue: Venue) -> None:
        entry, leg = venue.submit(attached_stop=STOP_AT_99)
        assert (entry.parent_id, leg.parent_id) == (None, entry.broker_order_id)
        assert (leg.side, leg.stop_price, leg.status) == (
            OrderSide.SELL,
            Decimal(99),
            OrderStatus.HELD,
        )

    def test_the_attached_stop_is_live_once_the_entry_is_filled(self, venue: Venue) -> None:
        entry, leg = venue.submit(attached_stop=STOP_AT_99)
        venue.go_to(minute(6))
        assert venue.status(entry) is OrderStatus.FILLED
        assert venue.status(leg) is OrderStatus.WORKING

    def test_the_attached_stop_closes_what_the_entry_opened(self, venue: Venue) -> None:
        entry, leg = venue.submit(attached_stop=STOP_AT_99)
        venue.go_to(minute(8))
        assert venue.status(leg) is OrderStatus.FILLED
        assert venue.broker.holdings() == []
        fills = venue.broker.executions(OPEN)
        assert [f.broker_order_id for f in fills] == [entry.broker_order_id, leg.broker_order_id]

    def test_a_cancel_ends_an_entry_and_its_stop(self, venue: Venue) -> None:
        family = venue.submit(attached_stop=STOP_AT_99)
        venue.broker.cancel(family[0].broker_order_id)
        assert {venue.status(order) for order in family} == {OrderStatus.CANCELLED}
        assert venue.broker.open_orders() == []

    def test_a_cancel_that_comes_too_late_is_no_error(self, venue: Venue) -> None:
        (order,) = venue.submit()
        venue.go_to(minute(6))
        venue.broker.cancel(order.broker_order_id)
        assert venue.status(order) is OrderStatus.FILLED

    def test_an_order_is_found_by_our_name_with_its_stop(self, venue: Venue) -> None:
        sent = venue.submit(attached_stop=STOP_AT_99)
        found = venue.find()
        assert [o.broker_order_id for o in found] == [o.broker_order_id for o in sent]
        assert found[1].parent_id == found[0].broker_order_id

    def test_a_name_that_nobody_has_used_finds_nothing(self, venue: Venue) -> None:
        assert venue.find("orb-unknown") == []

    def test_orders_are_told_by_their_ids_alone(self, venue: Venue) -> None:
        (mine,) = venue.submit()
        venue.submit("orb-2", stop_price=Decimal(110))
        assert [o.client_order_id for o in venue.broker.orders([mine.broker_order_id])] == ["orb-1"]
        assert venue.broker.orders(["an id that nobody gave"]) == []

    def test_a_fill_is_one_execution(self, venue: Venue) -> None:
        (order,) = venue.submit()
        venue.go_to(minute(6))
        (fill,) = venue.broker.executions(OPEN)
        assert (fill.broker_order_id, fill.symbol, fill.side) == (
            order.broker_order_id,
            "AAA",
            OrderSide.BUY,
        )
        assert (fill.quantity, fill.price, fill.filled_at) == (10, Decimal(101), minute(5))

    def test_executions_keep_their_ids(self, venue: Venue) -> None:
        venue.submit()
        venue.go_to(minute(6))
        first = [fill.execution_id for fill in venue.broker.executions(OPEN)]
        assert first == [fill.execution_id for fill in venue.broker.executions(OPEN)]

    def test_executions_of_the_very_moment_are_told(self, venue: Venue) -> None:
        venue.submit()
        venue.go_to(minute(6))
        assert len(venue.broker.executions(minute(5))) == 1

    def test_a_holding_has_its_shares_and_their_price(self, venue: Venue) -> None:
        venue.submit()
        venue.go_to(minute(6))
        (holding,) = venue.broker.holdings()
        assert (holding.symbol, holding.quantity) == ("AAA", Decimal(10))
        assert holding.average_price == Decimal(101)

    def test_a_short_holding_is_negative(self, venue: Venue) -> None:
        venue.submit(side=OrderSide.SELL, stop_price=Decimal(99))
        venue.go_to(minute(8))
        (holding,) = venue.broker.holdings()
        assert holding.quantity == -10

    def test_the_account_follows_the_fills(self, venue: Venue) -> None:
        before = venue.broker.account()
        venue.submit()
        venue.go_to(minute(6))
        after = venue.broker.account()
        assert before.equity == before.cash == 100_000
        assert after.cash == 100_000 - 1010
        assert after.equity == after.cash + after.long_value == Decimal("100008.00")

    def test_an_open_entry_holds_back_buying_power(self, venue: Venue) -> None:
        before = venue.broker.account().buying_power
        venue.submit()
        assert before - venue.broker.account().buying_power == 1010

    def test_more_than_is_held_cannot_be_closed(self, venue: Venue) -> None:
        venue.submit()
        venue.go_to(minute(6))
        closing = {"side": OrderSide.SELL, "quantity": 11} | MARKET
        assert venue.refused(name="orb-2", **closing) == "held_quantity"

    def test_shares_that_a_stop_holds_cannot_be_sold_twice(self, venue: Venue) -> None:
        venue.submit(attached_stop=STOP_AT_99)
        venue.go_to(minute(6))
        closing = {"side": OrderSide.SELL} | MARKET
        assert venue.refused(name="orb-2", **closing) == "held_quantity"

    def test_a_market_order_closes(self, venue: Venue) -> None:
        venue.submit()
        venue.go_to(minute(6))
        venue.submit("orb-2", side=OrderSide.SELL, **MARKET)
        venue.go_to(minute(7))
        assert venue.broker.holdings() == []

    def test_a_limit_order_waits(self, venue: Venue) -> None:
        (order,) = venue.submit(**LIMIT_BELOW)
        venue.go_to(minute(8))
        assert venue.status(order) is OrderStatus.WORKING

    def test_day_orders_end_with_their_day(self, venue: Venue) -> None:
        (order,) = venue.submit(stop_price=Decimal(150))
        venue.go_to(minute(391))
        assert venue.status(order) is OrderStatus.EXPIRED
