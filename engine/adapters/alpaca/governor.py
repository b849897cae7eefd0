"""Keeps requests under Alpaca's limit, with a reserve that only exits may use."""

from __future__ import annotations

import threading
from collections import deque
from datetime import datetime, timedelta
from enum import IntEnum

from engine.clock import Clock
from engine.errors import BrokerBusyError

WINDOW = timedelta(minutes=1)
COOLING = timedelta(seconds=5)  # after a 429 that our own count did not foresee
TRADING_LIMIT = 190  # of 200 a minute
DATA_LIMITS = {"iex": 190, "sip": 9_500}  # of 200 and 10,000 a minute, by the plan


class Urgency(IntEnum):
    """Who may use how much of the limit: the value is the part kept free for the more urgent."""

    EXIT = 0
    ENTRY = 30
    READ = 60


class Governor:
    """A sliding window over one account's requests, in the desk's time."""

    def __init__(self, clock: Clock, limit: int = TRADING_LIMIT) -> None:
        self._clock = clock
        self._limit = limit
        self._sent: deque[datetime] = deque()
        self._turned_away_at: datetime | None = None
        self._lock = threading.Lock()

    def admit(self, urgency: Urgency) -> None:
        """Count a request.

        Raises:
            BrokerBusyError: the part of the limit that this kind may use is used up.
        """
        with self._lock:
            now = self._clock.now()
            while self._sent and not _is_within(WINDOW, self._sent[0], now):
                self._sent.popleft()
            if len(self._sent) >= self._limit - urgency:
                wait = (self._sent[0] + WINDOW - now).total_seconds()
                raise BrokerBusyError(
                    f"the request limit is nearly used up; free again in {wait:.0f} s"
                )
            if urgency is not Urgency.EXIT and self._is_cooling(now):
                raise BrokerBusyError("Alpaca has just turned requests away (429)")
            self._sent.append(now)

    def turned_away(self) -> None:
        """Hear of a 429: somebody else uses the same keys, so all but exits wait a little."""
        with self._lock:
            self._turned_away_at = self._clock.now()

    def _is_cooling(self, now: datetime) -> bool:
        at = self._turned_away_at
        return at is not None and _is_within(COOLING, at, now)


def _is_within(span: timedelta, at: datetime, now: datetime) -> bool:
    """Say whether a moment was that recent. A clock that was set back must not block for hours."""
    return timedelta(0) <= now - at < span
