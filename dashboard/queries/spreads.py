"""How measured values are spread: in the middle, near their greatest, and at it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np

from models.bulk import Ints
from models.market import Floats

K = TypeVar("K", bound=Any)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How a measure is spread over trades; None where nothing was measured."""

    count: int
    median: float | None
    p95: float | None
    worst: float | None


def spread(values: Sequence[float]) -> Spread:
    """Describe measured values by median, 95th percentile (nearest rank) and greatest."""
    return _of_rising(sorted(values))


def spread_of(values: Floats) -> Spread:
    """Describe a column in which what was not measured is NaN."""
    return _of_rising(np.sort(values[~np.isnan(values)]).tolist())


def spreads(names: Sequence[K], values: Floats) -> dict[K, Spread]:
    """Describe the values of each name that has any, in the names' order."""
    known = ~np.isnan(values)
    ordered, places = numbered(names)
    of, values = places[known], values[known]
    rising = values[np.lexsort((values, of))].tolist()  # name by name
    ends = np.cumsum(np.bincount(of, minlength=len(ordered))).tolist()
    parts = zip(ordered, pairwise([0, *ends]), strict=True)
    return {name: _of_rising(rising[first:end]) for name, (first, end) in parts if first < end}


def numbered(names: Sequence[K]) -> tuple[list[K], Ints]:
    """Return the different names in their order, and which of them stands in each row."""
    ordered = sorted(set(names))
    place = {name: at for at, name in enumerate(ordered)}
    return ordered, np.array([place[name] for name in names], dtype=int)


def _of_rising(values: Sequence[float]) -> Spread:
    count = len(values)
    if not count:
        return Spread(count=0, median=None, p95=None, worst=None)
    return Spread(
        count=count,
        median=(values[(count - 1) // 2] + values[count // 2]) / 2,
        p95=values[math.ceil(0.95 * count) - 1],
        worst=values[-1],
    )
