"""A period's curves: P&L and the distance from its peak, at the end of each session.

Both begin with nothing on the day before the first session.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from dashboard.components.charts import (
    FALL,
    LEAST_PNL,
    LOSS,
    PRIMARY,
    QUIET,
    ZERO_LINE,
    bare_layout,
    day_axis,
    nothing_drawn,
)
from dashboard.queries.benchmark import Comparison
from dashboard.queries.history import HistoryView
from models.market_data import BENCHMARK


def cumulative_figure(view: HistoryView) -> dict[str, Any]:
    """Return the curve of the cumulative P&L, beside what the market would have brought."""
    figure = _figure(view, [day.cumulative for day in view.days], {"name": "The desk"})
    if view.benchmark is not None and view.benchmark.days and view.start:
        figure["data"].append(_market(view, view.benchmark))
        figure["layout"] |= {"showlegend": True, "hovermode": "x unified"}
    return figure


def drawdown_figure(view: HistoryView) -> dict[str, Any]:
    """Return the curve of the drawdown, filled up to its peak."""
    fill = {"fill": "tozeroy", "fillcolor": FALL, "line": {"width": 2, "color": LOSS}}
    figure = _figure(view, [day.drawdown for day in view.days], fill)
    # Nothing is above its peak, and half a dollar below it is no valley.
    figure["layout"]["yaxis"]["autorangeoptions"] = {"maxallowed": 0, "include": -LEAST_PNL}
    return figure


def _market(view: HistoryView, market: Comparison) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": f"{BENCHMARK}, with the same equity",
        "x": [day.isoformat() for day in (_day_before(view), *market.days)],
        "y": [0.0, *(round(float(view.start) * part, 2) for part in market.returns)],
        "line": {"width": 1.5, "dash": "dot", "color": QUIET},
        "hovertemplate": "$%{y:,.2f}",
    }


def _day_before(view: HistoryView) -> date:
    return view.days[0].day - timedelta(days=1)


def _figure(view: HistoryView, amounts: Sequence[Decimal], more: dict[str, Any]) -> dict[str, Any]:
    if not view.days:
        return nothing_drawn("No session is in this period.")
    layout = {**bare_layout(zooms=True), "hovermode": "x", "shapes": [ZERO_LINE]}
    days = [_day_before(view), *(day.day for day in view.days)]
    layout["xaxis"] |= day_axis(days)
    layout["yaxis"] |= {"tickformat": "$,.2~f"}
    layout["uirevision"] = f"{view.days[0].day}"  # a zoom outlives the next trade
    curve = {
        "type": "scatter",
        "mode": "lines",
        "x": [day.isoformat() for day in days],
        "y": [0.0, *map(float, amounts)],
        "line": {"width": 2, "color": PRIMARY},
        "hovertemplate": "%{x|%b %-d}  $%{y:,.2f}<extra></extra>",
        **more,
    }
    return {"data": [curve], "layout": layout}
