"""How well the desk traded: fills against their levels, and how long every step took."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from dashboard.queries.finished import MICROS, Finished, parts
from dashboard.queries.history import closed_only
from dashboard.queries.trades import TradeFilter, matching
from engine.desk import Desk
from models.bulk import as_seconds
from models.market import Floats
from models.trading import Fill, Order, Signal, Trade
from models.vocabulary import ExitReason, OrderPurpose


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How a measure is spread over trades; None where nothing was measured."""

    count: int
    median: float | None
    p95: float | None
    worst: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """How well the desk traded: prices against levels, and seconds."""

    slippage: Spread  # dollars a share, against the desk
    slippage_r: Spread
    stop_slippage: Spread  # of stops that were hit, dollars a share against the stop's level
    bar_to_order: Spread  # seconds from the end of the opening range
    signal_to_order: Spread
    order_to_answer: Spread
    order_to_fill: Spread  # an entry waits for its level
    fill_to_books: Spread  # from the exchange's moment to ours
    unprotected: Spread


@dataclass(frozen=True, slots=True, kw_only=True)
class DayExecution:
    """How well one session was traded."""

    day: date
    trades: int
    slippage_r: float | None  # median
    unprotected: float  # seconds, of all trades


def spread(values: Sequence[float]) -> Spread:
    """Describe measured values by median, 95th percentile (nearest rank) and greatest."""
    if not len(values):
        return Spread(count=0, median=None, p95=None, worst=None)
    ordered = sorted(values)
    ranks = (math.ceil(part * len(ordered)) - 1 for part in (0.5, 0.95))
    median, p95 = (ordered[rank] for rank in ranks)
    return Spread(count=len(ordered), median=median, p95=p95, worst=ordered[-1])


@dataclass(frozen=True, slots=True)
class Latencies:
    """Seconds between the steps of entries, of those that were taken."""

    bar_to_order: Sequence[float] = ()
    signal_to_order: Sequence[float] = ()
    order_to_answer: Sequence[float] = ()
    order_to_fill: Sequence[float] = ()
    fill_to_books: Sequence[float] = ()


def latencies(tx: Transaction, desk: Desk, wanted: TradeFilter) -> Latencies:
    """Return how long the entries of a filter's finished trades took, step by step."""
    moments = (Signal.created_at, Order.submitted_at, Order.answered_at)
    fills = (Fill.filled_at, Fill.recorded_at)
    entries = (
        select(Trade.session, *(as_seconds(tx, moment) for moment in (*moments, *fills)))
        .join(Order, Order.trade_id == Trade.id)
        .join(Fill, Fill.order_id == Order.id)
        .outerjoin(Signal, Signal.id == Trade.signal_id)
        .where(*matching(desk, closed_only(wanted)), Order.purpose == OrderPurpose.ENTRY)
    )
    rows = tx.execute(entries).all()
    ends = _range_ends(desk, {row[0] for row in rows})
    return Latencies(
        bar_to_order=_seconds((ends.get(row[0]), row[2]) for row in rows),
        signal_to_order=_seconds((row[1], row[2]) for row in rows),
        order_to_answer=_seconds((row[2], row[3]) for row in rows),
        order_to_fill=_seconds((row[2], row[4]) for row in rows),
        fill_to_books=_seconds((row[4], row[5]) for row in rows),
    )


def _range_ends(desk: Desk, days: Iterable[date]) -> dict[date, float]:
    """Return when the opening range of each session ended, in epoch seconds."""
    known = ((day, desk.hours.session_on(day)) for day in days)
    return {day: session.scan_at.timestamp() for day, session in known if session is not None}


def _seconds(pairs: Iterable[tuple[float | None, float | None]]) -> list[float]:
    known = ((since, until) for since, until in pairs if since and until)
    return [round(until - since, 3) for since, until in known]


def execution(trades: Finished, took: Latencies) -> Execution:
    """Measure how a filter's finished trades were carried out."""
    slipped = trades.signs * (trades.entry_price - trades.entry_level)
    stopped = np.array([reason == ExitReason.STOP for reason in trades.exit_reasons], dtype=bool)
    stop_slipped = trades.signs * (trades.stop_price - trades.exit_price)
    return Execution(
        slippage=_known(slipped / MICROS),
        slippage_r=_known(parts(slipped, trades.stop_distance)),
        stop_slippage=_known(stop_slipped[stopped] / MICROS),
        bar_to_order=spread(took.bar_to_order),
        signal_to_order=spread(took.signal_to_order),
        order_to_answer=spread(took.order_to_answer),
        order_to_fill=spread(took.order_to_fill),
        fill_to_books=spread(took.fill_to_books),
        unprotected=_known(trades.naked_seconds),
    )


def days_traded(trades: Finished) -> list[DayExecution]:
    """Return how each session was traded, the oldest first."""
    slipped = trades.signs * (trades.entry_price - trades.entry_level)
    missed = parts(slipped, trades.stop_distance).tolist()
    by_day: defaultdict[date, list[tuple[float, float]]] = defaultdict(list)
    for day, part, naked in zip(
        trades.sessions, missed, trades.naked_seconds.tolist(), strict=True
    ):
        by_day[day].append((part, naked))
    return [
        DayExecution(
            day=day,
            trades=len(rows),
            slippage_r=spread([part for part, _ in rows if not math.isnan(part)]).median,
            unprotected=sum(naked for _, naked in rows),
        )
        for day, rows in sorted(by_day.items())
    ]


def _known(values: Floats) -> Spread:
    return spread(values[~np.isnan(values)].tolist())
