"""What somebody is told who asked the engine for something: also that no engine will do it."""

from __future__ import annotations

from dashboard.components.toasts import say, warn
from dashboard.queries.status import engine_trouble
from engine.desk import Desk


def say_asked(desk: Desk, done: str, undone: str, *, first: str = "") -> None:
    """Tell what was done at once, then what the engine does, or what stays undone without one."""
    with desk.db.read() as tx:
        trouble = engine_trouble(tx, desk)
    if trouble is None:
        say(f"{first}{done}")
    else:
        warn(f"{first}{trouble}: {undone}")
