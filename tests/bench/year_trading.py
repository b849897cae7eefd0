"""A year of invented trading: signals, and the orders, fills and round trips they became.

Everything follows from one seed. Money is in whole millionths, as the bulk writer takes it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from engine.market_hours import Session
from models.vocabulary import (
    ExitReason,
    OrderClass,
    OrderPurpose,
    OrderStatus,
    OrderType,
    Side,
    SignalStatus,
    TradeStatus,
)
from tests.bench.invented_market import symbols_of

ACCOUNT, FEED = "simulated", "recorded"
SYMBOLS = symbols_of(400)
SIGNALS_A_DAY, TRADES_A_DAY, OPEN_NOW = 25, 20, 5
Row = dict[str, Any]

REFUSALS = (
    (SignalStatus.REFUSED, "max_positions", "5 positions are open: no more are allowed"),
    (SignalStatus.REFUSED, "buying_power", "the buying power is not enough for one share"),
    (SignalStatus.REJECTED, "insufficient_buying_power", "insufficient buying power"),
    (SignalStatus.CANCELLED, None, None),
    (SignalStatus.EXPIRED, None, None),
)


@dataclass(frozen=True)
class Plan:
    """One signal and, if `trade` is set, the round trip it became. Orders count three by three."""

    id: int
    session: Session
    rank: int
    symbol: str
    side: Side
    rvol: float
    level: int
    distance: int
    quantity: int
    opened_at: datetime
    closed_at: datetime | None
    pnl: int
    trade: int | None

    @property
    def reason(self) -> ExitReason | None:
        if self.trade is None or self.closed_at is None:
            return None
        return ExitReason.STOP if self.pnl < 0 else ExitReason.FLATTEN

    @property
    def exit_price(self) -> int:
        return self.level + self.side.sign * self.pnl // self.quantity


def plans(sessions: Sequence[Session]) -> list[Plan]:
    """Invent the signals; in the last session a few trades are still open."""
    random = np.random.default_rng(1)
    made: list[Plan] = []
    for day, session in enumerate(sessions):
        chosen = random.permutation(len(SYMBOLS))[:SIGNALS_A_DAY]
        is_last = session is sessions[-1]
        for at, symbol in enumerate(chosen):
            made.append(_plan(random, (day, session), at, SYMBOLS[symbol], is_last=is_last))
    return made


def _plan(
    random: np.random.Generator, on: tuple[int, Session], at: int, symbol: str, *, is_last: bool
) -> Plan:
    (day, session), traded = on, at < TRADES_A_DAY
    distance = int(random.integers(20, 200)) * 10_000
    quantity = int(random.integers(20, 900))
    opened = session.scan_at + timedelta(seconds=int(random.integers(5, 900)))
    won = random.random() < 0.38
    held = 1_200 if is_last or not won else int((session.flatten_at - opened).total_seconds())
    r = random.exponential(1.9) if won else -1.05
    is_open = is_last and TRADES_A_DAY - OPEN_NOW <= at < TRADES_A_DAY
    return Plan(
        id=day * SIGNALS_A_DAY + at + 1,
        session=session,
        rank=at + 1,
        symbol=symbol,
        side=Side.LONG if random.random() < 0.55 else Side.SHORT,
        rvol=round(float(12 / (1 + at * 0.3) + random.random()), 2),
        level=int(random.integers(2_000, 30_000)) * 10_000,
        distance=distance,
        quantity=quantity,
        opened_at=opened,
        closed_at=None if is_open or not traded else opened + timedelta(seconds=held),
        pnl=0 if is_open else int(r * distance * quantity) // 10_000 * 10_000,
        trade=day * TRADES_A_DAY + at + 1 if traded else None,
    )


# ------------------------------------------------------------------------ signal, trade
def signal(plan: Plan) -> Row:
    """Return a signal's row."""
    status, code, sentence = SignalStatus.FILLED, None, None
    if plan.trade is None:
        status, code, sentence = REFUSALS[plan.id % len(REFUSALS)]
    return {
        **_common(plan, plan.id),
        "side": plan.side,
        "rank": plan.rank,
        "rvol": plan.rvol,
        "confidence": round(1 - plan.rank / 50, 2),
        "entry_level": plan.level,
        "stop_distance": plan.distance,
        "planned_stop": plan.level - plan.side.sign * plan.distance,
        "quantity": plan.quantity,
        "status": status,
        "code": code,
        "sentence": sentence,
        "late": False,
        "feed": FEED,
        "strategy_version": 1,
        "risk_version": 1,
        "correlation_id": f"scan-{plan.session.day}",
        "created_at": plan.session.scan_at,
        "updated_at": plan.opened_at,
    }


def trade(plan: Plan) -> Row:
    """Return the row of a round trip."""
    is_open = plan.closed_at is None
    return {
        **_common(plan, plan.trade or 0),
        "attempt": 1,
        "signal_id": plan.id,
        "side": plan.side,
        "status": TradeStatus.OPEN if is_open else TradeStatus.CLOSED,
        "rank": plan.rank,
        "rvol": plan.rvol,
        "entry_level": plan.level,
        "stop_distance": plan.distance,
        "stop_price": plan.level - plan.side.sign * plan.distance,
        "quantity": plan.quantity,
        "open_quantity": plan.quantity if is_open else 0,
        "entry_price": plan.level,
        "exit_price": None if is_open else plan.exit_price,
        "pnl": plan.pnl,
        "exit_reason": plan.reason,
        "opened_at": plan.opened_at,
        "closed_at": plan.closed_at,
        "naked_since": None,
        "naked_seconds": (plan.id % 9) / 10,
    }


def _common(plan: Plan, id_: int) -> Row:
    day = plan.session.day
    return {"id": id_, "account": ACCOUNT, "session": day, "symbol": plan.symbol}


# ------------------------------------------------------------------------ orders, fills
STOP_STATUS = {
    None: OrderStatus.WORKING,
    ExitReason.STOP: OrderStatus.FILLED,
    ExitReason.FLATTEN: OrderStatus.CANCELLED,
}


def orders(plan: Plan) -> Iterator[Row]:
    """Return an entry; of a trade its stop too, and the exit that flattened it."""
    yield _order(plan, OrderPurpose.ENTRY, _entry_status(plan))
    if plan.trade is None:
        return
    yield _order(plan, OrderPurpose.STOP, STOP_STATUS[plan.reason])
    if plan.reason is ExitReason.FLATTEN:
        yield _order(plan, OrderPurpose.EXIT, OrderStatus.FILLED)


def fills(plan: Plan) -> Iterator[Row]:
    """Return the executions of a round trip."""
    if plan.trade is not None:
        yield _fill(plan, OrderPurpose.ENTRY, plan.level, plan.opened_at)
    if plan.closed_at is not None:
        by = OrderPurpose.STOP if plan.reason is ExitReason.STOP else OrderPurpose.EXIT
        yield _fill(plan, by, plan.exit_price, plan.closed_at)


def _entry_status(plan: Plan) -> OrderStatus:
    if plan.trade is not None:
        return OrderStatus.FILLED
    return OrderStatus(REFUSALS[plan.id % len(REFUSALS)][0].value)


def _order_id(plan: Plan, purpose: OrderPurpose) -> int:
    return plan.id * 3 - 2 + list(OrderPurpose).index(purpose)


def _order(plan: Plan, purpose: OrderPurpose, status: OrderStatus) -> Row:
    is_entry = purpose is OrderPurpose.ENTRY
    sent = plan.session.scan_at + timedelta(milliseconds=180 + plan.id % 300)
    ended = plan.opened_at if is_entry else plan.closed_at or plan.opened_at
    name = f"orb-{plan.session.day:%Y%m%d}-{plan.symbol}-{purpose}-1"
    return {
        **_common(plan, _order_id(plan, purpose)),
        "client_order_id": name,
        "broker_order_id": f"B{_order_id(plan, purpose)}",
        "purpose": purpose,
        "attempt": 1,
        "side": plan.side.entry if is_entry else plan.side.exit,
        "type": OrderType.MARKET if purpose is OrderPurpose.EXIT else OrderType.STOP,
        "order_class": OrderClass.SIMPLE,
        "quantity": plan.quantity,
        "filled_quantity": plan.quantity if status is OrderStatus.FILLED else 0,
        "stop_price": plan.level if is_entry else plan.level - plan.side.sign * plan.distance,
        "stop_offset": None,
        "tick_size": 10_000,
        "limit_price": None,
        "status": status,
        "exit_reason": None if is_entry else plan.reason,
        "code": None,
        "sentence": None,
        "parent_id": None,
        "signal_id": plan.id if is_entry else None,
        "trade_id": plan.trade,
        "fence": 1,
        "correlation_id": f"scan-{plan.session.day}",
        "intended_at": sent - timedelta(milliseconds=60) if is_entry else plan.opened_at,
        "submitted_at": sent if is_entry else plan.opened_at,
        "answered_at": (sent if is_entry else plan.opened_at) + timedelta(milliseconds=35),
        "updated_at": ended,
    }


def _fill(plan: Plan, purpose: OrderPurpose, price: int, at: datetime) -> Row:
    order = _order_id(plan, purpose)
    return {
        **_common(plan, order),
        "execution_id": f"E{order}",
        "order_id": order,
        "side": plan.side.entry if purpose is OrderPurpose.ENTRY else plan.side.exit,
        "quantity": plan.quantity,
        "price": price,
        "filled_at": at,
        "recorded_at": at + timedelta(milliseconds=120),
    }
