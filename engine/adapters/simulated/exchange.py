"""The simulated exchange: takes orders, plays recorded bars against them, keeps the account."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import takewhile
from typing import Protocol

from engine.adapters.simulated.ledger import Ledger, Till
from engine.adapters.simulated.matching import Deal, Touch, deals, touch_of
from engine.adapters.simulated.orders import TRADABLE, ExchangeOrder
from engine.adapters.simulated.valuation import Book, first_equity_below
from engine.market_hours import MarketHours, Session
from models.broker import Execution
from models.market import BarColumns
from models.money import exact
from models.vocabulary import Intrabar, OrderStatus

STARTING_CASH = Decimal(100_000)
MULTIPLIER = Decimal(4)
AT_HAND = timedelta(days=7)  # for which what is over is kept in memory; the ledger keeps all of it


class Tape(Protocol):
    """Everything that trades, the future included: only the exchange may look at it."""

    def session_bars(self, symbol: str, session: Session) -> BarColumns:
        """Return a symbol's minute bars of one session's regular hours."""
        ...


class Exchange:
    """One account at the simulated exchange. Every public call is whole under its lock."""

    def __init__(
        self,
        ledger: Ledger,
        tape: Tape,
        hours: MarketHours,
        *,
        starts_at: datetime,
        intrabar: Intrabar = Intrabar.CONSERVATIVE,
    ) -> None:
        self._ledger = ledger
        self._tape = tape
        self._hours = hours
        self._intrabar = intrabar
        self._lock = threading.RLock()
        self._opening = Till(STARTING_CASH, MULTIPLIER, starts_at, 1)
        self.load()

    def load(self) -> None:
        """Read the books: another engine may have traded since they were read last."""
        with self._lock:
            till = self._ledger.open(self._opening)
            since = till.played_until - AT_HAND
            orders = self._ledger.orders(since)
            recent = self._ledger.executions(since)
            positions: dict[str, int] = defaultdict(int)
            cost: dict[str, Decimal] = defaultdict(Decimal)
            for execution in self._ledger.every_execution():
                _hold(execution, positions, cost)
            # Only now: books that could not be read to their end leave what was known before.
            self.till, self._known_since = till, since
            self._know(orders)
            self._open = {o.id: o for o in self._orders.values() if o.is_open}
            self._touches: dict[str, Touch | None] = {}
            self._unsaved_orders: dict[str, ExchangeOrder] = {}
            self._unsaved_fills: list[tuple[int, Execution]] = []
            self._executions = recent
            self.positions, self.cost = positions, cost

    @property
    def played_until(self) -> datetime:
        """Return the moment up to which bars have acted."""
        return self.till.played_until

    def next_moment(self) -> datetime | None:
        """Return when the next order trades or expires, None while none can."""
        with self._lock:
            moments = [touch.acts_at for touch in self._next_touches()]
            moments += [self._expires_at(order) for order in self._open.values()]
            return min(moments, default=None)

    def first_below(self, floor: Decimal, until: datetime) -> datetime | None:
        """Return when the equity falls to a floor before `until`, if nothing trades till then."""
        with self._lock:
            held = {symbol: quantity for symbol, quantity in self.positions.items() if quantity}
            session = self._hours.session_at(self.played_until)
            if not held or session is None or floor <= 0:
                return None
            bars = {symbol: self._tape.session_bars(symbol, session) for symbol in held}
            return first_equity_below(
                Book(self.till.cash, held, bars), floor, self.played_until, until
            )

    def play(self, until: datetime) -> None:
        """Let every bar that has closed by then act on the resting orders, in order of time."""
        with self._lock:
            while (touch := self._first_touch(until)) is not None:
                family = self.family(touch.order)
                for deal in deals(touch, self._legs_of, self._intrabar):
                    self._settle(deal)
                for order in family:
                    self._touched(order)
            self._expire(until)
            self.till.played_until = max(self.till.played_until, until)
            self._save()
            if self.played_until - self._known_since > 2 * AT_HAND:
                self._forget(self.played_until - AT_HAND)

    def accept(self, orders: Sequence[ExchangeOrder]) -> None:
        """Take an order and its legs into the book."""
        with self._lock:
            self._ledger.save(self.till, added=orders)
            for order in orders:
                self._orders[order.id] = order
                self._by_client_id[order.client_order_id] = order
                self._open[order.id] = order

    def cancel(self, order: ExchangeOrder, now: datetime) -> None:
        """Take an order and its unfilled legs out of the book."""
        with self._lock:
            gone = [o for o in (order, *self._legs_of(order)) if o.is_open]
            for each in gone:
                each.status = OrderStatus.CANCELLED
                each.updated_at = now
                self._touched(each)
            self.till.played_until = max(self.till.played_until, now)
            self._save()

    def take_number(self) -> int:
        """Return the next number for an order or execution."""
        with self._lock:
            self.till.next_number += 1
            return self.till.next_number - 1

    def order(self, order_id: str) -> ExchangeOrder | None:
        """Return an order by the exchange's id."""
        return self._orders.get(order_id) or self._ledger.order(order_id)

    def order_of_client(self, client_order_id: str) -> ExchangeOrder | None:
        """Return an order by its client's id."""
        known = self._by_client_id.get(client_order_id)
        return known or self._ledger.order_of_client(client_order_id)

    def executions(self, since: datetime) -> list[Execution]:
        """Return the fills from a moment on, oldest first."""
        with self._lock:
            if since < self._known_since:
                return self._ledger.executions(since)
            recent = takewhile(lambda e: e.filled_at >= since, reversed(self._executions))
            return [*recent][::-1]

    def family(self, order: ExchangeOrder) -> list[ExchangeOrder]:
        """Return an order and its legs."""
        return [order, *self._legs_of(order)]

    def open_orders(self) -> list[ExchangeOrder]:
        """Return the orders that can still trade."""
        with self._lock:
            return list(self._open.values())

    def _know(self, orders: Iterable[ExchangeOrder]) -> None:
        self._orders = {o.id: o for o in orders}
        self._by_client_id = {o.client_order_id: o for o in self._orders.values()}

    def _forget(self, since: datetime) -> None:
        """Let go of what was over before a moment: a market is played for months."""
        self._know(o for o in self._orders.values() if o.is_open or o.updated_at >= since)
        self._executions = [e for e in self._executions if e.filled_at >= since]
        self._known_since = since

    def _legs_of(self, order: ExchangeOrder) -> list[ExchangeOrder]:
        return [leg for leg in self._open.values() if leg.parent_id == order.id]

    def _first_touch(self, until: datetime) -> Touch | None:
        due = (touch for touch in self._next_touches() if touch.acts_at <= until)
        return min(due, key=lambda t: (t.at, t.order.symbol, t.order.number), default=None)

    def _next_touches(self) -> Iterator[Touch]:
        for order in self._open.values():
            if order.status not in TRADABLE:
                continue
            if order.id not in self._touches:
                self._touches[order.id] = self._look_ahead(order)
            if touch := self._touches[order.id]:
                yield touch

    def _look_ahead(self, order: ExchangeOrder) -> Touch | None:
        session = self._session_of(order)
        bars = self._tape.session_bars(order.symbol, session)
        return touch_of(order, bars.between(order.live_at, session.closes_at))

    def _touched(self, order: ExchangeOrder) -> None:
        """Note that an order has changed, and forget what was known of its future."""
        self._unsaved_orders[order.id] = order
        self._touches.pop(order.id, None)
        if not order.is_open:
            self._open.pop(order.id, None)

    def _save(self) -> None:
        """Write what has changed; after a failure it is kept for the next time."""
        if not self._unsaved_orders:
            return
        self._ledger.save(
            self.till, changed=self._unsaved_orders.values(), executions=self._unsaved_fills
        )
        self._unsaved_orders.clear()
        self._unsaved_fills.clear()

    def _settle(self, deal: Deal) -> None:
        number = self.take_number()
        execution = Execution(
            execution_id=f"sim-{number}",
            broker_order_id=deal.order.id,
            client_order_id=deal.order.client_order_id,
            symbol=deal.order.symbol,
            side=deal.order.side,
            quantity=deal.quantity,
            price=exact(deal.price),
            filled_at=deal.at,
        )
        self.till.cash -= execution.side.sign * execution.quantity * execution.price
        self._executions.append(execution)
        self._unsaved_fills.append((number, execution))
        _hold(execution, self.positions, self.cost)

    def _expire(self, until: datetime) -> None:
        """End day orders whose session is over."""
        for order in [o for o in self._open.values() if self._expires_at(o) <= until]:
            order.status = OrderStatus.EXPIRED
            order.updated_at = self._expires_at(order)
            self._touched(order)

    def _expires_at(self, order: ExchangeOrder) -> datetime:
        return self._session_of(order).closes_at

    def _session_of(self, order: ExchangeOrder) -> Session:
        session = self._hours.session_on(order.session)
        if session is None:
            raise LookupError(f"order {order.id} belongs to {order.session}: no session")
        return session


def _hold(execution: Execution, positions: dict[str, int], cost: dict[str, Decimal]) -> None:
    """Keep the signed position and what its shares cost on average."""
    symbol, signed = execution.symbol, execution.side.sign * execution.quantity
    before = positions[symbol]
    after = before + signed
    if before * signed >= 0:
        cost[symbol] += signed * execution.price
    elif before * after <= 0:
        cost[symbol] = after * execution.price
    else:
        cost[symbol] = cost[symbol] * after / before
    positions[symbol] = after
