"""Trades, signals, orders and fills, and the journal that tells of them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from dashboard.api.endpoint import Asked, Endpoints
from dashboard.api.fields import PLAIN_TEXT, Days, Moment, Paging, SymbolDay, Word
from dashboard.queries import lists
from dashboard.queries.journal import Fact
from dashboard.queries.lists import FactFilter, Of
from dashboard.queries.pages import Page, Place
from dashboard.queries.records import FillRecord, OrderRecord, SignalRecord, TradeRecord
from dashboard.queries.results import DaySummary, PnlDay, daily_summaries, pnl_days
from engine.actions.permissions import Permission
from engine.rules.risk import DAILY_LOSS
from models.vocabulary import OrderStatus, Severity, SignalStatus, TradeStatus

endpoints = Endpoints()

Scope = Annotated[str, Field(max_length=96, pattern=PLAIN_TEXT)]


class OfTrades(SymbolDay):
    """Which trades."""

    status: TradeStatus | None = None


class OfSignals(SymbolDay):
    """Which signals."""

    status: SignalStatus | None = None


class OfOrders(SymbolDay):
    """Which orders."""

    status: OrderStatus | None = None


class OfFacts(Paging):
    """Which facts of the journal."""

    kind: Word | None = None
    severity: Severity | None = None
    scope: Scope | None = None
    correlation_id: Scope | None = None
    since: Moment | None = None
    until: Moment | None = None


@endpoints.get("/trades", Permission.VIEW)
def trades(asked: Asked, query: OfTrades) -> Page[TradeRecord]:
    """Round trips, open and closed, the newest first."""
    with asked.desk.db.read() as tx:
        return lists.trade_page(tx, asked.desk, _of(query), query.status, _place(query))


@endpoints.get("/trades/daily-summary", Permission.VIEW)
def trades_daily_summary(asked: Asked, query: Days) -> Page[DaySummary]:
    """Each session's closed trades in figures, the newest session first."""
    with asked.desk.db.read() as tx:
        return Page(daily_summaries(tx, asked.desk, query.first, query.last), None)


@endpoints.get("/signals", Permission.VIEW)
def signals(asked: Asked, query: OfSignals) -> Page[SignalRecord]:
    """Signals and what became of them, the newest first."""
    with asked.desk.db.read() as tx:
        return lists.signal_page(tx, asked.desk, _of(query), query.status, _place(query))


@endpoints.get("/orders", Permission.VIEW)
def orders(asked: Asked, query: OfOrders) -> Page[OrderRecord]:
    """Orders, the newest first."""
    with asked.desk.db.read() as tx:
        return lists.order_page(tx, asked.desk, _of(query), query.status, _place(query))


@endpoints.get("/fills", Permission.VIEW)
def fills(asked: Asked, query: SymbolDay) -> Page[FillRecord]:
    """Executions, the newest first."""
    with asked.desk.db.read() as tx:
        return lists.fill_page(tx, asked.desk, _of(query), _place(query))


@endpoints.get("/logs", Permission.VIEW)
def logs(asked: Asked, query: OfFacts) -> Page[Fact]:
    """Facts of the journal, the newest first."""
    wanted = FactFilter(**query.model_dump(exclude={"limit", "cursor"}))
    with asked.desk.db.read() as tx:
        return lists.fact_page(tx, wanted, _place(query))


@endpoints.get("/history/circuit-breakers", Permission.VIEW)
def history_circuit_breakers(asked: Asked, query: Paging) -> Page[Fact]:
    """When the daily loss limit stopped the desk by itself, the newest first."""
    with asked.desk.db.read() as tx:
        tripped = FactFilter(kind="control", scope=DAILY_LOSS)
        return lists.fact_page(tx, tripped, _place(query))


@endpoints.get("/history/pnl", Permission.VIEW)
def history_pnl(asked: Asked, query: Days) -> Page[PnlDay]:
    """Finished sessions and their running total, the oldest first."""
    with asked.desk.db.read() as tx:
        return Page(pnl_days(tx, asked.desk, query.first, query.last), None)


@endpoints.get("/history/trades", Permission.VIEW)
def history_trades(asked: Asked, query: SymbolDay) -> Page[TradeRecord]:
    """Closed round trips, the newest first."""
    closed = TradeStatus.CLOSED
    with asked.desk.db.read() as tx:
        return lists.trade_page(tx, asked.desk, _of(query), closed, _place(query))


def _of(query: SymbolDay) -> Of:
    return Of(query.symbol, query.session)


def _place(query: Paging) -> Place:
    return Place(query.limit, query.cursor)
