"""Every order the account ever had, by what it is looked up by."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from random import Random
from uuid import UUID

from models.vocabulary import OrderSide
from tests.local_alpaca.orders import Order


class OrderBook:
    """Orders by id, by client id, and the open ones by symbol."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311  (ids that are the same in every run)
        self._by_id: dict[str, Order] = {}
        self._by_client_id: dict[str, Order] = {}
        self._open: dict[str, dict[str, Order]] = {}

    def new_id(self) -> str:
        """Make an id, the same in every run with the same seed."""
        return str(UUID(int=self._random.getrandbits(128), version=4))

    @property
    def next_number(self) -> int:
        """Return the number of the next order."""
        return len(self._by_id) + 1

    def add(self, order: Order) -> None:
        """Keep an order for ever."""
        self._by_id[order.id] = order
        self._by_client_id[order.client_order_id] = order
        self._open.setdefault(order.symbol, {})[order.id] = order

    def close(self, order: Order) -> None:
        """Take an order that has ended out of the open ones."""
        self._open.get(order.symbol, {}).pop(order.id, None)

    def find(self, order_id: str) -> Order | None:
        """Return an order by id."""
        return self._by_id.get(order_id)

    def find_by_client_id(self, client_order_id: str) -> Order | None:
        """Return an order by the id its sender gave it."""
        return self._by_client_id.get(client_order_id)

    def all(self) -> list[Order]:
        """Return every order in the order of submission."""
        return list(self._by_id.values())

    def open(self, symbol: str | None = None) -> list[Order]:
        """Return the orders that have not ended, of one symbol or all, oldest first."""
        if symbol is not None:
            return list(self._open.get(symbol, {}).values())
        found = [order for orders in self._open.values() for order in orders.values()]
        return sorted(found, key=lambda order: order.number)

    def symbols_at_work(self) -> Iterator[str]:
        """Return the symbols in which a bar could trade an order, sorted."""
        for symbol in sorted(self._open):
            if any(order.armed for order in self._open[symbol].values()):
                yield symbol

    def closing(self, symbol: str, side: OrderSide) -> list[Order]:
        """Return the open orders of one side that close a position and hold its shares."""
        return [
            order
            for order in self.open(symbol)
            if order.side is side and not order.opens_position and _holds_shares(order)
        ]

    def held(self, symbol: str, side: OrderSide) -> Decimal:
        """Return the shares that closing orders hold; a group holds its shares once."""
        groups: dict[str, Decimal] = {}
        for order in self.closing(symbol, side):
            key = order.group_id or order.id
            groups[key] = max(groups.get(key, Decimal(0)), order.remaining)
        return sum(groups.values(), Decimal(0))


def _holds_shares(order: Order) -> bool:
    """A leg holds nothing before its entry has filled."""
    return order.parent is None or order.armed or order.parent.opens_position is False
