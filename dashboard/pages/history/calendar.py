"""The days of a period as a calendar: a column for each week, darker the more a day mattered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from dash import html
from dash.development.base_component import Component

from dashboard.components.figures import day as day_text
from dashboard.components.figures import dollars, signed
from dashboard.queries.history import DayResult

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri")
STEPS = 4
WEEK = timedelta(days=7)


def calendar(days: Sequence[DayResult]) -> list[Component]:
    """Return the calendar; each day leads to its positions."""
    if not days:
        return [html.P("No session is in this period.", className="empty")]
    greatest = max((abs(day.pnl) for day in days), default=Decimal(0))
    known = {day.day: day for day in days}
    names = html.Div([html.Span(), *map(html.Span, WEEKDAYS)], className="week names")
    weeks = [_week(monday, known, greatest) for monday in _mondays(days)]
    return [html.Div([names, *weeks], className="calendar")]


def _mondays(days: Sequence[DayResult]) -> list[date]:
    first = days[0].day - timedelta(days=days[0].day.weekday())
    count = (days[-1].day - first) // WEEK + 1
    return [first + number * WEEK for number in range(count)]


def _week(monday: date, known: Mapping[date, DayResult], greatest: Decimal) -> html.Div:
    week = [monday + timedelta(days=number) for number in range(len(WEEKDAYS))]
    month = f"{monday:%b}" if monday.day <= WEEK.days else ""
    cells = [_cell(known.get(day), greatest) for day in week]
    return html.Div([html.Span(month, className="month"), *cells], className="week")


def _cell(result: DayResult | None, greatest: Decimal) -> Component:
    if result is None:
        return html.Span(className="day none")
    text = signed(result.pnl, dollars(result.pnl))
    label = f"{day_text(result.day)}: {text}, {result.trades} trades"
    return html.A(
        f"{result.day.day}",
        href=f"/positions?first={result.day}&last={result.day}",
        title=label,
        className=f"inside day {_shade(result, greatest)}",
    )


def _shade(result: DayResult, greatest: Decimal) -> str:
    if not result.pnl or not greatest:
        return "even"
    step = min(STEPS, int(abs(result.pnl) / greatest * STEPS) + 1)
    return f"{'up' if result.pnl > 0 else 'down'}-{step}"
