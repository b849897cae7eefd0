"""Somebody else who uses the same account: by hand, on Alpaca's own pages."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from models.vocabulary import OrderSide, OrderType
from tests.local_alpaca.exchange import Exchange
from tests.local_alpaca.moments import MINUTE
from tests.local_alpaca.order_request import OrderRequest, read_order
from tests.local_alpaca.orders import Order


class SomebodyElse:
    """Places orders and opens positions the desk knows nothing of."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def orders(self, **body: Any) -> Order:
        """Place an order, in the words of POST /v2/orders."""
        order = self._exchange.submit(read_order({"time_in_force": "day", **body}))
        self._exchange.settle()
        return order

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
        opens = not self._exchange.closes(symbol, side)
        order = self._exchange.maker.make(request, opens=opens)
        life = self._exchange.life
        life.place(order)
        life.acknowledge(order)
        life.fill(order, price, self._exchange.time.now // MINUTE * MINUTE)
        return order
