"""Charts in the desk's colours: they name tokens of assets/desk.css, as its styles do.

Plotly knows no tokens: `assets/colours.js` gives it what the theme makes of each, and gives it anew
when the theme changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from dash import dcc

# Plotly 7 offers to upload every chart to its makers; none of the desk's charts may leave it.
CONFIG: Any = {
    "displaylogo": False,
    "displayModeBar": False,
    "plotlyServerURL": "",
    "responsive": True,
    "showSendToCloud": False,
}

GAIN, LOSS = "var(--gain)", "var(--loss)"
PRIMARY, STOP = "var(--primary)", "var(--stop)"
QUIET, GROUND, CARD = "var(--text-quiet)", "var(--background)", "var(--card)"
FALL = "var(--fall)"  # what lies between a curve and its peak

# Hollow rises and filled falls, as assets/grids.js draws them: the colour only repeats it.
CANDLES: dict[str, Any] = {
    "type": "candlestick",
    "increasing": {"line": {"color": GAIN, "width": 1}, "fillcolor": CARD},
    "decreasing": {"line": {"color": LOSS, "width": 1}, "fillcolor": LOSS},
}

AXIS: dict[str, Any] = {
    "fixedrange": True,
    "zeroline": False,
    "automargin": True,
    "title": {"text": ""},
}
LEAST_PNL = 50  # dollars up and down that an axis shows at least: cents are no mountains
FEW_DAYS = 8
DAY_MS = 86_400_000
ZERO_LINE = {
    "type": "line",
    "xref": "paper",
    "x0": 0,
    "x1": 1,
    "y0": 0,
    "y1": 0,
    "line": {"width": 1, "dash": "2px,3px"},
    "opacity": 0.8,
}


def line_chart(id_: str) -> dcc.Graph:
    """Show one line over the session, empty until the feed fills it."""
    return dcc.Graph(id=id_, figure=_line_figure(), config=CONFIG, className="chart")


def chart(id_: str, *classes: str) -> dcc.Graph:
    """Show a chart that a callback draws."""
    figure = {"data": [], "layout": bare_layout()}
    return dcc.Graph(id=id_, figure=figure, config=CONFIG, className=" ".join(("chart", *classes)))


def bare_layout(*, legend: bool = False, zooms: bool = False) -> dict[str, Any]:
    """Return a chart's layout: no frame, no title, colours from the page.

    One that `zooms` shows the part of its x axis that is dragged over; a double click shows it all.
    """
    return {
        "margin": {"l": 8, "r": 12, "t": 8, "b": 8},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "hovermode": "closest",
        "showlegend": legend,
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        "font": {"size": 11, "family": "inherit"},
        "bargap": 0.25,
        "xaxis": {
            **AXIS,
            "fixedrange": not zooms,
            "showgrid": False,
            "rangeslider": {"visible": False},
        },
        "yaxis": {**AXIS, "nticks": 6},
    }


def day_axis(days: Sequence[date]) -> dict[str, Any]:
    """Return what makes an x axis one of sessions; of few, each is named once.

    These get room at the ends, or the first name would stand on the other axis, and the last away.
    """
    if not days:  # Plotly would label each day of a year of its own
        return {"type": "date", "showticklabels": False}
    axis = {"type": "date", "tickformat": "%b %-d"}
    if days[-1] - days[0] >= timedelta(days=FEW_DAYS):
        return {**axis, "nticks": FEW_DAYS}
    ends = [f"{days[0] - timedelta(days=1)} 12:00", f"{days[-1]} 12:00"]
    return {**axis, "dtick": DAY_MS, "range": ends}


def nothing_drawn(why: str) -> dict[str, Any]:
    """Return a figure without data: a word instead of axes."""
    layout = bare_layout()
    layout["xaxis"] |= {"visible": False}
    layout["yaxis"] |= {"visible": False}
    place = {"xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5, "showarrow": False}
    layout["annotations"] = [{"text": why, **place}]
    return {"data": [], "layout": layout}


def _line_figure() -> dict[str, Any]:
    line = {
        "type": "scatter",
        "mode": "lines",
        "x": [],
        "y": [],
        "line": {"width": 2, "color": PRIMARY},
        "hovertemplate": "%{x|%H:%M:%S}  $%{y:,.2f}<extra></extra>",
    }
    layout = {**bare_layout(), "hovermode": "x", "shapes": [ZERO_LINE]}
    layout["xaxis"] = {**AXIS, "type": "date", "tickformat": "%H:%M", "showgrid": False}
    least = {"include": [-LEAST_PNL, LEAST_PNL]}
    layout["yaxis"] = {**AXIS, "tickformat": "$,.2~f", "nticks": 6, "autorangeoptions": least}
    return {"data": [line], "layout": layout}
