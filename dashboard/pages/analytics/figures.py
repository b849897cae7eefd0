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
from dashboard.components.figures import day, duration, fixed
from dashboard.queries.analytics import R_STEP, AnalyticsView

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


def days_figure(view: AnalyticsView) -> dict[str, Any]:
    """Return the chart of how far the entries of each session were from their levels."""
    measured = [done for done in view.days if done.slippage_r is not None]
    if not measured:
        return nothing_drawn("No entry was measured against its level.")
    layout_ = {**bare_layout(), "shapes": [ZERO_LINE]}
    layout_["xaxis"] |= day_axis(len(measured))
    layout_["yaxis"] |= {"ticksuffix": " R"}
    points = {
        "type": "scatter",
        "mode": "markers",
        "x": [done.day.isoformat() for done in measured],
        "y": [done.slippage_r for done in measured],
        "marker": {"size": 5, "color": PRIMARY},
        "customdata": [
            f"{day(done.day)}, {done.trades} trades, {duration(done.unprotected)} without a stop"
            for done in measured
        ],
        "hovertemplate": "%{customdata}: median slippage %{y:.3f} R<extra></extra>",
    }
    return {"data": [points], "layout": layout_}
