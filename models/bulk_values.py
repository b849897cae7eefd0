"""What bulk writing asks of a column's values, whatever the database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np


def is_many(values: Any) -> bool:
    """Say whether a column has a value for each row, not one for all."""
    return isinstance(values, np.ndarray | Sequence) and not isinstance(values, str)


def remembered(make: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Make the text of each value once: thousands of rows carry a handful of lists."""
    known: dict[Any, Any] = {}

    def made(value: Any) -> Any:
        if isinstance(value, dict):
            return make(value)  # a body of its own in every row
        key = tuple(value) if isinstance(value, list) else value
        if key not in known:
            known[key] = make(value)
        return known[key]

    return made


def utc(at: datetime) -> datetime:
    """Return an aware moment in UTC; a naive one is an error."""
    if at.tzinfo is None:
        raise ValueError(f"naive time {at!r}")
    return at.astimezone(UTC)
