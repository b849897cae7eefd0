"""A period's curves: P&L and the distance from its peak, at the end of each session."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from dashboard.components.charts import ZERO_LINE, bare_layout
from dashboard.queries.history import HistoryView


def cumulative_figure(view: HistoryView) -> dict[str, Any]:
    """Return the curve of the cumulative P&L."""
    return _figure(view, [day.cumulative for day in view.days], {})


def drawdown_figure(view: HistoryView) -> dict[str, Any]:
    """Return the curve of the drawdown, filled up to its peak."""
    fill = {"fill": "tozeroy", "fillcolor": "rgba(220, 38, 38, 0.16)"}
    return _figure(view, [day.drawdown for day in view.days], fill)


def _figure(view: HistoryView, amounts: Sequence[Decimal], more: dict[str, Any]) -> dict[str, Any]:
    layout = {**bare_layout(), "hovermode": "x", "shapes": [ZERO_LINE]}
    layout["xaxis"] |= {"type": "date", "tickformat": "%b %-d", "nticks": 8}
    layout["yaxis"] |= {"tickformat": "$,.2~f"}
    curve = {
        "type": "scatter",
        "mode": "lines+markers" if len(amounts) == 1 else "lines",
        "x": [day.day.isoformat() for day in view.days],
        "y": [float(amount) for amount in amounts],
        "line": {"width": 2},
        "hovertemplate": "%{x|%b %-d}  $%{y:,.2f}<extra></extra>",
        **more,
    }
    return {"data": [curve], "layout": layout}
