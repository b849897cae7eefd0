"""What somebody is told who asked the engine for something: also that there is no engine."""

from __future__ import annotations

from dashboard.components.toasts import say, warn
from dashboard.queries.control import has_engine
from engine.desk import Desk


def say_asked(desk: Desk, done: str, undone: str) -> None:
    """Tell what the engine does now, or what stays undone while none is running."""
    with desk.db.read() as tx:
        is_led = has_engine(tx)
    if is_led:
        say(done)
    else:
        warn(undone)
