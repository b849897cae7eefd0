"""What programs read of orders, fills, trades and the rest: whole rows, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from models.vocabulary import (
    CommandKind,
    CommandStatus,
    ExitReason,
    OrderPurpose,
    OrderSide,
    OrderStatus,
    OrderType,
    Outcome,
    RvolBasis,
    SettingsKind,
    Side,
    SignalStatus,
    TradeStatus,
    Way,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRecord:
    """One order, from its intent to its end."""

    id: int
    client_order_id: str
    broker_order_id: str | None
    session: date
    symbol: str
    purpose: OrderPurpose
    side: OrderSide
    type: OrderType
    quantity: int
    filled_quantity: int
    stop_price: Decimal | None
    limit_price: Decimal | None
    status: OrderStatus
    code: str | None
    sentence: str | None
    signal_id: int | None
    trade_id: int | None
    strategy_version: int | None  # what it was decided by; None: not known, or not by the desk
    risk_version: int | None
    correlation_id: str
    intended_at: datetime
    submitted_at: datetime | None
    answered_at: datetime | None
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FillRecord:
    """One execution."""

    id: int
    execution_id: str
    order_id: int
    session: date
    symbol: str
    side: OrderSide
    quantity: int
    price: Decimal
    filled_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeRecord:
    """One round trip, open or closed."""

    id: int
    session: date
    symbol: str
    side: Side
    status: TradeStatus
    signal_id: int | None
    rank: int | None
    rvol: float | None
    entry_level: Decimal | None
    stop_distance: Decimal | None
    stop_price: Decimal | None
    quantity: int
    open_quantity: int
    entry_price: Decimal
    exit_price: Decimal | None
    pnl: Decimal
    exit_reason: ExitReason | None
    opened_at: datetime
    closed_at: datetime | None
    naked_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalRecord:
    """One signal."""

    id: int
    session: date
    symbol: str
    side: Side
    rank: int
    rvol: float
    confidence: float
    entry_level: Decimal
    stop_distance: Decimal
    planned_stop: Decimal
    quantity: int
    status: SignalStatus
    code: str | None
    sentence: str | None
    late: bool
    feed: str
    strategy_version: int
    risk_version: int
    correlation_id: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotRecord:
    """The account at one moment."""

    at: datetime
    session: date
    equity: Decimal
    cash: Decimal
    buying_power: Decimal
    day_pnl: Decimal
    open_positions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionPoint:
    """One position at one moment."""

    at: datetime
    quantity: int
    price: Decimal
    stop_price: Decimal | None
    unrealised: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRecord:
    """What one session came to."""

    session: date
    starting_equity: Decimal
    ending_equity: Decimal
    pnl: Decimal
    residual: Decimal
    trades: int
    winners: int
    losers: int
    max_drawdown: Decimal
    signals: int
    naked_seconds: float
    flat: bool
    flat_at: datetime | None
    reconciled: bool
    closed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UniverseRecord:
    """One symbol's numbers for one session."""

    session: date
    symbol: str
    last_close: Decimal | None
    atr14: Decimal | None
    avg_volume14: float | None
    mean_opening_volume14: float | None
    tradable: bool
    shortable: bool
    failed: Sequence[str]
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateRecord:
    """One symbol's opening range and what the filters said of it."""

    session: date
    symbol: str
    rank: int | None
    direction: int
    rvol: float | None
    rvol_basis: RvolBasis | None
    atr14: Decimal | None
    open: Decimal | None
    high: Decimal | None
    low: Decimal | None
    close: Decimal | None
    volume: int
    entry_level: Decimal | None
    stop_distance: Decimal | None
    passed: bool
    failed: Sequence[str]
    feed: str
    scanned_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandRecord:
    """One thing a person asked the engine for, and its answer."""

    id: int
    kind: CommandKind
    body: dict[str, Any]
    status: CommandStatus
    actor: str
    reason: str
    answer: str | None
    correlation_id: str
    requested_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsRecord:
    """One version of the strategy or risk settings."""

    kind: SettingsKind
    version: int
    body: dict[str, Any]
    actor: str
    reason: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRecord:
    """What somebody did or was refused."""

    seq: int
    at: datetime
    actor: str
    role: str
    way: Way
    address: str
    action: str
    target: str
    reason: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    outcome: Outcome
    sentence: str | None
    correlation_id: str
    hash: str
