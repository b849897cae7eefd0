"""The 9:35 scan: opening ranges against the filters, relative volume, rank."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np

from engine.rules.scan_rows import Flags, Scan, codes_of
from models.market import Floats, Ints, OpeningColumns
from models.money import exact, to_micros
from models.trading_settings import StrategySettings

OPENING_MINUTES = 5
# The order in which codes stand in a row (contracts, Filters).
RANKING_CODES = ("price", "volume", "atr", "rvol", "history")


@dataclass(frozen=True, slots=True, kw_only=True)
class UniverseColumns:
    """The numbers of every symbol that are valid for the session; columns of one length."""

    symbols: tuple[str, ...]
    last_close: Ints  # millionths
    atr14: Ints  # millionths
    avg_volume14: Floats
    mean_opening_volume14: Floats  # NaN: no such history
    complete: Flags
    tradable: Flags
    shortable: Flags
    same_feed: bool = True  # as the opening ranges: else daily volumes say nothing about RVOL


def no_universe() -> UniverseColumns:
    """Return columns without a symbol."""
    none = np.zeros(0, dtype=np.int64)
    return UniverseColumns(
        symbols=(),
        last_close=none,
        atr14=none,
        avg_volume14=none.astype(np.float64),
        mean_opening_volume14=none.astype(np.float64),
        complete=none.astype(np.bool_),
        tradable=none.astype(np.bool_),
        shortable=none.astype(np.bool_),
    )


def candidates(universe: UniverseColumns, strategy: StrategySettings) -> Flags:
    """Say which symbols the scan asks for: those that no filter known before the open excludes."""
    least_price = to_micros(exact(strategy.min_price))
    flags: Flags = (
        universe.complete
        & universe.tradable
        & (universe.last_close >= least_price)
        & (universe.avg_volume14 >= strategy.min_avg_volume)
        & (universe.atr14 >= to_micros(exact(strategy.min_atr)))
    )
    return flags


def failed_before_open(
    universe: UniverseColumns, strategy: StrategySettings
) -> list[tuple[str, ...]]:
    """Return the codes of the filters that each symbol is known to fail before the open."""
    nobody = np.zeros(len(universe.symbols), dtype=np.bool_)
    no_bars = _aligned(OpeningColumns.from_ranges({}), universe.symbols)
    failures = _failed(universe, no_bars, universe.avg_volume14, nobody, strategy)
    return codes_of({**failures, "tradable": ~universe.tradable})


def relative_volume(
    volume: Ints, mean_opening: Floats, avg_daily: Floats, session_minutes: int
) -> tuple[Floats, Flags]:
    """Return RVOL, and whether it rests on opening-range history (features ORB-4).

    Without that history: opening volume x (session minutes / 5) / average daily volume.
    """
    has_history = mean_opening > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        by_opening = volume / mean_opening
        by_day = volume * (session_minutes / OPENING_MINUTES) / avg_daily
    rvol = np.where(has_history, by_opening, by_day)
    return np.nan_to_num(rvol, nan=0.0, posinf=0.0), has_history


def scan(
    universe: UniverseColumns,
    opening: OpeningColumns,
    strategy: StrategySettings,
    *,
    session_minutes: int,
    halted: frozenset[str] = frozenset(),
    asked: Flags | None = None,
) -> Scan:
    """Judge every symbol of the universe; one row each, in the universe's order.

    `asked` names the symbols whose bars were asked for, by default all: the others are judged by
    their daily numbers alone.
    """
    today = _aligned(opening, universe.symbols)
    asked = np.ones(len(universe.symbols), dtype=np.bool_) if asked is None else asked
    rvol, has_history = relative_volume(
        today.volume,
        universe.mean_opening_volume14,
        universe.avg_volume14,
        session_minutes,
    )
    comparable = has_history | universe.same_feed
    rvol = np.where(comparable, rvol, 0.0)
    failures = _failed(universe, today, rvol, asked, strategy)
    unfit = np.any([failures[code] for code in RANKING_CODES], axis=0)
    ranks = rank(universe.symbols, rvol, eligible=asked & ~unfit)
    direction = np.sign(today.close - today.open)
    seen = today.bars > 0
    failures |= {"doji": (direction == 0) & seen, "rank": ranks > strategy.top_n}
    failures |= _barred(universe, direction, halted)
    failures["stale"] = asked & ~seen
    return Scan(
        symbols=universe.symbols,
        opening=today,
        direction=direction,
        rvol=rvol,
        has_rvol=seen & universe.complete & comparable,
        has_history=has_history,
        known=universe.complete,
        atr14=universe.atr14,
        avg_volume14=universe.avg_volume14,
        ranks=ranks,
        stop_distance=_part(universe.atr14, strategy.stop_atr_fraction),
        failures=failures,
    )


def _barred(universe: UniverseColumns, direction: Ints, halted: frozenset[str]) -> dict[str, Flags]:
    """Return what keeps a symbol from being traded whatever its range."""
    return {
        "tradable": ~universe.tradable,
        "shortable": (direction < 0) & ~universe.shortable,
        "halted": np.array([symbol in halted for symbol in universe.symbols], dtype=np.bool_),
    }


def rank(symbols: Sequence[str], rvol: Floats, eligible: Flags) -> Ints:
    """Return each symbol's place by RVOL, largest first, then by symbol; 0 if not eligible."""
    places = np.zeros(len(symbols), dtype=np.int64)
    standing = eligible.nonzero()[0]
    names = np.array([symbols[place] for place in standing.tolist()], dtype=np.str_)
    order = standing[np.lexsort((names, -rvol[standing]))]
    places[order] = np.arange(1, len(order) + 1)
    return places


def _failed(
    universe: UniverseColumns,
    today: OpeningColumns,
    rvol: Floats,
    asked: Flags,
    strategy: StrategySettings,
) -> dict[str, Flags]:
    """Return who fails the filters that decide about the rank."""
    least_price = to_micros(exact(strategy.min_price))
    return {
        "price": (asked & (today.open <= least_price)) | (universe.last_close < least_price),
        "volume": universe.avg_volume14 < strategy.min_avg_volume,
        "atr": universe.atr14 < to_micros(exact(strategy.min_atr)),
        "rvol": asked & (rvol < strategy.min_rvol),
        "history": ~universe.complete,
    }


def _aligned(opening: OpeningColumns, symbols: Sequence[str]) -> OpeningColumns:
    """Bring the opening ranges into the universe's order; missing ones become zeros."""
    places = {symbol: place for place, symbol in enumerate(opening.symbols)}
    index = np.array([places.get(symbol, -1) for symbol in symbols], dtype=np.int64)

    def take(column: Ints) -> Ints:
        padded = np.append(column, 0)  # -1 finds the zero at the end
        return padded[index]

    return OpeningColumns(
        symbols=tuple(symbols),
        open=take(opening.open),
        high=take(opening.high),
        low=take(opening.low),
        close=take(opening.close),
        volume=take(opening.volume),
        bars=take(opening.bars),
    )


def _part(amounts: Ints, fraction: Decimal) -> Ints:
    """Return a fraction of amounts, halves to the even millionth as `exact` rounds them."""
    part = Fraction(fraction)
    whole, rest = np.divmod(amounts * part.numerator, part.denominator)
    rounded: Ints = whole + ((2 * rest > part.denominator) | _is_odd_half(whole, rest, part))
    return rounded


def _is_odd_half(whole: Ints, rest: Ints, part: Fraction) -> Flags:
    flags: Flags = (2 * rest == part.denominator) & (whole % 2 == 1)
    return flags
