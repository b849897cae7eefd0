"""The account now, and its P&L in the course of the session."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from engine.actions.trading_settings import settings_in_force
from engine.desk import Desk
from models.accounts import AccountNow, AccountSnapshot
from models.money import ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountView:
    """The account strip."""

    at: datetime
    session: date | None  # that the day's P&L is of; None where nothing is traded today
    equity: Decimal
    cash: Decimal
    buying_power: Decimal
    day_pnl: Decimal
    day_return: Decimal  # part of the equity at the open
    leverage: Decimal  # gross value / equity
    leverage_limit: Decimal  # of the risk settings in force


@dataclass(frozen=True, slots=True)
class PnlPoint:
    """The day's P&L at one moment."""

    at: datetime
    pnl: Decimal


def account_view(tx: Transaction, desk: Desk) -> AccountView | None:
    """Return the account as last seen at the broker, None before it was first seen."""
    now = tx.get(AccountNow, desk.account)
    if now is None:
        return None
    # Without a session today the last one's gain is not the day's.
    day_pnl = now.equity - now.starting_equity if now.session else ZERO
    return AccountView(
        at=now.at,
        session=now.session,
        equity=now.equity,
        cash=now.cash,
        buying_power=now.buying_power,
        day_pnl=day_pnl,
        day_return=_part(day_pnl, now.starting_equity, places=5),
        leverage=_part(now.long_value + abs(now.short_value), now.equity, places=2),
        leverage_limit=settings_in_force(tx).risk.max_leverage,
    )


def pnl_points(
    tx: Transaction, desk: Desk, session: date, after: datetime | None = None
) -> Sequence[PnlPoint]:
    """Return the stored points of a session's P&L line, oldest first; those after a moment."""
    stored = select(AccountSnapshot.at, AccountSnapshot.day_pnl).where(
        AccountSnapshot.account == desk.account, AccountSnapshot.session == session
    )
    if after is not None:
        stored = stored.where(AccountSnapshot.at > after)
    points = tx.execute(stored.order_by(AccountSnapshot.at))
    return [PnlPoint(at, pnl) for at, pnl in points]


def _part(amount: Decimal, whole: Decimal, places: int) -> Decimal:
    return round(amount / whole, places) if whole else ZERO
