"""A position's day in candles, with everything the desk did marked in them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from dashboard.components.charts import CANDLES, GROUND, PRIMARY, QUIET, STOP, bare_layout
from dashboard.components.figures import price, stamp
from dashboard.queries.trade_life import LifeFill, LifeOrder, TradeLife
from engine.desk import Desk
from engine.market_hours import Session
from models.market import BarColumns, moment
from models.money import PLACES
from models.vocabulary import OrderPurpose, Side

Trace = dict[str, Any]
Frames = dict[
    str, dict[str, Any]
]  # what each view shows: the range of its x axis and of its y axis

WHOLE, AROUND = "day", "trade"
MINUTE = timedelta(minutes=1)
LONG_GAP = timedelta(minutes=5)  # as long as the shortest halt; less is a quiet moment
BESIDE = timedelta(minutes=15)  # what is shown of the day before and after a trade


def day_figure(desk: Desk, life: TradeLife, bars: BarColumns, view: str) -> dict[str, Any]:
    """Return the chart: candles, opening range, entry level, path of the stop, fills.

    `view` is which frame somebody chose, and in which turn (assets/position.js).
    """
    session = desk.hours.session_on(life.trade.session)
    traces = [_candles(bars)]
    layout = bare_layout(legend=True, zooms=True)
    if session is not None:
        now = desk.clock.now()
        traces += [*_entry_level(life, session), *_stop_path(life, min(now, session.closes_at))]
        layout["shapes"] = [*_opening_range(life, session), *_gaps(bars)]
        layout["meta"] = frames = _frames(life, session, bars, now)
        _show(layout, frames[AROUND if view.startswith(AROUND) else WHOLE])
    traces += [trace for purpose in OrderPurpose if (trace := _fills(life, purpose))]
    layout["xaxis"]["tickformat"] = "%H:%M"
    layout["yaxis"]["tickformat"] = ",.2f"
    layout["uirevision"] = f"{life.trade.id} {view}"  # a zoom outlives the next minute
    return {"data": traces, "layout": layout}


def _show(layout: dict[str, Any], frame: dict[str, Any]) -> None:
    layout["xaxis"]["range"] = frame["x"]
    if frame["y"]:
        layout["yaxis"]["range"] = frame["y"]


def _frames(life: TradeLife, session: Session, bars: BarColumns, now: datetime) -> Frames:
    trade = life.trade
    first = max(trade.opened_at - BESIDE, session.opens_at)
    last = min((trade.closed_at or now) + BESIDE, session.closes_at)
    day = [stamp(session.opens_at), stamp(session.closes_at)]
    around = {"x": [stamp(first), stamp(last)], "y": _heights(bars.between(first, last), life)}
    return {WHOLE: {"x": day, "y": None}, AROUND: around}


def _heights(bars: BarColumns, life: TradeLife) -> list[float] | None:
    """Return the lowest and highest of some bars and of what is drawn among them, with a margin."""
    if not len(bars):
        return None
    drawn = [fill.price for fill in life.fills] + [life.trade.stop_price or life.trade.entry_price]
    lowest = min(float(bars.low.min()) / 10**PLACES, *map(float, drawn))
    highest = max(float(bars.high.max()) / 10**PLACES, *map(float, drawn))
    margin = (highest - lowest) * 0.05
    return [round(lowest - margin, 4), round(highest + margin, 4)]


def _candles(bars: BarColumns) -> Trace:
    prices = {
        name: [round(float(value), 4) for value in column / 10**PLACES]
        for name, column in (
            ("open", bars.open),
            ("high", bars.high),
            ("low", bars.low),
            ("close", bars.close),
        )
    }
    return {
        **CANDLES,
        "name": "minute bars",
        "x": [stamp(moment(int(start))) for start in bars.start],
        **prices,
        "showlegend": False,
    }


def _opening_range(life: TradeLife, session: Session) -> list[Trace]:
    found = life.range
    if found is None or found.high is None or found.low is None:
        return []
    return [
        {
            "type": "rect",
            "x0": stamp(session.opens_at),
            "x1": stamp(session.scan_at),
            "y0": float(found.low),
            "y1": float(found.high),
            "line": {"width": 1, "color": PRIMARY},
            "fillcolor": PRIMARY,
            "opacity": 0.25,
            "layer": "below",
            "name": "opening range",
            "showlegend": True,
        }
    ]


def _gaps(bars: BarColumns) -> list[Trace]:
    """Mark where minutes have no bar, or a halt would look as if the chart had a hole."""
    starts = [moment(int(start)) for start in bars.start]
    ends = [start + MINUTE for start in starts]
    found = [gap for gap in zip(ends, starts[1:], strict=False) if gap[1] - gap[0] >= LONG_GAP]
    return [
        {
            "type": "rect",
            "yref": "paper",
            "x0": stamp(since),
            "x1": stamp(until),
            "y0": 0,
            "y1": 1,
            "line": {"width": 0},
            "fillcolor": QUIET,
            "opacity": 0.12,
            "layer": "below",
            "name": "no bars: a halt, or no trade was seen",
            "legendgroup": "gaps",
            "showlegend": not number,
        }
        for number, (since, until) in enumerate(found)
    ]


def _entry_level(life: TradeLife, session: Session) -> list[Trace]:
    level = life.trade.entry_level
    if level is None:
        return []
    ends = life.trade.opened_at
    return [
        _line(
            f"entry level {price(level)}",
            [session.scan_at, ends],
            [float(level)] * 2,
            {"color": PRIMARY, "width": 2, "dash": "dash"},
        )
    ]


def _stop_path(life: TradeLife, until: datetime) -> list[Trace]:
    """Draw where the protective stop was: a step for each stop order that was live."""
    moments: list[datetime | None] = []
    levels: list[float | None] = []
    for order in life.orders:
        if order.purpose is not OrderPurpose.STOP or order.stop_price is None:
            continue
        moments += [_lives_from(order, life), order.ended_at or until, None]
        levels += [float(order.stop_price)] * 2 + [None]
    if not moments:
        return []
    return [_line("protective stop", moments, levels, {"color": STOP, "width": 2})]


def _lives_from(order: LifeOrder, life: TradeLife) -> datetime:
    """Return when a stop began to protect: not before there was something to protect."""
    return max(order.submitted_at or order.intended_at, life.trade.opened_at)


def _fills(life: TradeLife, purpose: OrderPurpose) -> Trace | None:
    chosen = [fill for fill in life.fills if fill.purpose is purpose]
    if not chosen:
        return None
    buys = [fill.side is Side.LONG.entry for fill in chosen]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": f"{purpose} fill{'s' * (len(chosen) != 1)}",
        "x": [stamp(fill.filled_at) for fill in chosen],
        "y": [float(fill.price) for fill in chosen],
        "marker": {
            "symbol": ["triangle-up" if buy else "triangle-down" for buy in buys],
            "size": 15,
            "color": PRIMARY if purpose is OrderPurpose.ENTRY else STOP,
            "line": {"width": 1.5, "color": GROUND},
        },
        "text": _words(chosen),
        "hovertemplate": "%{text}<extra></extra>",
    }


def _words(fills: Sequence[LifeFill]) -> list[str]:
    return [
        f"{fill.purpose}: {fill.side} {fill.quantity:,} at {price(fill.price)}" for fill in fills
    ]


def _line(
    name: str, at: Sequence[datetime | None], y: Sequence[float | None], line: dict[str, Any]
) -> Trace:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": [stamp(moment) if moment else None for moment in at],
        "y": list(y),
        "line": line,
        "hoverinfo": "name+y",
    }
