"""One reader of the feed: what it wants, and the messages that wait for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from queue import Empty, Full, Queue
from typing import NamedTuple, Protocol

from dashboard.feed.messages import Channel, Message, Wire

MOST_WAITING = 256


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


class Ending(NamedTuple):
    """The last thing a reader hears."""

    code: CloseCode
    reason: str


@dataclass(eq=False)
class Reader:
    """A bounded queue. Whoever does not keep up is dropped, and told why."""

    visitor: Visitor
    channels: frozenset[Channel] = frozenset()
    wire: Wire = Wire.JSON
    ending: Ending | None = None
    is_doubted: bool = False  # somebody's access has changed, perhaps this one's
    _waiting: Queue[Message | None] = field(default_factory=lambda: Queue(MOST_WAITING))

    def offer(self, message: Message) -> None:
        """Queue a message if the reader wants it."""
        if not message.channels & self.channels:
            return
        try:
            self._waiting.put_nowait(message)
        except Full:
            self.end(CloseCode.TOO_SLOW, "the connection is too slow for the feed")

    def end(self, code: CloseCode, reason: str) -> None:
        """Have the connection closed soon."""
        self.ending = self.ending or Ending(code, reason)
        if not self._waiting.full():  # a full queue wakes the reader as well
            self._waiting.put_nowait(None)

    def doubt(self) -> None:
        """Have it asked soon whether the reader is still welcome."""
        self.is_doubted = True
        if not self._waiting.full():
            self._waiting.put_nowait(None)

    def next(self, timeout: float) -> Message | None:
        """Wait for the next message."""
        try:
            return self._waiting.get(timeout=timeout)
        except Empty:
            return None
