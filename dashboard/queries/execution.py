"""How well the desk traded: fills against their levels, and how long every step took."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from dashboard.queries.finished import MICROS, Finished, columns_of, parts
from dashboard.queries.history import closed_only
from dashboard.queries.spreads import Spread, numbered, spread_of, spreads
from dashboard.queries.trades import TradeFilter, matching
from engine.desk import Desk
from models.bulk import as_seconds
from models.market import Floats
from models.trading import Fill, Order, Signal, Trade
from models.vocabulary import ExitReason, OrderPurpose


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """How well the desk traded: prices against levels, and seconds."""

    slippage: Spread  # dollars a share, against the desk
    slippage_r: Spread
    stop_slippage: Spread  # of stops that were hit, dollars a share against the stop's level
    bar_to_order: Spread  # seconds from the end of the opening range
    signal_to_order: Spread
    order_to_answer: Spread
    order_to_fill: Spread  # to the first of its fills: an entry waits for its level
    fill_to_books: Spread  # from the exchange's moment to ours
    unprotected: Spread


@dataclass(frozen=True, slots=True, kw_only=True)
class DayExecution:
    """How well one session was traded."""

    day: date
    trades: int
    slippage_r: float | None  # median
    unprotected: float  # seconds, of all trades


def _nothing() -> Floats:
    return np.empty(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Latencies:
    """Seconds between the steps of entries as columns of one length, NaN where not taken."""

    symbols: Sequence[str] = ()
    sessions: Sequence[date] = ()
    bar_to_order: Floats = field(default_factory=_nothing)
    signal_to_order: Floats = field(default_factory=_nothing)
    order_to_answer: Floats = field(default_factory=_nothing)
    order_to_fill: Floats = field(default_factory=_nothing)
    fill_to_books: Floats = field(default_factory=_nothing)


def latencies(tx: Transaction, desk: Desk, wanted: TradeFilter) -> Latencies:
    """Return how long the entries of a filter's finished trades took, step by step."""
    moments = (Signal.created_at, Order.submitted_at, Order.answered_at)
    fills = (Fill.filled_at, Fill.recorded_at)
    seconds = (as_seconds(tx, moment) for moment in (*moments, *fills))
    entries = (
        select(Trade.symbol, Trade.session, Order.id, *seconds)
        .join(Order, Order.trade_id == Trade.id)
        .join(Fill, Fill.order_id == Order.id)
        .outerjoin(Signal, Signal.id == Trade.signal_id)
        .where(*matching(desk, closed_only(wanted)), Order.purpose == OrderPurpose.ENTRY)
    )
    symbols, sessions, orders, *steps = columns_of(tx, entries) or [()] * 8
    signalled, sent, answered, filled, booked = (np.array(step, dtype=float) for step in steps)
    once = np.where(_first_fills(orders, filled), sent, np.nan)  # not again for each of ten fills
    return Latencies(
        symbols=symbols,
        sessions=sessions,
        bar_to_order=_seconds(_range_ends(desk, sessions), once),
        signal_to_order=_seconds(signalled, once),
        order_to_answer=_seconds(once, answered),
        order_to_fill=_seconds(once, filled),
        fill_to_books=_seconds(filled, booked),
    )


def _first_fills(orders: Sequence[int], filled: Floats) -> NDArray[np.bool_]:
    """Say of each fill whether it was the first of its order."""
    numbers = np.array(orders, dtype=int)
    rising = np.lexsort((filled, numbers))
    is_first = np.zeros(len(numbers), dtype=bool)
    is_first[rising[np.unique(numbers[rising], return_index=True)[1]]] = True
    return is_first


def _range_ends(desk: Desk, days: Sequence[date]) -> Floats:
    """Return when the opening range of each session ended, in epoch seconds."""
    known = ((day, desk.hours.session_on(day)) for day in set(days))
    ends = {day: session.scan_at.timestamp() for day, session in known if session is not None}
    return np.array([ends.get(day, np.nan) for day in days], dtype=float)


def _seconds(since: Floats, until: Floats) -> Floats:
    return np.round(until - since, 3)


def execution(trades: Finished, took: Latencies) -> Execution:
    """Measure how a filter's finished trades were carried out."""
    slipped = slippage(trades)
    return Execution(
        slippage=spread_of(slipped / MICROS),
        slippage_r=spread_of(parts(slipped, trades.stop_distance)),
        stop_slippage=spread_of(stop_slippage(trades)),
        bar_to_order=spread_of(took.bar_to_order),
        signal_to_order=spread_of(took.signal_to_order),
        order_to_answer=spread_of(took.order_to_answer),
        order_to_fill=spread_of(took.order_to_fill),
        fill_to_books=spread_of(took.fill_to_books),
        unprotected=spread_of(trades.naked_seconds),
    )


def slippage(trades: Finished) -> Floats:
    """Return how far each entry was from its level, against the desk, in millionths a share."""
    return trades.signs * (trades.entry_price - trades.entry_level)


def stop_slippage(trades: Finished) -> Floats:
    """Return how far each stop that was hit was from its level, in dollars a share."""
    stopped = np.array([reason == ExitReason.STOP for reason in trades.exit_reasons], dtype=bool)
    slipped = trades.signs * (trades.stop_price - trades.exit_price)
    return np.where(stopped, slipped / MICROS, np.nan)


def days_traded(trades: Finished) -> list[DayExecution]:
    """Return how each session was traded, the oldest first."""
    days, of = numbered(trades.sessions)
    missed = spreads(trades.sessions, parts(slippage(trades), trades.stop_distance))
    naked = np.bincount(of, weights=trades.naked_seconds, minlength=len(days))
    rows = zip(days, np.bincount(of).tolist(), naked.tolist(), strict=True)
    return [
        DayExecution(
            day=day,
            trades=count,
            slippage_r=missed[day].median if day in missed else None,
            unprotected=seconds,
        )
        for day, count, seconds in rows
    ]
