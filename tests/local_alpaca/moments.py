"""Moments as whole nanoseconds since the epoch, the grain of Alpaca's timestamps."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

SECOND = 1_000_000_000
MINUTE = 60 * SECOND
DAY = 24 * 60 * MINUTE

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FRACTION = re.compile(r"\.(\d+)")


def nanoseconds(at: datetime) -> int:
    """Return an aware moment as nanoseconds since the epoch."""
    return (at - _EPOCH) // timedelta(microseconds=1) * 1000


def span(length: timedelta) -> int:
    """Return a length of time in nanoseconds."""
    return length // timedelta(microseconds=1) * 1000


def as_datetime(moment: int) -> datetime:
    """Return a moment as an aware datetime; what is finer than a microsecond is lost."""
    return _EPOCH + timedelta(microseconds=moment // 1000)


def stamp(moment: int) -> str:
    """Write a moment as Alpaca does: UTC, up to nine decimals, no trailing zeros."""
    seconds, fraction = divmod(moment, SECOND)
    text = as_datetime(seconds * SECOND).strftime("%Y-%m-%dT%H:%M:%S")
    decimals = f".{fraction:09d}".rstrip("0") if fraction else ""
    return f"{text}{decimals}Z"


def stamp_or_none(moment: int | None) -> str | None:
    """Write a moment, or nothing when it has not come yet."""
    return None if moment is None else stamp(moment)


def parse(text: str) -> int:
    """Read a date or an RFC 3339 time with up to nine decimals; without a zone it is UTC.

    Raises:
        ValueError: the text is neither.
    """
    fraction = _FRACTION.search(text)
    whole = datetime.fromisoformat(_FRACTION.sub("", text))
    aware = whole if whole.tzinfo else whole.replace(tzinfo=UTC)
    decimals = int(fraction.group(1)[:9].ljust(9, "0")) if fraction else 0
    return nanoseconds(aware) + decimals
