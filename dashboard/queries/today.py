"""What the session has come to so far, from the desk's own fills."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from engine.desk import Desk
from models.money import ZERO
from models.trading import Trade
from models.vocabulary import TradeStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class TodayView:
    """Today's finished trades, and what all trades have realised."""

    session: date | None
    realised: Decimal  # also by the part of an open trade that was left
    trades: int
    winners: int
    losers: int
    win_rate: float | None  # None before the first finished trade


def closed_trades(tx: Transaction, desk: Desk, session: date | None) -> Sequence[Trade]:
    """Return a session's finished trades, newest first."""
    if session is None:
        return []
    chosen = select(Trade).where(
        Trade.session == session,
        Trade.account == desk.account,
        Trade.status == TradeStatus.CLOSED,
    )
    return tx.scalars(chosen.order_by(Trade.closed_at.desc())).all()


def today_view(session: date | None, closed: Sequence[Trade], open_: Sequence[Trade]) -> TodayView:
    """Count the finished trades; with what is unrealised, `realised` is the day's P&L."""
    winners = sum(trade.pnl > 0 for trade in closed)
    return TodayView(
        session=session,
        realised=sum((trade.pnl for trade in (*closed, *open_)), ZERO),
        trades=len(closed),
        winners=winners,
        losers=sum(trade.pnl < 0 for trade in closed),
        win_rate=winners / len(closed) if closed else None,
    )
