"""What cannot be believed in a session's daily bars, and what a person should look at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.rules.splits import factor, in_force
from models.market import Finding, Ints, MarketDay, Split

Flags = NDArray[np.bool_]

JUMP = 1.5  # a close this many times the last one, or the last one this many times it
BURST = 50  # a volume this many times the mean of the sessions before
LEAST_PART = 0.5  # of the symbols of the session before
LOOKED_BACK = 5  # sessions that a symbol must have missed, or had, to be new or gone


def believable(open_: Ints, high: Ints, low: Ints, close: Ints, volume: Ints) -> Flags:
    """Say which bars can be: positive prices within their range, no negative volume."""
    inside = (low <= np.minimum(open_, close)) & (high >= np.maximum(open_, close))
    possible: Flags = inside & (low > 0) & (volume >= 0)
    return possible


def look_at(
    day: MarketDay, before: Sequence[MarketDay], splits: Sequence[Split] = ()
) -> list[Finding]:
    """Return what stands out in a session against the sessions before it, oldest first."""
    found = [*day.problems, *_without_volume(day)]
    if before:
        found += [*_shrunk(day, before[-1]), *_changed_scale(day, before[-1], splits)]
        found += [*_against_yesterday(day, before[-1], splits), *_bursts(day, before, splits)]
    if len(before) >= LOOKED_BACK:
        found += _come_and_gone(day, before[-LOOKED_BACK:])
    return found


def corrected(day: MarketDay, stored: MarketDay) -> list[Finding]:
    """Return which stored bars a source has changed since, came with or left out."""
    here, there = _shared(day, stored)
    same = np.ones(len(here), dtype=np.bool_)
    for name in ("open", "high", "low", "close", "volume"):
        same &= getattr(day, name)[here] == getattr(stored, name)[there]
    changed = [day.symbols[place] for place in here[~same]]
    late = sorted(set(day.symbols) - set(stored.symbols))
    withdrawn = sorted(set(stored.symbols) - set(day.symbols))
    return [
        *(_finding(day, "corrected", s, "The source has changed this bar since.") for s in changed),
        *(_finding(day, "corrected", s, "The source came with this bar later.") for s in late),
        *(_finding(day, "corrected", s, "The source has withdrawn this bar.") for s in withdrawn),
    ]


def _finding(day: MarketDay, code: str, symbol: str, text: str) -> Finding:
    return Finding(session=day.session, code=code, symbol=symbol, text=text)


def _without_volume(day: MarketDay) -> Iterator[Finding]:
    for place in (day.volume == 0).nonzero()[0]:
        yield _finding(day, "zero_volume", day.symbols[place], "A bar without volume.")


def _shrunk(day: MarketDay, last: MarketDay) -> Iterator[Finding]:
    if len(day) < LEAST_PART * len(last):
        text = f"{len(day):,} symbols, after {len(last):,} on {last.session}."
        yield _finding(day, "few_symbols", "", text)


def _changed_scale(day: MarketDay, last: MarketDay, splits: Sequence[Split]) -> Iterator[Finding]:
    traded = set(day.symbols)
    for split in in_force(splits, last.session, day.session):
        if split.symbol in traded:
            text = (
                f"{split.new_shares.normalize():f} shares for {split.old_shares.normalize():f}: "
                "the bars before are put on the new scale."
            )
            yield _finding(day, "split", split.symbol, text)


def _shared(day: MarketDay, other: MarketDay) -> tuple[Ints, Ints]:
    """Return the positions of the symbols that both have, in the one and in the other."""
    if day.symbols == other.symbols:
        every = np.arange(len(day), dtype=np.int64)
        return every, every
    places = {symbol: place for place, symbol in enumerate(other.symbols)}
    there = np.array([places.get(symbol, -1) for symbol in day.symbols], dtype=np.int64)
    here = (there >= 0).nonzero()[0]
    return here, there[here]


def _against_yesterday(
    day: MarketDay, last: MarketDay, splits: Sequence[Split]
) -> Iterator[Finding]:
    here, there = _shared(day, last)
    scale = _scale(day, last, splits)[here]
    was, now = last.close[there] / scale, day.close[here]
    jumped = (now >= was * JUMP) | (was >= now * JUMP)
    for place in jumped.nonzero()[0]:
        change = f"{was[place] / 1e6:.2f} to {now[place] / 1e6:.2f}"
        text = f"The close went from {change}, and no split is known that explains it."
        yield _finding(day, "jump", day.symbols[here[place]], text)
    for place in _repeats(day, here, last, there).nonzero()[0]:
        text = f"The bar repeats the one of {last.session}, volume included."
        yield _finding(day, "repeated", day.symbols[here[place]], text)


def _repeats(day: MarketDay, here: Ints, last: MarketDay, there: Ints) -> Flags:
    same: Flags = day.volume[here] > 0
    for name in ("open", "high", "low", "close", "volume"):
        same = same & (getattr(day, name)[here] == getattr(last, name)[there])
    return same


def _scale(day: MarketDay, last: MarketDay, splits: Sequence[Split]) -> NDArray[np.float64]:
    """Return how many of today's shares each symbol's share of the last session is."""
    factors: dict[str, float] = {}
    for split in in_force(splits, last.session, day.session):
        factors[split.symbol] = factors.get(split.symbol, 1.0) * factor(split)
    return np.array([factors.get(symbol, 1.0) for symbol in day.symbols], dtype=np.float64)


def _bursts(day: MarketDay, before: Sequence[MarketDay], splits: Sequence[Split]) -> list[Finding]:
    total, seen = np.zeros(len(day)), np.zeros(len(day))
    for past in before:
        here, there = _shared(day, past)
        total[here] += past.volume[there] * _scale(day, past, splits)[here]
        seen[here] += 1
    usual = total / np.maximum(seen, 1)
    odd = (seen == len(before)) & (usual > 0) & (day.volume > BURST * usual)
    return [
        _finding(
            day,
            "volume",
            day.symbols[place],
            f"{day.volume[place]:,} shares, {day.volume[place] / usual[place]:,.0f} times as many "
            "as usual.",
        )
        for place in odd.nonzero()[0]
    ]


def _come_and_gone(day: MarketDay, before: Sequence[MarketDay]) -> Iterator[Finding]:
    today = set(day.symbols)
    always = set(before[0].symbols).intersection(*(past.symbols for past in before[1:]))
    ever = set().union(*(past.symbols for past in before))
    for symbol in sorted(always - today):
        yield _finding(day, "gone", symbol, f"No bar, after one in each of {len(before)} sessions.")
    for symbol in sorted(today - ever):
        yield _finding(day, "new", symbol, f"A bar, after none in {len(before)} sessions.")
