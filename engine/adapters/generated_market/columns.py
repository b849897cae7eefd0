"""Generated sessions as the columns that everything else reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np

from engine.adapters.generated_market.roster import SYMBOLS
from engine.adapters.generated_market.session import SessionBars
from models.market import BarColumns, DailyColumns, Ints, epoch

MICROS = 1_000_000
VALUES = ("open", "high", "low", "close", "volume")


def minute_columns(days: Sequence[SessionBars]) -> dict[str, BarColumns]:
    """Put sessions one behind the other, without the minutes in which nothing traded."""
    start = np.concatenate([day.starts for day in days])
    whole = {name: np.concatenate([getattr(day, name) for day in days], axis=1) for name in VALUES}
    traded = whole["volume"] > 0
    return {
        symbol: BarColumns(
            start=start[traded[row]],
            **{name: values[row, traded[row]] for name, values in whole.items()},
        )
        for row, symbol in enumerate(SYMBOLS)
    }


def daily_columns(days: Sequence[SessionBars]) -> DailyColumns:
    """Fold each session into one bar, of the very minutes that traded."""
    volume = np.stack([day.volume.sum(axis=1) for day in days], axis=1)
    return DailyColumns(
        symbols=SYMBOLS,
        sessions=tuple(day.session.day for day in days),
        open=np.stack([_first_prices(day) for day in days], axis=1),
        high=np.stack([np.where(day.volume > 0, day.high, 0).max(axis=1) for day in days], axis=1),
        low=np.stack([_lowest(day) for day in days], axis=1),
        close=np.stack([last_prices(day) for day in days], axis=1),
        volume=volume,
        present=volume > 0,
    )


def last_prices(day: SessionBars) -> Ints:
    """Return the close of each symbol's last minute with trades."""
    last = day.volume.shape[1] - 1 - (day.volume[:, ::-1] > 0).argmax(axis=1)
    closes: Ints = day.close[np.arange(len(last)), last]
    return closes


def join_minutes(
    before: Mapping[str, BarColumns], after: Mapping[str, BarColumns], since: datetime
) -> dict[str, BarColumns]:
    """Put later bars behind earlier ones, which are kept from `since` on."""
    return {symbol: _joined(_from(bars, since), after[symbol]) for symbol, bars in before.items()}


def _from(bars: BarColumns, since: datetime) -> BarColumns:
    return bars.slice(int(bars.start.searchsorted(epoch(since))), len(bars))


def _joined(before: BarColumns, after: BarColumns) -> BarColumns:
    columns = {
        name: np.concatenate([getattr(before, name), getattr(after, name)])
        for name in ("start", *VALUES)
    }
    return BarColumns(**columns)


def join_daily(before: DailyColumns, after: DailyColumns) -> DailyColumns:
    """Put later sessions behind earlier ones."""
    return DailyColumns(
        symbols=before.symbols,
        sessions=(*before.sessions, *after.sessions),
        **{
            name: np.concatenate([getattr(before, name), getattr(after, name)], axis=1)
            for name in (*VALUES, "present")
        },
    )


def _first_prices(day: SessionBars) -> Ints:
    first = (day.volume > 0).argmax(axis=1)
    opens: Ints = day.open[np.arange(len(first)), first]
    return opens


def _lowest(day: SessionBars) -> Ints:
    lowest: Ints = np.where(day.volume > 0, day.low, np.iinfo(np.int64).max).min(axis=1)
    return lowest
