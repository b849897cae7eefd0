"""What really happened, for tests to hold the desk against: independent of what the desk says."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from models.vocabulary import OrderSide, OrderType
from tests.local_alpaca.exchange import Exchange
from tests.local_alpaca.moments import as_datetime
from tests.local_alpaca.orders import Order
from tests.local_alpaca.updates import Execution, Update

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenRequest:
    """One request that reached the server, and what became of it."""

    at: datetime
    method: str
    path: str
    client_order_id: str | None
    status: int | None  # what the client saw; None when the connection broke or stayed silent
    acted: bool  # whether the exchange saw it


@dataclass(frozen=True, slots=True)
class SeenUpdate:
    """One event of an order's life."""

    at: datetime
    event: str
    symbol: str
    client_order_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """A position from a moment on, and what stands ready to close it."""

    since: int
    position: Decimal
    stopped: Decimal  # shares under live stops of the right side
    exiting: Decimal  # shares under live market orders of the right side

    def naked(self, *, exits_protect: bool) -> Decimal:
        """Return the shares nothing would close."""
        covered = self.stopped + (self.exiting if exits_protect else ZERO)
        return max(abs(self.position) - covered, ZERO)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unprotected:
    """A time in which shares were held without a live stop."""

    symbol: str
    since: datetime
    until: datetime
    shares: Decimal

    @property
    def length(self) -> timedelta:
        """Return how long it lasted."""
        return self.until - self.since


class Ledger:
    """Requests, executions, and every position with its protection over the exchange's time."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self.requests: list[SeenRequest] = []
        self.executions: list[Execution] = []
        self.updates: list[SeenUpdate] = []
        self._coverage: dict[str, list[Coverage]] = defaultdict(list)
        exchange.life.listeners.append(self._note)

    def position_at(self, symbol: str, at: int) -> Decimal:
        """Return the shares held at a moment."""
        changes = self.coverage(symbol)
        index = bisect_right(changes, at, key=lambda change: change.since)
        return changes[index - 1].position if index else ZERO

    def coverage(self, symbol: str) -> list[Coverage]:
        """Return how position and protection of a symbol changed, oldest first."""
        return list(self._coverage[symbol])

    def unprotected(
        self, symbol: str | None = None, *, exits_protect: bool = False
    ) -> list[Unprotected]:
        """Return when shares had no live stop; what lasted no time at all is left out.

        `exits_protect` counts shares that a market order is about to close as protected.
        """
        symbols = [symbol] if symbol else sorted(self._coverage)
        return [gap for name in symbols for gap in self._gaps(name, exits_protect=exits_protect)]

    def orders_sent(self, client_order_id: str) -> int:
        """Return how many requests to place an order carried this id."""
        return sum(
            seen.method == "POST" and seen.client_order_id == client_order_id
            for seen in self.requests
        )

    def _gaps(self, symbol: str, *, exits_protect: bool) -> Iterator[Unprotected]:
        changes = self.coverage(symbol)
        ends = [*(change.since for change in changes[1:]), self._exchange.time.now]
        for change, end in zip(changes, ends, strict=True):
            naked = change.naked(exits_protect=exits_protect)
            if naked and end > change.since:
                since, until = as_datetime(change.since), as_datetime(end)
                yield Unprotected(symbol=symbol, since=since, until=until, shares=naked)

    def _note(self, update: Update) -> None:
        now = self._exchange.time.now
        order = update.order
        self.updates.append(
            SeenUpdate(as_datetime(now), update.event, order.symbol, order.client_order_id)
        )
        if update.execution is not None:
            self.executions.append(update.execution)
        self._note_coverage(update.order.symbol, now)

    def _note_coverage(self, symbol: str, now: int) -> None:
        position = self._exchange.holdings.quantity(symbol)
        side = OrderSide.SELL if position > 0 else OrderSide.BUY
        closing = [o for o in self._exchange.book.open(symbol) if o.side is side and o.armed]
        change = Coverage(
            since=now,
            position=position,
            stopped=_shares(order for order in closing if order.protects),
            exiting=_shares(order for order in closing if order.type is OrderType.MARKET),
        )
        changes = self._coverage[symbol]
        if changes and changes[-1].since == now:  # of one moment only the last word counts
            changes.pop()
        changes.append(change)


def _shares(orders: Iterator[Order]) -> Decimal:
    return sum((order.remaining for order in orders), ZERO)
