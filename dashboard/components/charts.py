"""Charts in the desk's colours: drawn plain here, coloured by assets/desk.css."""

from __future__ import annotations

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


def line_chart(id_: str) -> dcc.Graph:
    """Show one line over the session, empty until the feed fills it."""
    return dcc.Graph(id=id_, figure=_line_figure(), config=CONFIG, className="chart")


def _line_figure() -> dict[str, Any]:
    axis = {"fixedrange": True, "zeroline": False, "automargin": True, "title": {"text": ""}}
    return {
        "data": [
            {
                "type": "scatter",
                "mode": "lines",
                "x": [],
                "y": [],
                "line": {"width": 2},
                "hovertemplate": "%{x|%H:%M:%S}  $%{y:,.2f}<extra></extra>",
            }
        ],
        "layout": {
            "margin": {"l": 8, "r": 12, "t": 8, "b": 8},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "hovermode": "x",
            "showlegend": False,
            "font": {"size": 11, "family": "inherit"},
            "xaxis": {**axis, "type": "date", "tickformat": "%H:%M", "showgrid": False},
            "yaxis": {**axis, "tickformat": "$,.2~f", "nticks": 6},
            "shapes": [{"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": 0, "y1": 0}],
        },
    }
