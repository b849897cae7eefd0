"""Reads on in a log file that somebody else writes, rotates and cuts off, and misses no line.

A place is found again by what stands before it, not by the file's name: whether a file was renamed,
copied and cut off, or replaced, while the desk looked or while it was away, comes to the same.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from engine.errors import SourceUnavailableError
from models.watching import LogPiece, LogPlace

PIECE = 32_768  # bytes at once: so that nobody waits long for the transaction they end up in
LONGEST_LINE = 8_192
TAIL = 256  # bytes before a place that it is told by
PRESSED = (".gz", ".bz2", ".xz", ".zst", ".zip")
SECOND = 1_000_000_000
LOST = "The log was cut off or replaced: lines that nobody had read may be lost"
SIGNED = 2**63 - 1  # what a database keeps of a file's number


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    inode: int
    size: int
    changed_ns: int


@dataclass(frozen=True, slots=True)
class _Found:
    piece: LogPiece
    rest: bytes  # what follows without a line end


def read_log(path: Path, place: LogPlace | None) -> LogPiece:
    """Return the next lines: the rest of files that were rotated away, then the log's own.

    Raises:
        SourceUnavailableError: there is no such log, or it cannot be read.
    """
    try:
        return _read_on(path, place)
    except FileNotFoundError as error:
        if place is not None and path.exists():
            return LogPiece((), place)  # a file was renamed under our eyes
        raise SourceUnavailableError(f"there is no log at {path}") from error
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise SourceUnavailableError(f"the log {path} cannot be read: {reason}") from error


def _read_on(path: Path, place: LogPlace | None) -> LogPiece:
    if place is None:  # what was rotated away before the desk first looked is read as well
        place = _start_of((_family(path) or [_look_at(path)])[0])
    if path.exists() and (found := _read(_look_at(path).path, place)) is not None:
        return found.piece
    family = _family(path)
    if not family:
        raise FileNotFoundError(path)
    for number, file in enumerate(family):
        if (found := _read(file.path, place)) is not None:
            return _go_on(path, found, family, number)
    return _after_a_loss(path, place, family)


def _go_on(path: Path, found: _Found, family: Sequence[_File], number: int) -> LogPiece:
    """Read the rest of a file that was rotated away, and then go on to the next.

    Not before that has something in it: until then the bot may still be writing to the old one.
    """
    following = next((file for file in family[number + 1 :] if file.size), None)
    if found.piece.lines or following is None:
        return found.piece
    start = _start_of(following)
    first = _read(following.path, start)
    if _order(_family(path)) != _order(family) or first is None:
        return found.piece  # they are being renamed at this very moment
    if following is family[-1] and not first.piece.lines:
        return found.piece  # a place with nothing before it could not be told from any other
    last = [found.rest] if found.rest.strip() else []  # no line end will come any more
    return replace(first.piece, lines=[*last, *first.piece.lines])


def _was_pressed(path: Path, place: LogPlace) -> bool:
    """Say whether the file was pressed with nothing more in it than was read: its time is kept."""
    whole_seconds = place.changed_ns // SECOND * SECOND  # as logrotate keeps it
    with os.scandir(path.parent) as entries:
        return any(
            entry.stat().st_mtime_ns in {place.changed_ns, whole_seconds}
            for entry in entries
            if entry.name.startswith(f"{path.name}.") and entry.name.endswith(PRESSED)
        )


def _after_a_loss(path: Path, place: LogPlace, family: Sequence[_File]) -> LogPiece:
    """Go on with the oldest file that was written to since; what was between is gone."""
    if _order(_family(path)) != _order(family):
        return LogPiece((), place)
    later = [file for file in family if file.changed_ns > place.changed_ns] or family[-1:]
    lost = "" if _was_pressed(path, place) else LOST
    return LogPiece((), _start_of(later[0]), lost=lost)


# ------------------------------------------------------------------------------ files
def _look_at(path: Path) -> _File:
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise SourceUnavailableError(f"{path} is not a file")
    return _File(path, found.st_ino & SIGNED, found.st_size, found.st_mtime_ns)


def _family(path: Path) -> list[_File]:
    """Return a log's files, the oldest first and the log itself last."""
    start = f"{path.name}."
    with os.scandir(path.parent) as entries:
        names = [
            entry.path
            for entry in entries
            if entry.name.startswith(start) and not entry.name.endswith(PRESSED)
        ]
    older = [_look_at(Path(name)) for name in names if Path(name).is_file()]
    numbers = [file.path.name.removeprefix(start) for file in older]
    if all(number.isdecimal() for number in numbers):
        older.sort(key=lambda file: -int(file.path.name.removeprefix(start)))
    else:
        older.sort(key=lambda file: (file.changed_ns, file.path.name))
    return [*older, _look_at(path)] if path.exists() else older


def _order(family: Sequence[_File]) -> list[tuple[str, int]]:
    return [(file.path.name, file.inode) for file in family]


def _start_of(file: _File) -> LogPlace:
    return LogPlace(file.inode, 0, "", file.changed_ns)


# ------------------------------------------------------------------------------ bytes
def _read(path: Path, place: LogPlace) -> _Found | None:
    """Return the whole lines after a place, None if the file does not hold it.

    What tells the place and what follows are read at once: the file may be cut off at any moment.
    """
    with path.open("rb") as log:
        now = os.fstat(log.fileno())  # before it is read: what it tells is at most as new
        begin = max(0, place.offset - TAIL)
        content = os.pread(log.fileno(), place.offset - begin + PIECE, begin)
    before, after = content[: place.offset - begin], content[place.offset - begin :]
    inode = now.st_ino & SIGNED
    if inode != place.inode if place.offset == 0 else _hash(before) != place.tail:
        return None
    whole = _end_of_lines(after)
    tail = _hash((before + after[:whole])[-TAIL:])
    there = LogPlace(inode, place.offset + whole, tail if whole else place.tail, now.st_mtime_ns)
    lines = after[:whole].removesuffix(b"\n").split(b"\n") if whole else []
    return _Found(LogPiece(lines, there), after[whole:])


def _end_of_lines(content: bytes) -> int:
    """Return where the last whole line ends; one that is too long ends where the content does."""
    whole = content.rfind(b"\n") + 1
    return len(content) if not whole and len(content) >= LONGEST_LINE else whole


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
