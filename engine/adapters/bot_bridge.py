"""The way to other bots: their logs, and the internal API of the delta-neutral bot (N 2.3)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from engine.adapters.log_files import read_log
from engine.adapters.web import Pace, Patience, WebClient
from engine.clock import stopwatch
from engine.errors import SourceRefusedError, SourceUnavailableError
from models.watching import LogPiece, LogPlace, Told

FRESH = 5.0  # seconds that an answer is good for
MOST_FAILURES = 3  # in a row, then the bot is left in peace
PEACE = 10.0  # seconds, doubled after each attempt in vain
LONGEST_PEACE = 60.0
PATIENCE = Patience(connect=1.0, silence=2.0, total=2.0, attempts=1, most_bytes=1 << 22)
MOST_REQUESTS = 120  # a minute, of one bot

HEALTH = "/health"
PARTS = {"positions": "/internal/positions", "stats": "/internal/stats"}
FUNDING = "/internal/funding"  # not every version has it
NOT_THERE = 404


class Breaker:
    """Leaves somebody in peace who has failed to answer several times, for longer each time."""

    def __init__(self) -> None:
        self._failures = 0
        self._again_at = 0.0

    def lets_through(self, now: float) -> bool:
        """Say whether to ask."""
        return now >= self._again_at

    def went_well(self) -> None:
        """Forget every failure."""
        self._failures, self._again_at = 0, 0.0

    def failed(self, now: float) -> None:
        """Count a failure."""
        self._failures += 1
        beyond = self._failures - MOST_FAILURES
        if beyond >= 0:
            self._again_at = now + min(PEACE * 2**beyond, LONGEST_PEACE)


class BotBridge:
    """Asks bots, each not more often than its answer is fresh. One thread may use it."""

    def __init__(self, keys: Mapping[str, SecretStr], patience: Patience = PATIENCE) -> None:
        self._keys = keys
        self._patience = patience
        self._lines: dict[tuple[str, str], _Line] = {}

    def read_log(self, path: str, place: LogPlace | None) -> LogPiece:
        """Return the next lines of a log."""
        return read_log(Path(path), place)

    def ask(self, name: str, url: str) -> Told | None:
        """Ask a bot how it is; None while its last answer is fresh or it is left in peace."""
        if (name, url) not in self._lines:
            self._lines[name, url] = _Line(url, self._keys.get(name), self._patience)
        return self._lines[name, url].ask()


class _Line:
    """The line to one bot."""

    def __init__(self, url: str, key: SecretStr | None, patience: Patience) -> None:
        headers = {"Accept": "application/json"}
        if key is not None:
            headers["X-API-Key"] = key.get_secret_value()
        self._url = url
        self._client = WebClient(headers, Pace(MOST_REQUESTS), patience)
        self._breaker = Breaker()
        self._asked_at: float | None = None

    def ask(self) -> Told | None:
        now = stopwatch()
        is_fresh = self._asked_at is not None and now - self._asked_at < FRESH
        if is_fresh or not self._breaker.lets_through(now):
            return None
        self._asked_at = now
        try:
            parts = self._parts()
        except (SourceRefusedError, SourceUnavailableError) as trouble:
            self._breaker.failed(stopwatch())
            return Told({}, str(trouble))
        self._breaker.went_well()
        return Told(parts)

    def _parts(self) -> dict[str, Any]:
        parts = {"health": self._client.get(self._url + HEALTH)}
        for name, path in PARTS.items():
            parts[name] = self._client.get(self._url + path)
        try:
            parts["funding"] = self._client.get(self._url + FUNDING)
        except SourceRefusedError as refusal:
            if refusal.status != NOT_THERE:
                raise
        return parts
