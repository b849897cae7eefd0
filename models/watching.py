"""What is read of other bots, before anybody has understood it, and the way to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class LogPlace:
    """A place in a log: which file, how far, and a hash of what stands just before."""

    inode: int
    offset: int
    tail: str
    changed_ns: int  # when the file was last written to, as far as is known


@dataclass(frozen=True, slots=True)
class LogPiece:
    """Whole lines of a log, and the place after them."""

    lines: Sequence[bytes]
    place: LogPlace
    lost: str = ""  # what is missing before it, as a sentence


@dataclass(frozen=True, slots=True)
class Told:
    """What a bot answered when it was asked, part by part; or why it did not."""

    parts: Mapping[str, Any]
    trouble: str = ""


class OtherBots(Protocol):
    """The way to the bots that the desk only watches. Nothing that trades waits for it."""

    def read_log(self, path: str, place: LogPlace | None) -> LogPiece:
        """Return the next lines of a log; engine.errors.SourceUnavailableError if not."""
        ...

    def ask(self, name: str, url: str) -> Told | None:
        """Ask a bot how it is; None while its last answer is fresh or it is left in peace."""
        ...
