"""Somebody else who uses the same account: by hand, on Alpaca's own pages."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from decimal import Decimal
from typing import Any

from models.vocabulary import OrderSide, OrderType
from tests.local_alpaca.exchange import Exchange
from tests.local_alpaca.moments import MINUTE
from tests.local_alpaca.order_request import OrderRequest, read_order
from tests.local_alpaca.orders import Order

Turn = Callable[[], AbstractContextManager[Exchange]]


class SomebodyElse:
    """Places and cancels orders and opens positions the desk knows nothing of."""

    def __init__(self, turn: Turn) -> None:
        self._turn = turn

    def orders(self, **body: Any) -> Order:
        """Place an order, in the words of POST /v2/orders."""
        with self._turn() as exchange:
            return exchange.submit(read_order({"time_in_force": "day", **body}))

    def cancels(self, client_order_id: str) -> None:
        """Ask for the end of an order, perhaps one of the desk's."""
        with self._turn() as exchange:
            exchange.cancel(exchange.order_named(client_order_id))

    def fills(self, order: Order, price: Decimal) -> None:
        """Trade against what is left of an order, at a price, past every rule and bar."""
        with self._turn() as exchange:
            exchange.life.fill(order, price, exchange.time.now)

    def trades(self, symbol: str, quantity: int, price: Decimal) -> Order:
        """Buy (or with a negative quantity sell) at a price, past every rule and bar."""
        side = OrderSide.BUY if quantity > 0 else OrderSide.SELL
        request = OrderRequest(
            symbol=symbol,
            side=side,
            type=OrderType.MARKET,
            quantity=Decimal(abs(quantity)),
            time_in_force="day",
        )
        with self._turn() as exchange:
            exchange.assets.ensure(symbol)
            opens = not exchange.closes(symbol, side)
            order = exchange.maker.make(request, opens=opens)
            exchange.life.place(order)
            exchange.life.acknowledge(order)
            exchange.life.fill(order, price, exchange.time.now // MINUTE * MINUTE)
            return order
