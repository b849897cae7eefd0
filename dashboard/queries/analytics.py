"""Finished trades taken apart: by what they have in common, by R, and by how they were executed."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from dashboard.queries.history import closed_only
from dashboard.queries.trades import TradeFilter, TradeLine, trade_lines
from engine.desk import Desk
from engine.market_hours import new_york
from engine.rules.performance import TradeResult, trade_numbers
from models.money import ZERO
from models.trading import Order, Signal, Trade
from models.vocabulary import OrderPurpose

RVOL_STEPS = (1.0, 1.5, 2.0, 3.0, 5.0, 10.0)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
R_STEP = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Trades that have something in common."""

    name: str
    trades: int
    pnl: Decimal
    win_rate: float | None
    expectancy_r: float | None


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
    signal_to_order: Spread  # seconds
    order_to_answer: Spread
    unprotected: Spread


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalyticsView:
    """Everything of the Analytics page."""

    trades: int
    groups: Mapping[str, Sequence[Group]]
    multiples: Sequence[tuple[float, int]]  # from which R on, and how many trades
    execution: Execution


def analytics_view(tx: Transaction, desk: Desk, wanted: TradeFilter) -> AnalyticsView:
    """Take a filter's finished trades apart."""
    lines = trade_lines(tx, desk, closed_only(wanted))
    return AnalyticsView(
        trades=len(lines),
        groups={title: _groups(lines, title) for title in _GROUPINGS},
        multiples=_multiples(lines),
        execution=_execution(lines, _latencies(tx, lines)),
    )


def rvol_bucket(rvol: float | None) -> str:
    """Return the range of relative volume that a trade was in."""
    if rvol is None:
        return "unknown"
    above = [step for step in RVOL_STEPS if rvol >= step]
    if not above:
        return f"below {RVOL_STEPS[0]:g}"
    higher = [step for step in RVOL_STEPS if step > rvol]
    return f"{above[-1]:g} to {higher[0]:g}" if higher else f"{above[-1]:g} and more"


def spread(values: Sequence[float]) -> Spread:
    """Describe measured values by median, 95th percentile (nearest rank) and greatest."""
    if not values:
        return Spread(count=0, median=None, p95=None, worst=None)
    ordered = sorted(values)
    ranks = (math.ceil(part * len(ordered)) - 1 for part in (0.5, 0.95))
    median, p95 = (ordered[rank] for rank in ranks)
    return Spread(count=len(ordered), median=median, p95=p95, worst=ordered[-1])


def _hour(line: TradeLine) -> str:
    return f"{new_york(line.opened_at):%H}:00"


_GROUPINGS: Mapping[str, Callable[[TradeLine], str]] = {
    "Symbol": lambda line: line.symbol,
    "Hour of the entry": _hour,
    "Weekday": lambda line: WEEKDAYS[line.session.weekday()],
    "Side": lambda line: line.side,
    "Relative volume": lambda line: rvol_bucket(line.rvol),
    "Exit": lambda line: line.exit_reason or "unknown",
}
_ORDERS: Mapping[str, Callable[[TradeLine], float]] = {
    "Hour of the entry": lambda line: new_york(line.opened_at).hour,
    "Weekday": lambda line: line.session.weekday(),
    "Relative volume": lambda line: line.rvol or 0.0,
}


def _newest(line: TradeLine) -> float:
    return -line.id


def _groups(lines: Sequence[TradeLine], title: str) -> list[Group]:
    """Return the groups, those without an order of their own by what they came to."""
    name = _GROUPINGS[title]
    grouped: defaultdict[str, list[TradeLine]] = defaultdict(list)
    for line in sorted(lines, key=_ORDERS.get(title, _newest)):
        grouped[name(line)].append(line)
    groups = [_group(label, members) for label, members in grouped.items()]
    if title in _ORDERS:
        return groups
    return sorted(groups, key=lambda group: group.pnl, reverse=True)


def _group(name: str, lines: Sequence[TradeLine]) -> Group:
    numbers = trade_numbers(
        [
            TradeResult(pnl=line.pnl, risk=(line.stop_distance or ZERO) * line.quantity)
            for line in lines
        ]
    )
    return Group(
        name=name,
        trades=numbers.trades,
        pnl=numbers.total,
        win_rate=numbers.win_rate,
        expectancy_r=numbers.expectancy_r,
    )


def _multiples(lines: Sequence[TradeLine]) -> list[tuple[float, int]]:
    counts: defaultdict[int, int] = defaultdict(int)
    for line in lines:
        if line.pnl_r is not None:
            counts[math.floor(float(line.pnl_r) / R_STEP)] += 1
    if not counts:
        return []
    steps = range(min(counts), max(counts) + 1)
    return [(step * R_STEP, counts[step]) for step in steps]


@dataclass(frozen=True, slots=True)
class _Latency:
    signalled_at: datetime | None
    sent_at: datetime | None
    answered_at: datetime | None


def _latencies(tx: Transaction, lines: Sequence[TradeLine]) -> list[_Latency]:
    """Return the moments of the entry orders; asked by session, which is indexed."""
    if not lines:
        return []
    days = [line.session for line in lines]
    wanted = {line.id for line in lines}
    rows = tx.execute(
        select(Trade.id, Signal.created_at, Order.submitted_at, Order.answered_at)
        .join(Order, Order.trade_id == Trade.id)
        .outerjoin(Signal, Signal.id == Trade.signal_id)
        .where(Trade.session.between(min(days), max(days)), Order.purpose == OrderPurpose.ENTRY)
    )
    return [_Latency(*row[1:]) for row in rows if row.id in wanted]


def _execution(lines: Sequence[TradeLine], latencies: Sequence[_Latency]) -> Execution:
    levelled = [line for line in lines if line.entry_level is not None]
    stopped = [line for line in lines if line.exit_reason == "stop" and line.stop_price is not None]
    return Execution(
        slippage=spread([float(_slipped(line)) for line in levelled]),
        slippage_r=spread(
            [float(_slipped(line) / line.stop_distance) for line in levelled if line.stop_distance]
        ),
        stop_slippage=spread([float(_stop_slipped(line)) for line in stopped]),
        signal_to_order=spread(_seconds((one.signalled_at, one.sent_at) for one in latencies)),
        order_to_answer=spread(_seconds((one.sent_at, one.answered_at) for one in latencies)),
        unprotected=spread([line.naked_seconds for line in lines]),
    )


def _slipped(line: TradeLine) -> Decimal:
    return line.side.sign * (line.entry_price - (line.entry_level or ZERO))


def _stop_slipped(line: TradeLine) -> Decimal:
    return line.side.sign * ((line.stop_price or ZERO) - (line.exit_price or ZERO))


def _seconds(pairs: Iterable[tuple[datetime | None, datetime | None]]) -> list[float]:
    known = ((since, until) for since, until in pairs if since and until)
    return [(until - since).total_seconds() for since, until in known]
