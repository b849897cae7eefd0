"""What the engine does next, for the countdown on the page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class SessionLike(Protocol):
    """The moments of a session."""

    @property
    def opens_at(self) -> datetime:
        """Return the open."""
        ...

    @property
    def scan_at(self) -> datetime:
        """Return the end of the opening range."""
        ...

    @property
    def flatten_at(self) -> datetime:
        """Return the moment from which everything is closed."""
        ...

    @property
    def closes_at(self) -> datetime:
        """Return the close."""
        ...


@dataclass(frozen=True, slots=True)
class NextEvent:
    """Something the engine will do, and when."""

    name: str
    at: datetime


def next_events(
    session: SessionLike | None, now: datetime, following: SessionLike
) -> list[NextEvent]:
    """Return what is still to come today, else tomorrow's first events; soonest first."""
    todays = _events(session) if session else []
    coming = [event for event in todays if event.at > now]
    return coming or _events(following)


def _events(session: SessionLike) -> list[NextEvent]:
    return [
        NextEvent("market opens", session.opens_at),
        NextEvent("scan", session.scan_at),
        NextEvent("flatten", session.flatten_at),
        NextEvent("market closes", session.closes_at),
    ]
