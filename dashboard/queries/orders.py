"""Orders that can still trade and trades that are finished, as the feed tells of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from engine.desk import Desk
from models.statuses import OPEN_ORDER_STATUSES
from models.trading import Order, Trade
from models.vocabulary import ExitReason, OrderPurpose, OrderSide, OrderStatus, OrderType, Side


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRow:
    """One open order."""

    id: int
    client_order_id: str
    symbol: str
    purpose: OrderPurpose
    side: OrderSide
    type: OrderType
    quantity: int
    filled_quantity: int
    stop_price: Decimal | None
    limit_price: Decimal | None
    status: OrderStatus
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeRow:
    """One finished round trip."""

    id: int
    symbol: str
    side: Side
    quantity: int
    entry_price: Decimal
    exit_price: Decimal | None
    exit_reason: ExitReason | None
    pnl: Decimal
    opened_at: datetime
    closed_at: datetime | None


def open_orders(tx: Transaction, desk: Desk) -> list[OrderRow]:
    """Return the orders that can still trade."""
    chosen = select(Order).where(
        Order.status.in_(OPEN_ORDER_STATUSES), Order.account == desk.account
    )
    return [_order(row) for row in tx.scalars(chosen.order_by(Order.id))]


def trade_rows(closed: Sequence[Trade]) -> list[TradeRow]:
    """Return a row for each finished trade."""
    return [_trade(row) for row in closed]


def _order(row: Order) -> OrderRow:
    return OrderRow(
        id=row.id,
        client_order_id=row.client_order_id,
        symbol=row.symbol,
        purpose=row.purpose,
        side=row.side,
        type=row.type,
        quantity=row.quantity,
        filled_quantity=row.filled_quantity,
        stop_price=row.stop_price,
        limit_price=row.limit_price,
        status=row.status,
        updated_at=row.updated_at,
    )


def _trade(row: Trade) -> TradeRow:
    return TradeRow(
        id=row.id,
        symbol=row.symbol,
        side=row.side,
        quantity=row.quantity,
        entry_price=row.entry_price,
        exit_price=row.exit_price,
        exit_reason=row.exit_reason,
        pnl=row.pnl,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
    )
