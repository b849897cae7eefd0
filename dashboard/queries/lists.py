"""The lists that programs page through; each is answered by an index."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import Select, select
from sqlalchemy.orm import Session as Transaction

from dashboard.queries.journal import Fact, fact_of
from dashboard.queries.pages import Page, Place, record_of, take_page
from dashboard.queries.records import (
    CandidateRecord,
    CommandRecord,
    DayRecord,
    FillRecord,
    OrderRecord,
    PositionPoint,
    SettingsRecord,
    SignalRecord,
    SnapshotRecord,
    TradeRecord,
    UniverseRecord,
)
from engine.desk import Desk
from models.accounts import AccountSnapshot, DailyMetrics, PositionSnapshot
from models.control import Command
from models.journal import JournalRow
from models.market_data import OpeningRange, UniverseRow
from models.people import SettingsVersion
from models.trading import Fill, Order, Signal, Trade
from models.vocabulary import OrderStatus, SettingsKind, Severity, SignalStatus, TradeStatus

S = TypeVar("S", bound="Select[*tuple[Any, ...]]")


@dataclass(frozen=True, slots=True)
class Of:
    """Of which symbol or session a list is wanted; None of either is of all."""

    symbol: str | None = None
    session: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FactFilter:
    """Which facts of the journal are wanted."""

    kind: str | None = None
    severity: Severity | None = None
    scope: str | None = None
    correlation_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def order_page(
    tx: Transaction, desk: Desk, of: Of, status: OrderStatus | None, place: Place
) -> Page[OrderRecord]:
    """Return orders, the newest first."""
    chosen = _of(select(Order).where(Order.account == desk.account), Order, of)
    if status is not None:
        chosen = chosen.where(Order.status == status)
    return take_page(tx, chosen, Order.id, place, record_of(OrderRecord))


def fill_page(tx: Transaction, desk: Desk, of: Of, place: Place) -> Page[FillRecord]:
    """Return fills, the newest first."""
    chosen = _of(select(Fill).where(Fill.account == desk.account), Fill, of)
    return take_page(tx, chosen, Fill.id, place, record_of(FillRecord))


def trade_page(
    tx: Transaction, desk: Desk, of: Of, status: TradeStatus | None, place: Place
) -> Page[TradeRecord]:
    """Return trades, the newest first."""
    chosen = _of(select(Trade).where(Trade.account == desk.account), Trade, of)
    if status is not None:
        chosen = chosen.where(Trade.status == status)
    return take_page(tx, chosen, Trade.id, place, record_of(TradeRecord))


def signal_page(
    tx: Transaction, desk: Desk, of: Of, status: SignalStatus | None, place: Place
) -> Page[SignalRecord]:
    """Return signals, the newest first."""
    chosen = _of(select(Signal).where(Signal.account == desk.account), Signal, of)
    if status is not None:
        chosen = chosen.where(Signal.status == status)
    return take_page(tx, chosen, Signal.id, place, record_of(SignalRecord))


def snapshot_page(
    tx: Transaction, desk: Desk, session: date | None, place: Place
) -> Page[SnapshotRecord]:
    """Return the account's moments, the newest first."""
    chosen = select(AccountSnapshot).where(AccountSnapshot.account == desk.account)
    if session is not None:
        chosen = chosen.where(AccountSnapshot.session == session)
    return take_page(tx, chosen, AccountSnapshot.at, place, record_of(SnapshotRecord))


def position_points(tx: Transaction, trade_id: int, place: Place) -> Page[PositionPoint]:
    """Return a position's moments, the newest first."""
    chosen = select(PositionSnapshot).where(PositionSnapshot.trade_id == trade_id)
    return take_page(tx, chosen, PositionSnapshot.at, place, record_of(PositionPoint))


def day_page(tx: Transaction, desk: Desk, place: Place) -> Page[DayRecord]:
    """Return what each session came to, the newest first."""
    chosen = select(DailyMetrics).where(DailyMetrics.account == desk.account)
    return take_page(tx, chosen, DailyMetrics.session, place, record_of(DayRecord))


def universe_page(tx: Transaction, session: date, place: Place) -> Page[UniverseRecord]:
    """Return a session's universe by symbol."""
    chosen = select(UniverseRow).where(UniverseRow.session == session)
    make = record_of(UniverseRecord)
    return take_page(tx, chosen, UniverseRow.symbol, place, make, rising=True)


def candidate_page(tx: Transaction, session: date, place: Place) -> Page[CandidateRecord]:
    """Return a session's opening ranges by symbol; `rank` says how they compare."""
    chosen = select(OpeningRange).where(OpeningRange.session == session)
    make = record_of(CandidateRecord)
    return take_page(tx, chosen, OpeningRange.symbol, place, make, rising=True)


def command_page(tx: Transaction, place: Place) -> Page[CommandRecord]:
    """Return what people asked the engine for, the newest first."""
    return take_page(tx, select(Command), Command.id, place, record_of(CommandRecord))


def version_page(tx: Transaction, kind: SettingsKind | None, place: Place) -> Page[SettingsRecord]:
    """Return the versions of the settings, the newest first."""
    chosen = select(SettingsVersion)
    if kind is not None:
        chosen = chosen.where(SettingsVersion.kind == kind)
    return take_page(tx, chosen, SettingsVersion.id, place, record_of(SettingsRecord))


def fact_page(tx: Transaction, wanted: FactFilter, place: Place) -> Page[Fact]:
    """Return facts of the journal, the newest first."""
    chosen = select(JournalRow)
    for column, value in (
        (JournalRow.kind, wanted.kind),
        (JournalRow.severity, wanted.severity),
        (JournalRow.scope, wanted.scope),
        (JournalRow.correlation_id, wanted.correlation_id),
    ):
        if value is not None:
            chosen = chosen.where(column == value)
    if wanted.since is not None:
        chosen = chosen.where(JournalRow.at >= wanted.since)
    if wanted.until is not None:
        chosen = chosen.where(JournalRow.at <= wanted.until)
    return take_page(tx, chosen, JournalRow.seq, place, fact_of)


def _of(chosen: S, table: Any, of: Of) -> S:
    if of.symbol is not None:
        chosen = chosen.where(table.symbol == of.symbol)
    if of.session is not None:
        chosen = chosen.where(table.session == of.session)
    return chosen
