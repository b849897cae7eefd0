"""One symbol in one session: the days before, its numbers, its opening range, what became of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import numpy as np
from sqlalchemy import and_, select
from sqlalchemy.orm import Session as Transaction

from dashboard.queries.pages import record_of
from dashboard.queries.records import CandidateRecord, SignalRecord
from dashboard.queries.scanner_lists import FindingFilter, FindingLine, Part, finding_lines
from dashboard.queries.signals import range_record, signal_record
from engine.desk import Desk
from engine.rules.daily_numbers import SESSIONS_NEEDED
from engine.rules.splits import on_the_scale_of
from models.market import DailyColumns, Split
from models.market_data import Asset, DailyBar, OpeningRange, SplitRow, UniverseRow
from models.money import to_micros
from models.people import SettingsVersion
from models.trading import Signal, Trade
from models.trading_settings import StrategySettings
from models.vocabulary import SettingsKind

PRICES = ("open", "high", "low", "close")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedAs:
    """What the broker's list says of a symbol."""

    name: str
    exchange: str
    tradable: bool
    shortable: bool
    borrow_status: str
    listed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """What was known of it before the open."""

    last_close: Decimal | None
    atr14: Decimal | None
    avg_volume14: float | None
    mean_opening_volume14: float | None
    tradable: bool
    shortable: bool
    failed: Sequence[str]
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolView:
    """Everything that explains why a symbol was taken or not."""

    symbol: str
    session: date
    listed: ListedAs | None
    bars: DailyColumns  # of the sessions before, on the scale of the session; absent ones as such
    splits: Sequence[Split]
    numbers: Numbers | None
    range: CandidateRecord | None
    scanned_at: datetime | None
    strategy: StrategySettings  # as it was in force at the scan
    signal: SignalRecord | None
    trade_id: int | None
    findings: Sequence[FindingLine]


def symbol_view(tx: Transaction, desk: Desk, symbol: str, session: date) -> SymbolView:
    """Return one symbol's session."""
    sessions = [s.day for s in desk.hours.previous_sessions(session, SESSIONS_NEEDED)]
    splits = _splits(tx, symbol, sessions[0], session)
    found = tx.get(OpeningRange, (session, symbol))
    numbers = tx.get(UniverseRow, (session, symbol))
    asset, signal = tx.get(Asset, symbol), _signal(tx, desk, symbol, session)
    return SymbolView(
        symbol=symbol,
        session=session,
        listed=record_of(ListedAs)(asset) if asset else None,
        bars=on_the_scale_of(session, _bars(tx, symbol, sessions), splits),
        splits=splits,
        numbers=record_of(Numbers)(numbers) if numbers else None,
        range=range_record(found) if found else None,
        scanned_at=found.scanned_at if found else None,
        strategy=_strategy_at(tx, found.scanned_at if found else desk.clock.now()),
        signal=signal_record(signal) if signal else None,
        trade_id=_trade(tx, signal),
        findings=finding_lines(tx, FindingFilter(only=symbol), Part()),
    )


def _bars(tx: Transaction, symbol: str, sessions: Sequence[date]) -> DailyColumns:
    """Return one row of columns; a session without a bar is there, and not present."""
    wanted = and_(DailyBar.session.in_(sessions), DailyBar.symbol == symbol)
    stored = {row.session: row for row in tx.scalars(select(DailyBar).where(wanted))}
    rows = [stored.get(session) for session in sessions]
    prices = {
        name: np.array(
            [[to_micros(getattr(row, name)) if row else 0 for row in rows]], dtype=np.int64
        )
        for name in PRICES
    }
    return DailyColumns(
        symbols=(symbol,),
        sessions=tuple(sessions),
        volume=np.array([[row.volume if row else 0 for row in rows]], dtype=np.int64),
        present=np.array([[row is not None for row in rows]], dtype=np.bool_),
        **prices,
    )


def _splits(tx: Transaction, symbol: str, first: date, last: date) -> list[Split]:
    chosen = select(SplitRow).where(
        SplitRow.symbol == symbol, SplitRow.session > first, SplitRow.session <= last
    )
    return [
        Split(
            symbol=row.symbol,
            session=row.session,
            new_shares=row.new_shares,
            old_shares=row.old_shares,
        )
        for row in tx.scalars(chosen.order_by(SplitRow.session))
    ]


def _signal(tx: Transaction, desk: Desk, symbol: str, session: date) -> Signal | None:
    chosen = select(Signal).where(
        Signal.account == desk.account, Signal.session == session, Signal.symbol == symbol
    )
    return tx.scalars(chosen.limit(1)).first()


def _trade(tx: Transaction, signal: Signal | None) -> int | None:
    if signal is None:
        return None
    return tx.scalar(select(Trade.id).where(Trade.signal_id == signal.id).limit(1))


def _strategy_at(tx: Transaction, moment: datetime) -> StrategySettings:
    chosen = (
        select(SettingsVersion.body)
        .where(SettingsVersion.kind == SettingsKind.STRATEGY, SettingsVersion.created_at <= moment)
        .order_by(SettingsVersion.id.desc())
        .limit(1)
    )
    return StrategySettings.model_validate_json(json.dumps(tx.scalar(chosen) or {}))
