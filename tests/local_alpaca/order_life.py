"""How an order lives: taken, acknowledged, filled, cancelled, expired. Each step is an update."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from functools import partial

from tests.local_alpaca.agenda import Agenda
from tests.local_alpaca.exchange_time import ExchangeTime
from tests.local_alpaca.moments import span
from tests.local_alpaca.order_book import OrderBook
from tests.local_alpaca.orders import Order, OrderClass, Role, Status
from tests.local_alpaca.positions import Holdings
from tests.local_alpaca.rules import Rules
from tests.local_alpaca.trouble import Trouble
from tests.local_alpaca.updates import Execution, Listener, Update

_WAITING = {Status.PENDING_NEW, Status.ACCEPTED}


@dataclass(slots=True)
class OrderLife:
    """Changes the status of orders, and tells the listeners."""

    rules: Rules
    time: ExchangeTime
    agenda: Agenda
    book: OrderBook
    holdings: Holdings
    trouble: Trouble
    listeners: list[Listener] = field(default_factory=list)

    # --- taken
    def place(self, order: Order) -> None:
        """Take an order with its legs; it works once it is acknowledged."""
        for member in order.group:
            self.book.add(member)
            self.agenda.add(member.expires, partial(self.expire, member))
        is_queued = order.status is Status.ACCEPTED
        due = order.live_from if is_queued else self._after(self.rules.acknowledge_after)
        self.agenda.add(due, partial(self.acknowledge, order))
        if not is_queued:
            self.tell_rarely("pending_new", order)

    def acknowledge(self, order: Order) -> None:
        """Let an order work, or reject it after all."""
        if order.status not in _WAITING:
            return
        if self.trouble.rejects(order):
            self._end_group(order, self.reject)
            return
        for member in order.group:  # both halves of an OCO work from the start
            member.armed = member is order or order.order_class is OrderClass.OCO
        self._begin(order)

    def reject(self, order: Order) -> None:
        """End an order that was taken at first."""
        order.failed_at = self._end(order, Status.REJECTED)
        self.tell("rejected", order)

    # --- filled
    def fill(self, order: Order, price: Decimal, started: int) -> None:
        """Trade an order at a price; `started` is when the bar that acted began."""
        shares = min(self.trouble.shares_filled(order), order.remaining)
        execution = self._book(order, shares, price, started)
        if execution.is_partial:
            if order.status is Status.NEW:
                order.status = Status.PARTIALLY_FILLED
        else:
            self._end(order, Status.FILLED)
        self.tell("partial_fill" if execution.is_partial else "fill", order, execution)
        self._tell_group(order, shares)

    def _book(self, order: Order, shares: Decimal, price: Decimal, started: int) -> Execution:
        at_start = self.rules.fill_stamp == "bar_start"
        order.filled_at = started if at_start else self.time.now
        order.filled += shares
        order.filled_value += shares * price
        order.updated = self.time.tick()
        return Execution(
            id=self.book.new_id(),
            order_id=order.id,
            client_order_id=order.client_order_id,
            symbol=order.symbol,
            side=order.side,
            quantity=shares,
            price=price,
            cumulative=order.filled,
            leaves=order.remaining,
            filled_at=order.filled_at,
            booked_at=self.time.now,
            position_after=self.holdings.trade(order.symbol, shares * order.side.sign, price),
        )

    def _tell_group(self, order: Order, shares: Decimal) -> None:
        """Wake the legs of a complete entry; shrink or end the other half of an exit."""
        if order.role is Role.ENTRY:
            if order.status is Status.FILLED:
                self._wake(order.legs)
            return
        for sibling in order.group:
            if sibling is order or sibling.role is Role.ENTRY or not sibling.is_open:
                continue
            if order.status is Status.FILLED:
                self._cancel_now(sibling)
            else:
                sibling.quantity -= shares

    def _wake(self, legs: list[Order]) -> None:
        waiting = [leg for leg in legs if leg.status is Status.HELD]
        alone = len(waiting) == 1
        for leg in waiting:
            leg.armed, leg.live_from = True, self.time.now
            if alone or leg.role is Role.TAKE_PROFIT:  # a bracket's stop stays `held`
                self._begin(leg)

    def _begin(self, order: Order) -> None:
        order.status, order.updated = Status.NEW, self.time.tick()
        self.tell("new", order)

    # --- ended
    def request_cancel(self, order: Order) -> None:
        """Ask for the end of an order and of everything in its group that is still open."""
        self._end_group(order, self._request_one_cancel)

    def _request_one_cancel(self, order: Order) -> None:
        if order.status is Status.PENDING_CANCEL:
            return
        order.status = Status.PENDING_CANCEL
        order.cancel_requested_at = order.updated = self.time.tick()
        self.tell_rarely("pending_cancel", order)
        if not self.trouble.sticks(order):
            due = self._after(self.rules.cancel_after)
            self.agenda.add(due, partial(self.finish_cancel, order))

    def finish_cancel(self, order: Order) -> None:
        """Confirm a cancel, unless a fill was faster."""
        if order.status is Status.PENDING_CANCEL:
            self._cancel_now(order)

    def _cancel_now(self, order: Order) -> None:
        order.canceled_at = self._end(order, Status.CANCELED)
        self.tell("canceled", order)

    def expire(self, order: Order) -> None:
        """End an order whose time in force is over."""
        if order.is_open:
            order.expired_at = self._end(order, Status.EXPIRED)
            self.tell("expired", order)

    def end_replaced(self, old: Order, new: Order) -> None:
        """End an order in favour of another."""
        old.replaced_by = new.id
        old.replaced_at = self._end(old, Status.REPLACED)
        self.tell("replaced", old)

    def _end(self, order: Order, status: Status) -> int:
        order.status, order.armed = status, False
        order.updated = self.time.tick()
        self.book.close(order)
        return order.updated

    def _end_group(self, order: Order, end: Callable[[Order], None]) -> None:
        for member in order.group:
            if member.is_open:
                end(member)

    # --- told
    def tell(self, event: str, order: Order, execution: Execution | None = None) -> None:
        """Tell the listeners what happened."""
        moment = execution.filled_at if execution else self.time.tick()
        update = Update(event=event, order=order, moment=moment, execution=execution)
        for listener in self.listeners:
            listener(update)

    def tell_rarely(self, event: str, order: Order) -> None:
        """Tell what Alpaca only sometimes tells."""
        if self.rules.rare_events:
            self.tell(event, order)

    def _after(self, delay: timedelta) -> int:
        return self.time.now + span(delay)
