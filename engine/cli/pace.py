"""How fast a replay goes: as fast as it can, or so many times real time."""

from __future__ import annotations

import threading
from datetime import datetime

import click

from engine.clock import stopwatch
from engine.market_hours import new_york
from engine.replay import Pace, no_pace


class Speed(click.ParamType[float | None]):
    """A positive number, or `max`, which is None."""

    name = "N|max"

    def convert(
        self,
        value: str | float | None,
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> float | None:
        """Read it."""
        if value is None or value == "max":
            return None
        try:
            speed = float(value)
        except ValueError:
            speed = 0.0
        if not 0 < speed < float("inf"):
            self.fail(f"{value!r} is neither a positive number nor `max`", param, ctx)
        return speed


class _Paced:
    """Waits until a moment has come at its speed. Nights are not waited for."""

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._pause = threading.Event()
        self._first: datetime | None = None
        self._began = 0.0

    def __call__(self, moment: datetime) -> None:
        """Wait for a moment."""
        if self._first is None or new_york(self._first).date() != new_york(moment).date():
            self._first, self._began = moment, stopwatch()
        due = self._began + (moment - self._first).total_seconds() / self._speed
        self._pause.wait(max(0.0, due - stopwatch()))


def pace_of(speed: float | None) -> Pace:
    """Return what a replay calls before each of its moments."""
    return no_pace if speed is None else _Paced(speed)
