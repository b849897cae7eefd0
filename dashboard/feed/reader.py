"""One reader of the feed: who it is, what it wants, and the line that it is on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Protocol

from dashboard.feed.line import Line
from dashboard.feed.messages import Channel, Wire


class CloseCode(IntEnum):
    """Why the server ends a connection."""

    POLICY = 1008
    RESTART = 1012
    TOO_SLOW = 1013
    LOGGED_OUT = 4401


class Visitor(Protocol):
    """Whose connection it is, and for how long."""

    @property
    def login(self) -> str:
        """Return of which login the connection is."""
        ...

    @property
    def expires_at(self) -> datetime | None:
        """Return when the token ends, None for a session or key."""
        ...

    def is_welcome(self) -> bool:
        """Say whether the visitor would be let in again."""
        ...

    def renew(self, token: str) -> bool:
        """Take a new token of the same person; say whether it is one."""
        ...


@dataclass(eq=False)
class Reader:
    """Somebody on a line. Without channels yet, they have not subscribed."""

    visitor: Visitor
    line: Line
    channels: frozenset[Channel] = frozenset()
    wire: Wire = Wire.JSON
    is_doubted: bool = False  # somebody's access has changed, perhaps this one's
    checked_at: float = 0.0
    waiting: int = 0  # messages that it has sent and that are not answered
    reminded_of: datetime | None = None
