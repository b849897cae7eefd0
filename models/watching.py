"""What is read of other bots, before anybody has understood it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


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
