"""What finished trades tell: how often they win, and how well they were carried out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from dashboard.api.endpoint import Asked, Endpoints
from dashboard.api.fields import Days
from dashboard.queries.analytics import Group, all_groups
from dashboard.queries.execution import DayExecution, Execution, days_traded, execution, latencies
from dashboard.queries.finished import finished
from dashboard.queries.trades import TradeFilter
from engine.actions.permissions import Permission

endpoints = Endpoints()


@dataclass(frozen=True, slots=True, kw_only=True)
class WinRates:
    """How often trades won: by symbol, by hour, and by whatever else they are told apart."""

    first: date | None
    last: date | None
    trades: int
    groups: Mapping[str, Sequence[Group]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """How well trades were carried out, in all and session by session."""

    first: date | None
    last: date | None
    trades: int
    execution: Execution
    days: Sequence[DayExecution]


@endpoints.get("/analytics/win-rate", Permission.VIEW)
def win_rate(asked: Asked, query: Days) -> WinRates:
    """How often finished trades won and what they came to, group by group."""
    with asked.desk.db.read() as tx:
        trades = finished(tx, asked.desk, _wanted(query))
    return WinRates(
        first=query.first, last=query.last, trades=len(trades), groups=all_groups(trades)
    )


@endpoints.get("/analytics/execution", Permission.VIEW)
def execution_quality(asked: Asked, query: Days) -> Carried:
    """Prices against levels, and the seconds from the bar to the books."""
    with asked.desk.db.read() as tx:
        trades = finished(tx, asked.desk, _wanted(query))
        took = latencies(tx, asked.desk, _wanted(query))
    return Carried(
        first=query.first,
        last=query.last,
        trades=len(trades),
        execution=execution(trades, took),
        days=days_traded(trades),
    )


def _wanted(query: Days) -> TradeFilter:
    return TradeFilter(first=query.first, last=query.last)
