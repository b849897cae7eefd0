"""One measure of execution at a time: session by session, and symbol by symbol."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from dashboard.queries.execution import Latencies, slippage, stop_slippage
from dashboard.queries.finished import Finished, parts
from dashboard.queries.spreads import Spread, spreads
from models.market import Floats

MOST_SYMBOLS = 25  # of the worst; more of them nobody reads


class Measure(StrEnum):
    """What of the execution somebody looks at. More is worse in each of them."""

    ENTRY_SLIPPAGE = "entry_slippage"  # against its level, as a part of the risk
    STOP_SLIPPAGE = "stop_slippage"  # of stops that were hit, dollars a share
    RANGE_TO_ORDER = "range_to_order"  # seconds from the end of the opening range
    ORDER_TO_ANSWER = "order_to_answer"
    ORDER_TO_FILL = "order_to_fill"
    WITHOUT_STOP = "without_stop"


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
    """How one symbol was traded: how often the measure was taken, and the medians of all."""

    symbol: str
    count: int
    medians: Mapping[Measure, float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A measure taken apart."""

    measure: Measure
    days: Sequence[DaySpread]  # the oldest first
    worst: Sequence[SymbolExecution]  # the symbols with the greatest medians, the worst first
    symbols: int  # how many there are


def measured(trades: Finished, took: Latencies, measure: Measure) -> Measured:
    """Take a measure of finished trades apart."""
    all_samples = samples_of(trades, took)
    days = spreads(all_samples[measure].sessions, all_samples[measure].values)
    by_symbol = {
        each: spreads(samples.symbols, samples.values) for each, samples in all_samples.items()
    }
    chosen = by_symbol[measure]
    worst = sorted(chosen, key=lambda symbol: (-(chosen[symbol].median or 0), symbol))
    return Measured(
        measure=measure,
        days=[DaySpread(day, spread) for day, spread in days.items()],
        worst=[_symbol(symbol, measure, by_symbol) for symbol in worst[:MOST_SYMBOLS]],
        symbols=len(chosen),
    )


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


def _symbol(
    symbol: str, measure: Measure, by_symbol: Mapping[Measure, Mapping[str, Spread]]
) -> SymbolExecution:
    found = {each: spread.get(symbol) for each, spread in by_symbol.items()}
    return SymbolExecution(
        symbol=symbol,
        count=by_symbol[measure][symbol].count,
        medians={each: spread.median if spread else None for each, spread in found.items()},
    )
