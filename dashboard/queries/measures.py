"""One measure of execution at a time: session by session, and symbol by symbol."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from dashboard.queries.execution import Latencies, slippage, stop_slippage
from dashboard.queries.finished import Finished, parts
from dashboard.queries.spreads import Spread, spreads
from models.market import Floats

MOST_SYMBOLS = 25  # more of them nobody reads


class Measure(StrEnum):
    """What of the execution somebody looks at. More is worse, but an order waits for its level."""

    ENTRY_SLIPPAGE = "entry_slippage"  # against its level, as a part of the risk
    STOP_SLIPPAGE = "stop_slippage"  # of stops that were hit, dollars a share
    RANGE_TO_ORDER = "range_to_order"  # seconds from the end of the opening range
    ORDER_TO_ANSWER = "order_to_answer"
    ORDER_TO_FILL = "order_to_fill"  # the market's doing: neither better nor worse
    WITHOUT_STOP = "without_stop"


BY_GREATEST = frozenset({Measure.WITHOUT_STOP})
"""Measures that once is too often of: a middle of nothing would hide the trade without a stop."""


@dataclass(frozen=True, slots=True)
class Samples:
    """What was measured of each trade or fill, NaN where nothing was; columns of one length."""

    sessions: Sequence[date]
    symbols: Sequence[str]
    values: Floats


@dataclass(frozen=True, slots=True)
class DaySpread:
    """How a measure was spread in one session."""

    day: date
    spread: Spread


@dataclass(frozen=True, slots=True)
class SymbolExecution:
    """How one symbol was traded: the spread of every measure that was taken of it."""

    symbol: str
    spreads: Mapping[Measure, Spread]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A measure taken apart."""

    measure: Measure
    days: Sequence[DaySpread]  # the oldest first
    symbols: Sequence[SymbolExecution]  # those it was greatest for, the greatest first
    left_out: int  # how many other symbols it was taken of


def measured(trades: Finished, took: Latencies, measure: Measure) -> Measured:
    """Take a measure of finished trades apart."""
    samples = samples_of(trades, took)
    chosen = samples[measure]
    by_symbol = spreads(chosen.symbols, chosen.values)
    in_order = sorted(by_symbol, key=lambda name: (*_falling(measure, by_symbol[name]), name))
    shown = in_order[:MOST_SYMBOLS]
    found = {each: _spreads_of(set(shown), samples[each]) for each in Measure}
    days = spreads(chosen.sessions, chosen.values)
    return Measured(
        measure=measure,
        days=[DaySpread(day, spread) for day, spread in days.items()],
        symbols=[
            SymbolExecution(name, {each: of[name] for each, of in found.items() if name in of})
            for name in shown
        ],
        left_out=len(in_order) - len(shown),
    )


def telling(measure: Measure, found: Spread) -> float | None:
    """Return the figure that symbols are compared by."""
    return found.worst if measure in BY_GREATEST else found.median


def samples_of(trades: Finished, took: Latencies) -> dict[Measure, Samples]:
    """Return what each measure was: of trades, or of the fills of their entries."""
    of_trades = {
        Measure.ENTRY_SLIPPAGE: parts(slippage(trades), trades.stop_distance),
        Measure.STOP_SLIPPAGE: stop_slippage(trades),
        Measure.WITHOUT_STOP: trades.naked_seconds,
    }
    of_fills = {
        Measure.RANGE_TO_ORDER: took.bar_to_order,
        Measure.ORDER_TO_ANSWER: took.order_to_answer,
        Measure.ORDER_TO_FILL: took.order_to_fill,
    }
    return {
        measure: Samples(source.sessions, source.symbols, values)
        for source, columns in ((trades, of_trades), (took, of_fills))
        for measure, values in columns.items()
    }


def _falling(measure: Measure, found: Spread) -> list[float]:
    """Return what sorts the greatest first: the telling figure, then the others."""
    figures = [found.median, found.p95, found.worst]
    order = figures[::-1] if measure in BY_GREATEST else figures
    return [-(figure or 0) for figure in order]


def _spreads_of(symbols: Collection[str], samples: Samples) -> dict[str, Spread]:
    rows = [at for at, symbol in enumerate(samples.symbols) if symbol in symbols]
    return spreads([samples.symbols[at] for at in rows], samples.values[rows])
