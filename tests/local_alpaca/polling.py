"""Waiting for what other threads do."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from typing import Any

PATIENCE = 10  # seconds until a test gives up
_GRAIN = 0.01


def until(condition: Callable[[], Any]) -> None:
    """Return once a condition is true; fail when it never is."""
    pause = Event()
    for _ in range(round(PATIENCE / _GRAIN)):
        if condition():
            return
        pause.wait(_GRAIN)
    raise AssertionError("what was waited for never came true")
