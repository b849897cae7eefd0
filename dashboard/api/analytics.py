"""What finished trades tell: how often they win, and how well they were carried out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from dashboard.api.endpoint import Asked, Endpoints
from dashboard.api.fields import Days
from dashboard.queries.analytics import Group, groups_by
from dashboard.queries.execution import (
    DayExecution,
    Latencies,
    days_traded,
    execution,
    latencies,
)
from dashboard.queries.finished import finished
from dashboard.queries.spreads import Spread, spread_of
from dashboard.queries.trades import TradeFilter
from engine.actions.permissions import Permission

endpoints = Endpoints()
NO_LATENCIES = Latencies()


class By(StrEnum):
    """What trades are told apart by."""

    SYMBOL = "Symbol"
    HOUR = "Hour of the entry"
    WEEKDAY = "Weekday"
    SIDE = "Side"
    RVOL = "Relative volume"
    EXIT = "Exit"


class ByDays(Days):
    """Sessions from one day to another, told apart by something."""

    by: By = By.SYMBOL


@dataclass(frozen=True, slots=True, kw_only=True)
class WinRates:
    """How often trades won, and what they came to, group by group."""

    first: date | None
    last: date | None
    by: By
    trades: int
    groups: Sequence[Group]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """How prices compared with the levels that were wanted, in all and session by session."""

    first: date | None
    last: date | None
    trades: int
    slippage: Spread  # dollars a share, against the desk
    slippage_r: Spread
    stop_slippage: Spread
    unprotected: Spread  # seconds
    days: Sequence[DayExecution]


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """Seconds between the steps of entries, from the bar to the books."""

    first: date | None
    last: date | None
    bar_to_order: Spread
    signal_to_order: Spread
    order_to_answer: Spread
    order_to_fill: Spread
    fill_to_books: Spread


@endpoints.get("/analytics/win-rate", Permission.VIEW)
def win_rate(asked: Asked, query: ByDays) -> WinRates:
    """How often finished trades won and what they came to, group by group."""
    with asked.desk.db.read() as tx:
        trades = finished(tx, asked.desk, _wanted(query))
    return WinRates(
        first=query.first,
        last=query.last,
        by=query.by,
        trades=len(trades),
        groups=groups_by(trades, query.by),
    )


@endpoints.get("/analytics/execution", Permission.VIEW)
def execution_prices(asked: Asked, query: Days) -> Prices:
    """Prices against the levels that were wanted, and the seconds without a stop."""
    with asked.desk.db.read() as tx:
        trades = finished(tx, asked.desk, _wanted(query))
    measured = execution(trades, NO_LATENCIES)
    return Prices(
        first=query.first,
        last=query.last,
        trades=len(trades),
        slippage=measured.slippage,
        slippage_r=measured.slippage_r,
        stop_slippage=measured.stop_slippage,
        unprotected=measured.unprotected,
        days=days_traded(trades),
    )


@endpoints.get("/analytics/latencies", Permission.VIEW)
def execution_latencies(asked: Asked, query: Days) -> Steps:
    """How long entries took, step by step: from the bar to the order, the answer, the books."""
    with asked.desk.db.read() as tx:
        took = latencies(tx, asked.desk, _wanted(query))
    return Steps(
        first=query.first,
        last=query.last,
        bar_to_order=spread_of(took.bar_to_order),
        signal_to_order=spread_of(took.signal_to_order),
        order_to_answer=spread_of(took.order_to_answer),
        order_to_fill=spread_of(took.order_to_fill),
        fill_to_books=spread_of(took.fill_to_books),
    )


def _wanted(query: Days) -> TradeFilter:
    return TradeFilter(first=query.first, last=query.last)
