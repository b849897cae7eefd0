"""How old something is. The browser lets ages grow by itself: see assets/bots.js."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dash import html

from dashboard.components.figures import brief
from engine.clock import SystemClock, wall_now
from engine.desk import Desk

BY_THE_WALL = "By the wall clock, in New York; the desk itself goes by the clock of its market"


def wall_note(desk: Desk) -> str:
    """Return what is to be said of moments of the wall clock, nothing where the desk goes by it."""
    return "" if isinstance(desk.clock, SystemClock) else BY_THE_WALL


def age(at: datetime | None, never: str = "never") -> html.Span:
    """Show how long ago something was by the wall clock, which other bots run by."""
    if at is None:
        return html.Span(never, className="age")
    seconds = max(0.0, (wall_now() - at).total_seconds())
    grows: Any = {"data-age": f"{seconds:.1f}"}
    return html.Span(brief(seconds), className="age", title=f"{at:%Y-%m-%d %H:%M:%S} UTC", **grows)
