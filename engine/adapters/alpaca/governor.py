"""Keeps requests under Alpaca's limit, with a reserve that only exits may use."""

from __future__ import annotations

import threading
from collections import deque
from enum import IntEnum

from engine.clock import stopwatch
from engine.errors import BrokerBusyError

WINDOW_SECONDS = 60.0


class Urgency(IntEnum):
    """Who may use how much of the limit: the value is the part kept free for the more urgent."""

    EXIT = 0
    ENTRY = 30
    READ = 60


class Governor:
    """A sliding window over one account's requests; 200 a minute at Alpaca.

    `time_scale` is how many of the broker's seconds pass in one of ours (1 except in tests).
    """

    def __init__(self, limit: int = 190, time_scale: float = 1.0) -> None:
        self._limit = limit
        self._window = WINDOW_SECONDS / time_scale
        self._sent: deque[float] = deque()
        self._lock = threading.Lock()

    def admit(self, urgency: Urgency) -> None:
        """Count a request.

        Raises:
            BrokerBusyError: the part of the limit that this kind may use is used up.
        """
        with self._lock:
            now = stopwatch()
            while self._sent and now - self._sent[0] >= self._window:
                self._sent.popleft()
            if len(self._sent) >= self._limit - urgency:
                wait = self._window - (now - self._sent[0])
                raise BrokerBusyError(
                    f"the request limit is nearly used up; free again in {wait:.0f} s"
                )
            self._sent.append(now)
