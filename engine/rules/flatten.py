"""When everything is closed."""

from __future__ import annotations

from datetime import datetime


def is_time_to_flatten(now: datetime, flatten_at: datetime) -> bool:
    """Say whether positions must be closed; past the bell too, for what is still held."""
    return now >= flatten_at
