"""The charts of the Analytics page."""

from __future__ import annotations

from typing import Any

from dashboard.components.charts import (
    GAIN,
    LOSS,
    PRIMARY,
    ZERO_LINE,
    bare_layout,
    day_axis,
    nothing_drawn,
)
from dashboard.components.figures import day, fixed
from dashboard.pages.analytics.measures import WORDINGS, Wording
from dashboard.queries.analytics import R_STEP, AnalyticsView
from dashboard.queries.measures import BY_GREATEST, DaySpread, Measured

FEW_TRADES = 6


def multiples_figure(view: AnalyticsView) -> dict[str, Any]:
    """Return the chart of how many trades ended at which multiple of their risk."""
    if not view.multiples:
        return nothing_drawn("No finished trade has a known risk.")
    layout_ = bare_layout()
    layout_["xaxis"] |= {"ticksuffix": " R", "nticks": 12}
    layout_["bargap"] = 0.08
    if max((count for _start, count in view.multiples), default=0) <= FEW_TRADES:
        layout_["yaxis"] |= {"dtick": 1}  # there is no half of a trade
    starts = [start for start, _count in view.multiples]
    bars = {
        "type": "bar",
        "x": [start + R_STEP / 2 for start in starts],
        "y": [count for _start, count in view.multiples],
        "width": R_STEP * 0.92,
        "marker": {"color": [GAIN if start >= 0 else LOSS for start in starts]},
        "customdata": [f"{fixed(start, 1)} to {fixed(start + R_STEP, 1)} R" for start in starts],
        "hovertemplate": "%{customdata}: %{y} trades<extra></extra>",
    }
    return {"data": [bars], "layout": layout_}


def days_figure(found: Measured) -> dict[str, Any]:
    """Return the chart of a measure in each session: in the middle and near its greatest.

    Where once is too often, the greatest itself is drawn: 95 % of the trades would hide it.
    """
    words, days = WORDINGS[found.measure], found.days
    if not days:
        return nothing_drawn(f"Nothing was measured: {words.name}.")
    is_alarming = found.measure in BY_GREATEST
    layout_ = {**bare_layout(legend=True), "hovermode": "x", "shapes": [ZERO_LINE]}
    layout_["xaxis"] |= day_axis([each.day for each in days])
    layout_["yaxis"] |= words.axis
    marks = {"type": "scatter", "mode": "markers", "x": [each.day.isoformat() for each in days]}
    above = {
        **marks,
        "name": words.greatest.capitalize() if is_alarming else "95 %",
        "y": [each.spread.worst if is_alarming else each.spread.p95 for each in days],
        "marker": {
            "size": 7 if is_alarming else 4,
            "color": words.colour,
            "symbol": "triangle-up",
        },
        "hoverinfo": "skip",
    }
    points = {
        **marks,
        "name": "Median",
        "y": [each.spread.median for each in days],
        "marker": {"size": 5, "color": PRIMARY},
        "customdata": [_told(each, words) for each in days],
        "hovertemplate": "%{customdata}<extra></extra>",
    }
    return {"data": [above, points], "layout": layout_}


def _told(found: DaySpread, words: Wording) -> str:
    """Return what a session's mark says: the measure, how often it was taken, and its spread."""
    spread = found.spread
    median, p95, greatest = (words.write(at) for at in (spread.median, spread.p95, spread.worst))
    return (
        f"{day(found.day)}, {words.name}, {spread.count} measured:<br>"
        f"median {median}, 95 % {p95}, {words.greatest} {greatest}"
    )
