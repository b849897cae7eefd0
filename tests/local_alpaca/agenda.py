"""What the exchange has to do later, by the moment it is due."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush


class Agenda:
    """Tasks in order of their moments; tasks of one moment run in the order they were added."""

    def __init__(self) -> None:
        self._tasks: list[tuple[int, int, Callable[[], None]]] = []
        self._count = 0

    @property
    def next_at(self) -> int | None:
        """Return when the next task is due, None when there is none."""
        return self._tasks[0][0] if self._tasks else None

    def add(self, moment: int, task: Callable[[], None]) -> None:
        """Do something at a moment."""
        self._count += 1
        heappush(self._tasks, (moment, self._count, task))

    def run_due(self, now: int) -> None:
        """Do everything that is due, what it adds for now included."""
        while self._tasks and self._tasks[0][0] <= now:
            heappop(self._tasks)[2]()
