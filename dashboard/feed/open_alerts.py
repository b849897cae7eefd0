"""The alerts that nobody has acknowledged, for every picture without asking for each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy.orm import Session as Transaction

from dashboard.queries.alerts import standing_alerts
from dashboard.queries.journal import Fact
from engine.clock import stopwatch

SHOWN = 100
CHANGING = frozenset({"alert", "acknowledgement"})
READ_EVERY = 30.0  # seconds; what has been cleaned away is no fact


class OpenAlerts:
    """Reads them when the journal tells of one, or that one was seen: old ones are many."""

    def __init__(self) -> None:
        self._facts: Sequence[Fact] = ()
        self._read_at: float | None = None

    def follow(self, facts: Iterable[Fact]) -> None:
        """Hear whether something about them is among new facts."""
        if any(fact.kind in CHANGING for fact in facts):
            self._read_at = None

    def look(self, tx: Transaction) -> Sequence[Fact]:
        """Return them, the newest first."""
        if self._read_at is None or stopwatch() - self._read_at >= READ_EVERY:
            self._facts = standing_alerts(tx, SHOWN)
            self._read_at = stopwatch()
        return self._facts
