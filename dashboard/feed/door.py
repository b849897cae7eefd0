"""Who may stay on the feed, and who is told that their token ends."""

from __future__ import annotations

from datetime import datetime, timedelta

from dashboard.feed.messages import Message, message
from dashboard.feed.reader import CloseCode, Reader
from engine.clock import stopwatch, wall_now

CHECK_EVERY = 30.0  # seconds; a change of somebody's access is looked at as soon as it is told
REMIND_BEFORE = timedelta(minutes=5)
REFRESH_URL = "/api/v1/auth/refresh"


class Door:
    """Watches one reader's welcome."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._checked_at = stopwatch()
        self._reminded_of: datetime | None = None

    def look(self) -> Message | None:
        """End the connection of who is welcome no more; return a reminder where one is due."""
        reader, now = self._reader, wall_now()
        expires_at = reader.visitor.expires_at
        if expires_at is not None and expires_at <= now:
            reader.end(CloseCode.LOGGED_OUT, "the token has ended")
            return None
        if reader.is_doubted or stopwatch() - self._checked_at > CHECK_EVERY:
            self._check()
        if expires_at is None or expires_at - now > REMIND_BEFORE:
            return None
        return self._remind(expires_at)

    def _check(self) -> None:
        self._checked_at = stopwatch()
        self._reader.is_doubted = False
        if not self._reader.visitor.is_welcome():
            self._reader.end(CloseCode.LOGGED_OUT, "logged out")

    def _remind(self, expires_at: datetime) -> Message | None:
        if self._reminded_of == expires_at:
            return None
        self._reminded_of = expires_at
        return message("token_refresh_required", 0, refresh_url=REFRESH_URL, expires_at=expires_at)
