"""The exchange's own time: it moves only forward, and never says the same moment twice."""

from __future__ import annotations


class ExchangeTime:
    """The moment it is told, and finer moments in between for whatever happens at once."""

    def __init__(self, now: int) -> None:
        self.now = now
        self._last = now

    def advance_to(self, moment: int) -> None:
        """Go to a later moment; an earlier one is ignored."""
        self.now = max(self.now, moment)

    def tick(self) -> int:
        """Return a moment later than any returned before, a nanosecond if time stands still."""
        self._last = max(self._last + 1, self.now)
        return self._last
