"""Who may stay on the feed, and who is told that their token ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from dashboard.feed.messages import Message, message
from dashboard.feed.reader import CloseCode, Reader
from engine.clock import stopwatch, wall_now

CHECK_EVERY = 30.0  # seconds; a change of somebody's access is looked at as soon as it is told
SUBSCRIBE_WITHIN = 10.0
REMIND_BEFORE = timedelta(minutes=5)
REFRESH_URL = "/api/v1/auth/refresh"

Ending = tuple[CloseCode, str]


def must_go(reader: Reader) -> Ending | None:
    """Say why a reader's connection ends now, None if it goes on; asks nobody."""
    expires_at = reader.visitor.expires_at
    if expires_at is not None and expires_at <= wall_now():
        return CloseCode.LOGGED_OUT, "the token has ended"
    if not reader.channels and stopwatch() - reader.line.opened_at > SUBSCRIBE_WITHIN:
        return CloseCode.POLICY, "subscribe first"
    return None


def is_due(reader: Reader) -> bool:
    """Say whether a reader's welcome must be looked up again."""
    return reader.is_doubted or stopwatch() - reader.checked_at > CHECK_EVERY


def check(reader: Reader) -> Ending | None:
    """Look a reader's welcome up; say why its connection ends, None if it goes on."""
    is_welcome = reader.visitor.is_welcome()  # a database that is away leaves the doubt
    reader.checked_at, reader.is_doubted = stopwatch(), False
    return None if is_welcome else (CloseCode.LOGGED_OUT, "logged out")


def reminder(reader: Reader, newest: Callable[[], int]) -> Message | None:
    """Return what tells a reader that its token ends soon, once for each token."""
    expires_at: datetime | None = reader.visitor.expires_at
    if expires_at is None or expires_at - wall_now() > REMIND_BEFORE:
        return None
    if reader.reminded_of == expires_at:
        return None
    seq = newest()
    reader.reminded_of = expires_at
    return message("token_refresh_required", seq, refresh_url=REFRESH_URL, expires_at=expires_at)
