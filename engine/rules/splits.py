"""Bars of before a split on the scale of after it: stored bars stay as they traded.

Raw bars with the splits beside them, and not adjusted bars: a split that is announced tonight
changes no stored row, and two sources that adjust at different moments are never mixed. Cash
dividends change nothing: the true range is made of prices as they traded (contracts, Daily
numbers). A stock dividend is a split.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.market import DailyColumns, Ints, Split


def factor(split: Split) -> float:
    """Return how many shares one share of before is."""
    return float(split.new_shares / split.old_shares)


def in_force(splits: Iterable[Split], after: date, upto: date) -> list[Split]:
    """Return the splits that change the scale between two sessions, the second included."""
    return [split for split in splits if after < split.session <= upto]


def on_the_scale_of(session: date, bars: DailyColumns, splits: Sequence[Split]) -> DailyColumns:
    """Return the bars on the scale of a session that comes after them.

    Prices are divided by the factor and rounded to millionths, volumes multiplied and rounded to
    shares.
    """
    known = {symbol: row for row, symbol in enumerate(bars.symbols)}
    wanted = [s for s in in_force(splits, bars.sessions[0], session) if s.symbol in known]
    if not wanted:
        return bars
    prices = [column.copy() for column in (bars.open, bars.high, bars.low, bars.close)]
    volume = bars.volume.copy()
    for split in wanted:
        before = known[split.symbol], slice(0, _sessions_before(bars.sessions, split.session))
        for column in prices:
            column[before] = _rounded(column[before] / factor(split))
        volume[before] = _rounded(volume[before] * factor(split))
    open_, high, low, close = prices
    return replace(bars, open=open_, high=high, low=low, close=close, volume=volume)


def mean_on_the_scale_of(
    session: date,
    volumes: Mapping[str, Sequence[int]],
    sessions: Sequence[date],
    splits: Sequence[Split],
) -> dict[str, float]:
    """Return each symbol's mean volume in past sessions, in shares of a session after them."""
    means = {symbol: sum(past) / len(sessions) for symbol, past in volumes.items()}
    for symbol in {s.symbol for s in in_force(splits, sessions[0], session)} & volumes.keys():
        scaled = np.array(volumes[symbol], dtype=np.float64)
        for split in in_force((s for s in splits if s.symbol == symbol), sessions[0], session):
            scaled[: _sessions_before(sessions, split.session)] *= factor(split)
        means[symbol] = float(scaled.sum()) / len(sessions)
    return means


def _sessions_before(sessions: Sequence[date], day: date) -> int:
    return sum(1 for session in sessions if session < day)


def _rounded(values: NDArray[np.floating[Any]]) -> Ints:
    whole: Ints = np.rint(values).astype(np.int64)
    return whole
