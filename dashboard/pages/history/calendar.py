"""The days of a period as a calendar: a column for each week, darker the more a day mattered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from dashboard.components.figures import day as day_text
from dashboard.components.figures import dollars, signed
from dashboard.queries.history import DayResult

WEEKDAYS = 5
STEPS = 4
WEEK = timedelta(days=7)


def calendar(days: Sequence[DayResult]) -> list[dict[str, Any]]:
    """Return the weeks for the browser to draw: a month's name, and a day or None five times."""
    greatest = max((abs(day.pnl) for day in days), default=Decimal(0))
    known = {day.day: day for day in days}
    return [_week(monday, known, greatest) for monday in _mondays(days)]


def _mondays(days: Sequence[DayResult]) -> list[date]:
    if not days:
        return []
    first = days[0].day - timedelta(days=days[0].day.weekday())
    count = (days[-1].day - first) // WEEK + 1
    return [first + number * WEEK for number in range(count)]


def _week(monday: date, known: Mapping[date, DayResult], greatest: Decimal) -> dict[str, Any]:
    week = [monday + timedelta(days=number) for number in range(WEEKDAYS)]
    month = f"{monday:%b}" if monday.day <= WEEK.days else ""
    return {"month": month, "days": [_cell(known.get(day), greatest) for day in week]}


def _cell(result: DayResult | None, greatest: Decimal) -> dict[str, str] | None:
    if result is None:
        return None
    text = signed(result.pnl, dollars(result.pnl))
    words = f"{day_text(result.day)}: {text}, {result.trades} trades"
    return {"date": result.day.isoformat(), "words": words, "shade": _shade(result, greatest)}


def _shade(result: DayResult, greatest: Decimal) -> str:
    if not result.pnl or not greatest:
        return "even"
    step = min(STEPS, int(abs(result.pnl) / greatest * STEPS) + 1)
    return f"{'up' if result.pnl > 0 else 'down'}-{step}"
