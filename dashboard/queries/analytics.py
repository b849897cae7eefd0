"""Finished trades taken apart: by what they have in common, by R, and by how they were executed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from sqlalchemy.orm import Session as Transaction

from dashboard.queries.execution import Execution, execution, latencies
from dashboard.queries.finished import Finished, finished
from dashboard.queries.measures import Measure, Measured, measured
from dashboard.queries.positions import open_trades, position_rows
from dashboard.queries.results import Share, allocation
from dashboard.queries.spreads import numbered
from dashboard.queries.trades import TradeFilter
from dashboard.queries.traits import RVOL_STEPS, WEEKDAYS, rvol_bucket
from engine.desk import Desk
from engine.market_hours import day_begins
from models.money import from_micros

R_STEP = 0.5
HOUR = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Trades that have something in common."""

    name: str
    trades: int
    pnl: Decimal
    win_rate: float | None
    expectancy_r: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalyticsView:
    """Everything of the Analytics page."""

    trades: int
    groups: Mapping[str, Sequence[Group]]
    multiples: Sequence[tuple[float, int]]  # from which R on, and how many trades
    execution: Execution
    measured: Measured


def analytics_view(
    tx: Transaction, desk: Desk, wanted: TradeFilter, measure: Measure = Measure.ENTRY_SLIPPAGE
) -> AnalyticsView:
    """Take a filter's finished trades apart, and one measure of their execution."""
    trades, took = finished(tx, desk, wanted), latencies(tx, desk, wanted)
    return AnalyticsView(
        trades=len(trades),
        groups={title: groups_by(trades, title) for title in GROUPINGS},
        multiples=_multiples(trades),
        execution=execution(trades, took),
        measured=measured(trades, took, measure),
    )


def measured_view(tx: Transaction, desk: Desk, wanted: TradeFilter, measure: Measure) -> Measured:
    """Take one measure of the execution of a filter's finished trades apart, and nothing else."""
    return measured(finished(tx, desk, wanted), latencies(tx, desk, wanted), measure)


def allocation_now(tx: Transaction, desk: Desk) -> list[Share]:
    """Return how what is held now is spread over its positions."""
    return allocation(tx, position_rows(tx, open_trades(tx, desk)))


# ---------------------------------------------------------------------------- groups
# Of each grouping: the names of its groups, and what puts those in order if not their P&L.
_Keys = Sequence[tuple[Any, str]]


def _hours(trades: Finished) -> _Keys:
    midnights = {day: day_begins(day).timestamp() for day in set(trades.sessions)}
    since = trades.opened_at - np.array([midnights[day] for day in trades.sessions])
    whole = np.round(since, 3)  # SQLite's days are some microseconds short of an hour that is full
    names = [f"{hour:02}:00" for hour in range(24)]
    return [(hour, names[hour]) for hour in (whole // HOUR % 24).astype(int).tolist()]


def _weekdays(trades: Finished) -> _Keys:
    return [(day, WEEKDAYS[day]) for day in (session.weekday() for session in trades.sessions)]


def _rvols(trades: Finished) -> _Keys:
    above = np.searchsorted(RVOL_STEPS, trades.rvol, side="right")
    steps = np.where(np.isnan(trades.rvol), -1, above).tolist()
    names = [*map(rvol_bucket, (0.0, *RVOL_STEPS, None))]  # the last is that of -1
    return [(step, names[step]) for step in steps]


_ORDERED: Mapping[str, Callable[[Finished], _Keys]] = {
    "Hour of the entry": _hours,
    "Weekday": _weekdays,
    "Relative volume": _rvols,
}
_BY_PNL: Mapping[str, Callable[[Finished], Sequence[str]]] = {
    "Symbol": lambda trades: trades.symbols,
    "Side": lambda trades: trades.sides,
    "Exit": lambda trades: [reason or "unknown" for reason in trades.exit_reasons],
}
_IN_TIME: Mapping[str, Callable[[Finished], Sequence[str]]] = {
    "day": lambda trades: [f"{day:%Y-%m-%d}" for day in trades.sessions],
    "week": lambda trades: [f"{day:%G, week %V}" for day in trades.sessions],
    "month": lambda trades: [f"{day:%Y-%m}" for day in trades.sessions],
}
BY: Mapping[str, Callable[[Finished], Sequence[str]]] = {
    **_IN_TIME,
    **{name.lower(): names for name, names in _BY_PNL.items()},
}
GROUPINGS = ("Symbol", "Hour of the entry", "Weekday", "Side", "Relative volume", "Exit")


def groups_by(trades: Finished, title: str) -> list[Group]:
    """Return the groups of one grouping, those without an order by what they came to."""
    if title in _ORDERED:
        keys = _ORDERED[title](trades)
        order = {name: at for at, name in sorted(set(keys), reverse=True)}
        groups = grouped(trades, [name for _, name in keys])
        return sorted(groups, key=lambda group: order[group.name])
    groups = grouped(trades, _BY_PNL[title](trades))
    return sorted(groups, key=lambda group: (-group.pnl, group.name))


def grouped_by(tx: Transaction, desk: Desk, wanted: TradeFilter, word: str) -> list[Group]:
    """Return a filter's finished trades by one of `BY`: the latest first, names from A to Z."""
    trades = finished(tx, desk, wanted)
    groups = grouped(trades, BY[word](trades))
    return groups[::-1] if word in _IN_TIME else groups


def grouped(trades: Finished, names: Sequence[str]) -> list[Group]:
    """Return what the trades of each name came to, in the words of `trade_numbers`."""
    if not len(trades):
        return []
    known, of = numbered(names)
    counts, wins, pnls = (
        np.bincount(of, weights=weights, minlength=len(known))
        for weights in (None, trades.pnl > 0, trades.pnl)
    )
    multiples = trades.multiples
    measured = ~np.isnan(multiples)
    risked, sums = (
        np.bincount(of[measured], weights=weights, minlength=len(known))
        for weights in (None, multiples[measured])
    )
    return [
        Group(
            name=name,
            trades=int(counts[at]),
            pnl=from_micros(int(pnls[at])),
            win_rate=float(wins[at] / counts[at]),
            expectancy_r=float(sums[at] / risked[at]) if risked[at] else None,
        )
        for at, name in enumerate(known)
    ]


def _multiples(trades: Finished) -> list[tuple[float, int]]:
    multiples = trades.multiples
    # Rounded as it is shown: what reads 1.00 R is not below 1.
    steps = np.floor(np.round(multiples[~np.isnan(multiples)], 2) / R_STEP).astype(int)
    if not len(steps):
        return []
    first = int(steps.min())
    counts = np.bincount(steps - first)
    return [((first + at) * R_STEP, int(count)) for at, count in enumerate(counts)]
