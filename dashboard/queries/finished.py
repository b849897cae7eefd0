"""Finished trades as columns: a year of them is taken apart faster than one could blink."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from sqlalchemy import Select, String, select, type_coerce
from sqlalchemy.orm import Session as Transaction

from dashboard.queries.history import closed_only
from dashboard.queries.trades import TradeFilter, matching
from engine.desk import Desk
from models.bulk import as_micros, as_seconds
from models.market import Floats
from models.trading import Trade
from models.vocabulary import Side

MICROS = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """Trades as columns of one length. Money is in millionths, NaN where it is not known."""

    symbols: Sequence[str]
    sides: Sequence[str]
    sessions: Sequence[date]
    exit_reasons: Sequence[str | None]
    rvol: Floats
    opened_at: Floats  # epoch seconds
    naked_seconds: Floats
    quantity: Floats
    pnl: Floats
    stop_distance: Floats
    entry_level: Floats
    entry_price: Floats
    stop_price: Floats
    exit_price: Floats

    def __len__(self) -> int:
        """Return the number of trades."""
        return len(self.symbols)

    @property
    def signs(self) -> Floats:
        """Return 1 for each long trade and -1 for each short one."""
        long = Side.LONG.value
        return np.array([1.0 if side == long else -1.0 for side in self.sides])

    @property
    def multiples(self) -> Floats:
        """Return each P&L as a multiple of what the stop would have cost."""
        risk = self.stop_distance * self.quantity
        return parts(self.pnl, risk)


def finished(tx: Transaction, desk: Desk, wanted: TradeFilter) -> Finished:
    """Return a filter's finished trades, the oldest first."""
    chosen = (
        select(*_texts(), *_numbers(tx))
        .where(*matching(desk, closed_only(wanted)))
        .order_by(Trade.id)
    )
    columns = columns_of(tx, chosen) or [()] * 14
    texts, numbers = columns[:4], [np.array(column, dtype=float) for column in columns[4:]]
    symbols, sides, sessions, exit_reasons = texts
    rvol, opened, naked, quantity, pnl, distance, level, entry, stop, exit_ = numbers
    return Finished(
        symbols=symbols,
        sides=sides,
        sessions=sessions,
        exit_reasons=exit_reasons,
        rvol=rvol,
        opened_at=opened,
        naked_seconds=naked,
        quantity=quantity,
        pnl=pnl,
        stop_distance=distance,
        entry_level=level,
        entry_price=entry,
        stop_price=stop,
        exit_price=exit_,
    )


def columns_of(tx: Transaction, chosen: Select[*tuple[Any, ...]]) -> list[Sequence[Any]]:
    """Return rows as columns, none where there are no rows; an object for each row takes longer."""
    return list(zip(*tx.connection().execute(chosen), strict=True))


def parts(amounts: Floats, wholes: Floats) -> Floats:
    """Return each amount as a part of its whole, NaN where there is none."""
    found: Floats = np.full(len(amounts), np.nan)
    return np.divide(amounts, wholes, out=found, where=wholes > 0)


def _texts() -> tuple[Any, ...]:
    words = (type_coerce(column, String) for column in (Trade.side, Trade.exit_reason))
    side, reason = words
    return Trade.symbol, side, Trade.session, reason


def _numbers(tx: Transaction) -> tuple[Any, ...]:
    money = (Trade.pnl, Trade.stop_distance, Trade.entry_level)
    prices = (Trade.entry_price, Trade.stop_price, Trade.exit_price)
    amounts = (as_micros(tx, column) for column in (*money, *prices))
    opened = as_seconds(tx, Trade.opened_at)
    return Trade.rvol, opened, Trade.naked_seconds, Trade.quantity, *amounts
