"""Turning a request into orders: the order itself and the legs that come with it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from models.vocabulary import OrderType
from tests.local_alpaca.exchange_time import ExchangeTime
from tests.local_alpaca.moments import DAY, nanoseconds
from tests.local_alpaca.order_book import OrderBook
from tests.local_alpaca.order_request import OrderRequest
from tests.local_alpaca.orders import Order, OrderClass, Role, Status
from tests.local_alpaca.played_market import PlayedMarket

GTC_DAYS = 90


@dataclass(frozen=True, slots=True)
class OrderMaker:
    """Gives new orders their ids, times and legs."""

    book: OrderBook
    time: ExchangeTime
    market: PlayedMarket

    def make(self, request: OrderRequest, *, opens: bool) -> Order:
        """Return the order that a request asks for, its legs held."""
        order = self._order(request, opens=opens)
        if request.order_class:
            order.group_id = self.book.new_id()
            is_oco = request.order_class is OrderClass.OCO
            order.role = Role.TAKE_PROFIT if is_oco else Role.ENTRY
            if is_oco:  # the order itself takes the profit
                order.limit_price = request.limit_price or request.take_profit
            order.legs = self._legs(order, request, is_oco=is_oco)
        return order

    def heir(self, old: Order, changes: OrderRequest, client_id: str | None) -> Order:
        """Return the order that replaces another: its place in the group, its shares left."""
        new = self._order(replace(changes, client_order_id=client_id), opens=old.opens_position)
        new.order_class, new.group_id, new.role = old.order_class, old.group_id, old.role
        new.parent, new.replaces = old.parent, old.id
        new.quantity = changes.quantity - old.filled
        return new

    def _order(self, request: OrderRequest, *, opens: bool) -> Order:
        is_open = self.market.is_open(self.time.now)
        session = self.market.trading_session(self.time.now)
        created = self.time.tick()
        closes = nanoseconds(session.closes_at)
        order_id = self.book.new_id()
        return Order(
            number=created,
            id=order_id,
            client_order_id=request.client_order_id or self.book.new_id(),
            symbol=request.symbol,
            side=request.side,
            type=request.type,
            quantity=request.quantity,
            time_in_force=request.time_in_force,
            created=created,
            updated=created,
            live_from=self.time.now if is_open else nanoseconds(session.opens_at),
            expires=closes if request.time_in_force == "day" else closes + GTC_DAYS * DAY,
            opens_position=opens,
            limit_price=request.limit_price,
            stop_price=request.stop_price,
            order_class=request.order_class,
            status=Status.PENDING_NEW if is_open else Status.ACCEPTED,
        )

    def _legs(self, order: Order, request: OrderRequest, *, is_oco: bool) -> list[Order]:
        legs = []
        if request.take_profit is not None and not is_oco:
            legs.append(self._leg(order, Role.TAKE_PROFIT, limit=request.take_profit))
        if request.stop_loss is not None:
            limit = request.stop_loss_limit
            legs.append(self._leg(order, Role.STOP_LOSS, limit=limit, stop=request.stop_loss))
        return legs

    def _leg(
        self, order: Order, role: Role, *, limit: Decimal | None, stop: Decimal | None = None
    ) -> Order:
        is_oco = order.order_class is OrderClass.OCO
        request = OrderRequest(
            symbol=order.symbol,
            side=order.side if is_oco else order.side.opposite,
            type=_type_of(limit, stop),
            quantity=order.quantity,
            time_in_force=order.time_in_force,
            order_class=order.order_class,
            limit_price=limit,
            stop_price=stop,
        )
        leg = self._order(request, opens=False)
        leg.status, leg.role, leg.parent, leg.group_id = Status.HELD, role, order, order.group_id
        return leg


def _type_of(limit: Decimal | None, stop: Decimal | None) -> OrderType:
    if stop is None:
        return OrderType.LIMIT
    return OrderType.STOP if limit is None else OrderType.STOP_LIMIT
