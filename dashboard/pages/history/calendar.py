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
    """Return the weeks for the browser to draw: its names, and a day or None five times.

    A month and a year are named where they begin, and above the first week.
    """
    greatest = max((abs(day.pnl) for day in days), default=Decimal(0))
    known = {day.day: day for day in days}
    mondays = _mondays(days)
    before = [None, *mondays]
    return [
        {**_names(monday, last), "days": _cells(monday, known, greatest)}
        for monday, last in zip(mondays, before, strict=False)
    ]


def _mondays(days: Sequence[DayResult]) -> list[date]:
    if not days:
        return []
    first = days[0].day - timedelta(days=days[0].day.weekday())
    count = (days[-1].day - first) // WEEK + 1
    return [first + number * WEEK for number in range(count)]


def _names(monday: date, before: date | None) -> dict[str, str]:
    is_new_year = before is None or before.year != monday.year
    is_new_month = is_new_year or before is None or before.month != monday.month
    return {
        "month": f"{monday:%b}" if is_new_month else "",
        "year": f"{monday.year}" if is_new_year else "",
    }


def _cells(
    monday: date, known: Mapping[date, DayResult], greatest: Decimal
) -> list[dict[str, str] | None]:
    week = [monday + timedelta(days=number) for number in range(WEEKDAYS)]
    return [_cell(known.get(day), greatest) for day in week]


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
