"""Small markets for tests: a few bars by hand, or one name that behaves as a test needs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from models.market import Bar, BarColumns, bar_columns

OPEN = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)  # a Friday in New York's winter
CLOSE = OPEN + timedelta(hours=6, minutes=30)
QUIET = ("100", "100.5", "99.5", "100")  # open, high, low, close

Prices = tuple[str, str, str, str]


def minute_bars(
    rows: Iterable[Prices], start: datetime = OPEN, *, volume: int = 1000
) -> BarColumns:
    """Return one bar a minute from a start, each given by open, high, low and close."""
    return bar_columns(
        Bar(
            start=start + timedelta(minutes=minute),
            open=Decimal(open_),
            high=Decimal(high),
            low=Decimal(low),
            close=Decimal(close),
            volume=volume,
        )
        for minute, (open_, high, low, close) in enumerate(rows)
    )


def day_with(rows: Iterable[Prices], *, quiet_first: int = 5, minutes: int = 390) -> BarColumns:
    """Return a day that is quiet at $100 but for the given bars after the first minutes."""
    given = list(rows)
    rest = minutes - quiet_first - len(given)
    return minute_bars([*[QUIET] * quiet_first, *given, *[QUIET] * rest])


def minute(number: float) -> datetime:
    """Return the moment a number of minutes after the open."""
    return OPEN + timedelta(minutes=number)
