"""The simulated broker: the desk's view of the exchange, with a broker's checks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from engine.adapters.simulated.exchange import Exchange
from engine.adapters.simulated.ledger import Ledger
from engine.adapters.simulated.orders import ExchangeOrder
from engine.clock import Clock
from engine.errors import BrokerRejectedError
from engine.market_hours import MarketHours, Session
from models.broker import (
    AccountState,
    AttachedStop,
    BrokerOrder,
    Execution,
    Holding,
    Mark,
    OrderRequest,
)
from models.money import ZERO, exact
from models.vocabulary import OrderSide, OrderStatus, OrderType, Side

NO_TICK = Decimal(0)


@dataclass(frozen=True, slots=True)
class Fault:
    """Trouble asked for: `partial` (part filled first), `reject`, `delay` (seconds)."""

    kind: str
    amount: float


class SimulatedBroker:
    """Sends orders to the simulated exchange, played up to now before each answer."""

    name = "simulated"
    settles_after = timedelta(0)
    side_by_side = 1  # in the order of the ranks, the same in every replay

    def __init__(
        self,
        exchange: Exchange,
        ledger: Ledger,
        hours: MarketHours,
        clock: Clock,
        last_prices: Callable[[Sequence[str]], Mapping[str, Mark]],
    ) -> None:
        self.exchange = exchange
        self._ledger = ledger
        self._hours = hours
        self._clock = clock
        self._last_prices = last_prices

    def attaches(self, _side: Side, _stop_price: Decimal, _last: Mark | None) -> bool:
        """Say yes: this exchange takes every attached stop."""
        return True

    def clock_skew(self) -> timedelta:
        """Return nothing: the exchange goes by the desk's clock."""
        return timedelta(0)

    @property
    def guards_beside_entries(self) -> bool:
        """Say no: its cancels are confirmed at once, so nothing has to be bridged."""
        return False

    def gives_up_at(self, _side: Side, _stop_price: Decimal) -> Decimal | None:
        """Say that its stops always fill."""
        return None

    def keeps_stop_at(self, _side: Side, stop_price: Decimal) -> Decimal:
        """Return the price itself: it rounds nothing."""
        return stop_price

    def submit(self, request: OrderRequest) -> Sequence[BrokerOrder]:
        """Send an order; return it and its legs."""
        now = self._play()
        if self.exchange.order_of_client(request.client_order_id) is not None:
            raise BrokerRejectedError("duplicate", "client_order_id must be unique")
        fault = self._fault(request.symbol)
        if fault and fault.kind == "reject":
            raise BrokerRejectedError("simulated", "The simulated broker was asked to reject this.")
        self._check_position(request)
        self._check_buying_power(request)
        orders = self._new_orders(request, now, fault)
        self.exchange.accept(orders)
        return self._seen(orders)

    def cancel(self, broker_order_id: str) -> None:
        """Cancel an order at once; a finished one stays as it is."""
        now = self._play()
        order = self.exchange.order(broker_order_id)
        if order is not None and order.is_open:
            self.exchange.cancel(order, now)

    def find(self, client_order_id: str) -> Sequence[BrokerOrder]:
        """Look an order up by our id."""
        self._play()
        order = self.exchange.order_of_client(client_order_id)
        return self._seen(self.exchange.family(order)) if order else []

    def orders(self, broker_order_ids: Sequence[str]) -> Sequence[BrokerOrder]:
        """Return the present state of orders."""
        self._play()
        known = (self.exchange.order(order_id) for order_id in broker_order_ids)
        return self._seen(order for order in known if order is not None)

    def open_orders(self) -> Sequence[BrokerOrder]:
        """Return every order that can still trade."""
        self._play()
        return self._seen(self.exchange.open_orders())

    def executions(self, since: datetime) -> Sequence[Execution]:
        """Return the fills from a moment on, oldest first."""
        self._play()
        return self.exchange.executions(since)

    def holdings(self) -> Sequence[Holding]:
        """Return what the account holds now."""
        self._play()
        return [
            Holding(
                symbol=symbol,
                quantity=Decimal(quantity),
                average_price=exact(self.exchange.cost[symbol] / quantity),
            )
            for symbol, quantity in sorted(self.exchange.positions.items())
            if quantity
        ]

    def account(self) -> AccountState:
        """Return the account's money now, positions at their last price."""
        self._play()
        long_value, short_value = self._values()
        equity = self.exchange.till.cash + long_value + short_value
        free = self.exchange.till.multiplier * equity - long_value + short_value
        return AccountState(
            equity=equity,
            cash=self.exchange.till.cash,
            buying_power=max(ZERO, free - self._reserved()),
            long_value=long_value,
            short_value=short_value,
        )

    def _play(self) -> datetime:
        now = self._clock.now()
        if now > self.exchange.played_until:
            self.exchange.play(now)
        return now

    def _seen(self, orders: Iterable[ExchangeOrder]) -> list[BrokerOrder]:
        now = self._clock.now()
        return [order.seen_by(now) for order in orders]

    def _fault(self, symbol: str) -> Fault | None:
        if not self._ledger.has_faults():
            return None
        found = self._ledger.take_fault(symbol)
        return Fault(*found) if found else None

    def _check_position(self, request: OrderRequest) -> None:
        """Refuse to close more than is held and not already promised to other orders."""
        held = self.exchange.positions.get(request.symbol, 0)
        if held * request.side.sign >= 0:
            return
        promised = sum(
            order.remaining
            for order in self.exchange.open_orders()
            if order.symbol == request.symbol and order.side is request.side
        )
        if request.quantity > abs(held) - promised:
            raise BrokerRejectedError(
                "held_quantity",
                f"insufficient qty available for order (requested: {request.quantity}, "
                f"available: {abs(held) - promised})",
            )

    def _check_buying_power(self, request: OrderRequest) -> None:
        held = self.exchange.positions.get(request.symbol, 0)
        if held * request.side.sign < 0:
            return  # it closes
        price = request.limit_price or request.stop_price or self._price(request.symbol)
        if request.quantity * price > self.account().buying_power:
            raise BrokerRejectedError("buying_power", "insufficient buying power")

    def _reserved(self) -> Decimal:
        """Return what the open orders that would open positions hold back."""
        total = ZERO
        for order in self.exchange.open_orders():
            held = self.exchange.positions.get(order.symbol, 0)
            if order.parent_id is None and held * order.side.sign >= 0:
                total += order.remaining * (order.reserve_price or self._price(order.symbol))
        return total

    def _price(self, symbol: str) -> Decimal:
        mark = self._last_prices([symbol]).get(symbol)
        return mark.price if mark else ZERO

    def _values(self) -> tuple[Decimal, Decimal]:
        held = {symbol: q for symbol, q in self.exchange.positions.items() if q}
        marks = self._last_prices(list(held))
        values = [
            quantity * (marks[symbol].price if symbol in marks else ZERO)
            for symbol, quantity in held.items()
        ]
        return sum((v for v in values if v > 0), ZERO), sum((v for v in values if v < 0), ZERO)

    def _new_orders(
        self, request: OrderRequest, now: datetime, fault: Fault | None
    ) -> list[ExchangeOrder]:
        delay = timedelta(seconds=fault.amount) if fault and fault.kind == "delay" else timedelta()
        order = self._order(
            request.client_order_id, request, self._trading_day(now), live_at=now + delay
        )
        if fault and fault.kind == "partial":
            order.first_fill = fault.amount
        if request.attached_stop is None:
            return [order]
        return [order, self._leg(order, request.attached_stop)]

    def _order(
        self, client_order_id: str, request: OrderRequest, session: Session, *, live_at: datetime
    ) -> ExchangeOrder:
        number = self.exchange.take_number()
        return ExchangeOrder(
            id=f"sim-{number}",
            number=number,
            client_order_id=client_order_id,
            parent_id=None,
            session=session.day,
            symbol=request.symbol,
            side=request.side,
            type=request.type,
            quantity=request.quantity,
            filled_quantity=0,
            stop_price=request.stop_price,
            limit_price=request.limit_price,
            stop_offset=None,
            stop_tick=NO_TICK,
            triggered=False,
            status=OrderStatus.WORKING,
            reason=None,
            live_at=live_at,
            updated_at=live_at,
        )

    def _leg(self, entry: ExchangeOrder, stop: AttachedStop) -> ExchangeOrder:
        number = self.exchange.take_number()
        side = OrderSide(entry.side.opposite)
        return ExchangeOrder(
            id=f"sim-{number}",
            number=number,
            client_order_id=stop.client_order_id,
            parent_id=entry.id,
            session=entry.session,
            symbol=entry.symbol,
            side=side,
            type=OrderType.STOP,
            quantity=entry.quantity,
            filled_quantity=0,
            stop_price=stop.stop_price,
            limit_price=None,
            stop_offset=stop.offset,
            stop_tick=stop.tick_size,
            triggered=False,
            status=OrderStatus.HELD,
            reason=None,
            live_at=entry.live_at,
            updated_at=entry.updated_at,
        )

    def _trading_day(self, now: datetime) -> Session:
        """Return the session that an order of now belongs to: today's, or the next one's."""
        today = self._hours.session_at(now)
        return today if today and now < today.closes_at else self._hours.next_open(now)
