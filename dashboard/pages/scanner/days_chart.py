"""A symbol's sessions before the scan in candles, with the volume of each below."""

from __future__ import annotations

from typing import Any

from dashboard.components.charts import CANDLES, PRIMARY, bare_layout
from dashboard.queries.scanner_symbol import SymbolView
from models.market import Ints
from models.money import PLACES

Trace = dict[str, Any]


def days_figure(view: SymbolView) -> dict[str, Any]:
    """Return the chart; sessions without a bar keep their place."""
    layout = bare_layout()
    layout["xaxis"] |= {"type": "category", "nticks": 5, "tickangle": 0}
    layout["yaxis"] |= {"domain": [0.3, 1], "tickformat": ",.2f"}
    layout["yaxis2"] = {**layout["yaxis"], "domain": [0, 0.22], "tickformat": "~s", "nticks": 3}
    layout["shapes"] = _opening_range(view)
    return {"data": [_candles(view), _volumes(view)], "layout": layout}


def _candles(view: SymbolView) -> Trace:
    bars = view.bars
    prices = {
        name: _dollars(view, column)
        for name, column in (
            ("open", bars.open),
            ("high", bars.high),
            ("low", bars.low),
            ("close", bars.close),
        )
    }
    return {
        **CANDLES,
        "name": "daily bars",
        "x": _labels(view),
        **prices,
        "showlegend": False,
    }


def _volumes(view: SymbolView) -> Trace:
    return {
        "type": "bar",
        "name": "volume",
        "x": _labels(view),
        "y": view.bars.volume[0].tolist(),
        "yaxis": "y2",
        "marker": {"color": PRIMARY, "opacity": 0.45},
        "hovertemplate": "%{x}: %{y:,} shares<extra></extra>",
        "showlegend": False,
    }


def _opening_range(view: SymbolView) -> list[Trace]:
    """Draw the session's range across the days that it came out of."""
    seen = view.range
    if seen is None or seen.high is None or seen.low is None:
        return []
    line = {"color": PRIMARY, "width": 1}
    band = {"type": "rect", "xref": "paper", "x0": 0, "x1": 1, "layer": "below", "opacity": 0.22}
    ends = {"y0": float(seen.low), "y1": float(seen.high)}
    return [{**band, **ends, "line": line, "fillcolor": PRIMARY}]


def _labels(view: SymbolView) -> list[str]:
    return [f"{session:%d %b}" for session in view.bars.sessions]


def _dollars(view: SymbolView, column: Ints) -> list[float | None]:
    pairs = zip(column[0].tolist(), view.bars.present[0].tolist(), strict=True)
    return [round(value / 10**PLACES, 4) if is_there else None for value, is_there in pairs]
