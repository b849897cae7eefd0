"""What an account will be worth, minute by minute, if nothing trades."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import numpy as np

from models.market import BAR_SECONDS, BarColumns, Ints, epoch, moment
from models.money import QUANTUM, round_down, to_micros


@dataclass(frozen=True, slots=True)
class Book:
    """Cash, signed quantities, and the session's bars of what is held."""

    cash: Decimal
    held: Mapping[str, int]
    bars: Mapping[str, BarColumns]


def first_equity_below(
    book: Book, floor: Decimal, since: datetime, until: datetime
) -> datetime | None:
    """Return the first end of a bar after `since` and up to `until` with equity <= floor."""
    ends = _bar_ends(book, since, until)
    if not len(ends):
        return None
    equity = np.full(len(ends), to_micros(book.cash), dtype=np.int64)
    for symbol, quantity in book.held.items():
        equity += quantity * _closes_at(book.bars[symbol], ends)
    below = np.flatnonzero(equity <= to_micros(round_down(floor, QUANTUM)))
    return moment(int(ends[below[0]])) if len(below) else None


def _bar_ends(book: Book, since: datetime, until: datetime) -> Ints:
    ends = [bars.start + BAR_SECONDS for bars in book.bars.values()]
    every = np.unique(np.concatenate(ends)) if ends else np.empty(0, dtype=np.int64)
    window: Ints = every[(every > epoch(since)) & (every <= epoch(until))]
    return window


def _closes_at(bars: BarColumns, ends: Ints) -> Ints:
    """Return the last close known at each moment; the first open before any bar has ended."""
    if not len(bars):
        return np.zeros(len(ends), dtype=np.int64)
    place = np.searchsorted(bars.start + BAR_SECONDS, ends, side="right") - 1
    known: Ints = np.where(place >= 0, bars.close[np.maximum(place, 0)], bars.open[0])
    return known
