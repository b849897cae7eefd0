"""ATR(14), average volume(14) and last close of every symbol, from the sessions before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.market import DailyColumns, Floats, Ints

WINDOW = 14
SESSIONS_NEEDED = WINDOW + 1  # the first true range needs the close before it


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyNumbers:
    """One value per symbol. Where `complete` is False the other numbers mean nothing."""

    symbols: tuple[str, ...]
    last_close: Ints  # millionths
    atr14: Ints  # millionths
    avg_volume14: Floats  # shares
    complete: NDArray[np.bool_]  # a daily bar in each of the 15 previous sessions


def true_range(high: Ints, low: Ints, previous_close: Ints) -> Ints:
    """Return max(high - low, |high - previous close|, |low - previous close|)."""
    widest: Ints = np.maximum(
        high - low, np.maximum(np.abs(high - previous_close), np.abs(low - previous_close))
    )
    return widest


def daily_numbers(bars: DailyColumns) -> DailyNumbers:
    """Compute the numbers that are valid for the session after the last one in `bars`.

    ATR(14) is the simple mean of the 14 last true ranges, rounded to millionths; average
    volume(14) the mean of the 14 last volumes (contracts, Daily numbers).
    """
    if len(bars.sessions) < SESSIONS_NEEDED:
        return _unknown(bars)
    window = bars.columns(len(bars.sessions) - SESSIONS_NEEDED, len(bars.sessions))
    ranges = true_range(window.high[:, 1:], window.low[:, 1:], window.close[:, :-1])
    return DailyNumbers(
        symbols=bars.symbols,
        last_close=window.close[:, -1],
        atr14=np.rint(ranges.sum(axis=1) / WINDOW).astype(np.int64),
        avg_volume14=window.volume[:, 1:].sum(axis=1) / WINDOW,
        complete=np.logical_and.reduce(window.present, axis=1),
    )


def _unknown(bars: DailyColumns) -> DailyNumbers:
    nothing = np.zeros(len(bars.symbols), dtype=np.int64)
    return DailyNumbers(
        symbols=bars.symbols,
        last_close=nothing,
        atr14=nothing,
        avg_volume14=nothing.astype(np.float64),
        complete=nothing.astype(np.bool_),
    )
