"""An exchange whose bars are written down in the test, and orders to send to it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from engine.adapters.simulated.broker import SimulatedBroker
from engine.adapters.simulated.exchange import Exchange
from engine.adapters.simulated.ledger import Ledger
from engine.clock import DrivenClock
from engine.market_hours import MarketHours, Session
from models.broker import AttachedStop, BrokerOrder, Execution, Mark, OrderRequest
from models.database import Database
from models.market import Bar, BarColumns, bar_columns
from models.simulation import SimulatedFault
from models.vocabulary import Intrabar, OrderSide, OrderStatus, OrderType

HOURS = MarketHours()
FRIDAY = date(2026, 11, 20)
ACCOUNT = "simulated"
Prices = tuple[float, float, float, float]  # open, high, low, close

BUY, SELL = OrderSide.BUY, OrderSide.SELL
MARKET, LIMIT = OrderType.MARKET, OrderType.LIMIT
STOP, STOP_LIMIT = OrderType.STOP, OrderType.STOP_LIMIT


def session_of(day: date) -> Session:
    session = HOURS.session_on(day)
    assert session is not None
    return session


SESSION = session_of(FRIDAY)


def minute(number: float) -> datetime:
    """Minutes after Friday's open."""
    return SESSION.opens_at + timedelta(minutes=number)


def money(amount: float | None) -> Decimal | None:
    return None if amount is None else Decimal(str(amount))


def bars_of(prices: dict[int, Prices], session: Session = SESSION) -> BarColumns:
    rows = []
    for number, row in sorted(prices.items()):
        open_, high, low, close = (Decimal(str(price)) for price in row)
        start = session.opens_at + timedelta(minutes=number)
        rows.append(Bar(start=start, open=open_, high=high, low=low, close=close, volume=100))
    return bar_columns(rows)


class Tape:
    """Bars by symbol, all of them in one go."""

    def __init__(self, bars: dict[str, BarColumns]) -> None:
        self.bars = bars

    def session_bars(self, symbol: str, session: Session) -> BarColumns:
        every = self.bars.get(symbol, bar_columns([]))
        return every.between(session.opens_at, session.closes_at)


class Floor:
    """An exchange with its broker and clock, opened on a database (again and again)."""

    def __init__(
        self,
        db: Database,
        bars: dict[str, BarColumns],
        now: datetime,
        intrabar: Intrabar = Intrabar.CONSERVATIVE,
    ) -> None:
        self.db = db
        self.tape = Tape(bars)
        self.clock = DrivenClock(now)
        ledger = Ledger(db, ACCOUNT)
        self.exchange = Exchange(ledger, self.tape, HOURS, starts_at=now, intrabar=intrabar)
        self.broker = SimulatedBroker(self.exchange, ledger, HOURS, self.clock, self.marks)

    def figures(self, *names: str) -> list[float]:
        """Amounts of the account by name."""
        account = self.broker.account()
        return [float(getattr(account, name)) for name in names]

    def marks(self, symbols: Sequence[str]) -> dict[str, Mark]:
        """The last close of each symbol by the clock."""
        found = {}
        for symbol in symbols:
            past = self.tape.bars[symbol].closed_by(self.clock.now())
            if len(past):
                last = past.at(len(past) - 1)
                found[symbol] = Mark(symbol=symbol, price=last.close, at=last.start)
        return found

    def send(
        self,
        side: OrderSide,
        type_: OrderType,
        quantity: int = 100,
        *,
        symbol: str = "AAA",
        leg: AttachedStop | None = None,
        **levels: float | None,
    ) -> BrokerOrder:
        """Send an order; `levels` are its `stop` and `limit`."""
        answers = self.broker.submit(
            OrderRequest(
                client_order_id=f"order-{self.exchange.till.next_number}",
                symbol=symbol,
                side=side,
                quantity=quantity,
                type=type_,
                stop_price=money(levels.get("stop")),
                limit_price=money(levels.get("limit")),
                attached_stop=leg,
            )
        )
        return answers[0]

    def at(self, moment: datetime | float) -> Floor:
        """Go to a moment (or minute of Friday) and let the bars until then act."""
        self.clock.advance_to(moment if isinstance(moment, datetime) else minute(moment))
        self.broker.open_orders()
        return self

    @property
    def fills(self) -> list[Execution]:
        return list(self.broker.executions(SESSION.opens_at - timedelta(days=30)))

    @property
    def deals(self) -> list[tuple[str, int, float, datetime]]:
        """What was traded: side, shares, price and start of the bar."""
        return [(str(f.side), f.quantity, float(f.price), f.filled_at) for f in self.fills]

    def status(self, order: BrokerOrder) -> OrderStatus:
        return self.state(order).status

    def state(self, order: BrokerOrder) -> BrokerOrder:
        (found,) = [
            o for o in self.broker.find(order.client_order_id) if o.parent_id == order.parent_id
        ]
        return found

    def holding(self, symbol: str = "AAA") -> tuple[int, float] | None:
        held = {h.symbol: (int(h.quantity), float(h.average_price)) for h in self.broker.holdings()}
        return held.get(symbol)

    def ask_for(self, kind: str, amount: float = 0.0, symbol: str = "AAA") -> None:
        """Ask the exchange for trouble with the next order of a symbol."""
        with self.db.write() as tx:
            tx.add(SimulatedFault(account=ACCOUNT, symbol=symbol, kind=kind, amount=amount))


def stop_leg(stop: float, offset: float, tick: str = "0.01") -> AttachedStop:
    return AttachedStop(
        client_order_id=f"leg-of-{stop}",
        stop_price=Decimal(str(stop)),
        offset=Decimal(str(offset)),
        tick_size=Decimal(tick),
    )
