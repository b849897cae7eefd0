"""The 9:35 scan: opening ranges against the filters, relative volume, rank."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from models.market import Floats, Ints, OpeningColumns
from models.money import exact, from_micros, to_micros
from models.trading_settings import StrategySettings
from models.vocabulary import RvolBasis

Flags = NDArray[np.bool_]

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


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanRow:
    """What the scan says of one symbol."""

    symbol: str
    open: Decimal | None
    high: Decimal | None
    low: Decimal | None
    close: Decimal | None
    volume: int
    direction: int  # 1 up, -1 down, 0 doji
    rvol: float | None
    rvol_basis: RvolBasis | None
    atr14: Decimal | None
    avg_volume14: float | None
    rank: int | None
    failed: tuple[str, ...]
    entry_level: Decimal | None
    stop_distance: Decimal | None

    @property
    def passed(self) -> bool:
        """Say whether the symbol is to be traded."""
        return not self.failed


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
) -> list[ScanRow]:
    """Judge every symbol of the universe; one row each, in the universe's order."""
    today = _aligned(opening, universe.symbols)
    rvol, has_history = relative_volume(
        today.volume,
        universe.mean_opening_volume14,
        universe.avg_volume14,
        session_minutes,
    )
    failed = _failed(universe, today, rvol, strategy)
    ranks = rank(universe.symbols, rvol, eligible=~np.any([failed[c] for c in RANKING_CODES], 0))
    direction = np.sign(today.close - today.open)
    failed |= {
        "doji": (direction == 0) & (today.bars > 0),
        "rank": ranks > strategy.top_n,
        "tradable": ~universe.tradable,
        "shortable": (direction < 0) & ~universe.shortable,
        "halted": np.array([symbol in halted for symbol in universe.symbols], dtype=np.bool_),
        "stale": today.bars == 0,
    }
    judged = _Judged(rvol, has_history, ranks, direction, failed)
    return list(_rows(universe, today, judged, strategy.stop_atr_fraction))


def rank(symbols: Sequence[str], rvol: Floats, eligible: Flags) -> Ints:
    """Return each symbol's place by RVOL, largest first, then by symbol; 0 if not eligible."""
    places = np.zeros(len(symbols), dtype=np.int64)
    order = np.lexsort((np.array(symbols, dtype=str), -rvol))
    order = order[eligible[order]]
    places[order] = np.arange(1, len(order) + 1)
    return places


def _failed(
    universe: UniverseColumns, today: OpeningColumns, rvol: Floats, strategy: StrategySettings
) -> dict[str, Flags]:
    """Return who fails the filters that decide about the rank."""
    least_price = to_micros(exact(strategy.min_price))
    return {
        "price": (today.open <= least_price) | (universe.last_close < least_price),
        "volume": universe.avg_volume14 < strategy.min_avg_volume,
        "atr": universe.atr14 < to_micros(exact(strategy.min_atr)),
        "rvol": rvol < strategy.min_rvol,
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


@dataclass(frozen=True, slots=True)
class _Judged:
    rvol: Floats
    has_history: Flags
    ranks: Ints
    direction: Ints
    failed: dict[str, Flags]


def _rows(
    universe: UniverseColumns, today: OpeningColumns, judged: _Judged, stop_fraction: Decimal
) -> Iterator[ScanRow]:
    codes = tuple(judged.failed)
    failures = np.array(list(judged.failed.values())).T
    for i, symbol in enumerate(universe.symbols):
        seen = bool(today.bars[i])
        known = bool(universe.complete[i])
        price = _prices(i) if seen else _nothing
        direction = int(judged.direction[i])
        atr14 = from_micros(universe.atr14[i]) if known else None
        level = {1: today.high, -1: today.low}.get(direction)
        yield ScanRow(
            symbol=symbol,
            open=price(today.open),
            high=price(today.high),
            low=price(today.low),
            close=price(today.close),
            volume=int(today.volume[i]),
            direction=direction,
            rvol=float(judged.rvol[i]) if seen and known else None,
            rvol_basis=_basis(bool(judged.has_history[i])) if seen and known else None,
            atr14=atr14,
            avg_volume14=float(universe.avg_volume14[i]) if known else None,
            rank=int(judged.ranks[i]) or None,
            failed=tuple(code for code, no in zip(codes, failures[i], strict=True) if no),
            entry_level=None if level is None else price(level),
            stop_distance=exact(atr14 * stop_fraction) if atr14 is not None else None,
        )


def _prices(i: int) -> Callable[[Ints], Decimal | None]:
    return lambda column: from_micros(column[i])


def _nothing(_column: Ints) -> Decimal | None:
    return None


def _basis(has_history: bool) -> RvolBasis:  # noqa: FBT001
    return RvolBasis.OPENING_RANGE if has_history else RvolBasis.DAILY_VOLUME
