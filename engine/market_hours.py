"""The exchange's timetable. The only module that knows New York and exchange_calendars."""

from __future__ import annotations

import json
import os
import sys
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from zoneinfo import ZoneInfo

from engine.clock import wall_now
from engine.errors import DeskError

NEW_YORK = ZoneInfo("America/New_York")
OPENING_RANGE = timedelta(minutes=5)
FLATTEN_BEFORE_CLOSE = timedelta(minutes=5)
REGULAR_LENGTH = timedelta(hours=6, minutes=30)
FIRST_YEAR = 2010
REMEMBERED_AHEAD = timedelta(days=180)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One trading day of XNYS, in UTC (contracts, Session)."""

    day: date
    opens_at: datetime
    closes_at: datetime

    @property
    def scan_at(self) -> datetime:
        """Return the end of the opening range."""
        return self.opens_at + OPENING_RANGE

    @property
    def flatten_at(self) -> datetime:
        """Return the moment from which everything is closed; no entries from then on."""
        return self.closes_at - FLATTEN_BEFORE_CLOSE

    @property
    def entries_until(self) -> datetime:
        """Return the moment from which no entry may be sent."""
        return self.flatten_at

    @property
    def minutes(self) -> int:
        """Return the length of the session in minutes."""
        return int((self.closes_at - self.opens_at).total_seconds()) // 60

    @property
    def is_half_day(self) -> bool:
        """Say whether it closes early."""
        return self.closes_at - self.opens_at < REGULAR_LENGTH


class MarketHours:
    """Sessions of the New York exchanges: half days, holidays and clock changes included."""

    def __init__(self) -> None:
        self._sessions, self._days = _sessions()

    def session_on(self, day: date) -> Session | None:
        """Return the session of a calendar day, None when there is no trading."""
        index = bisect_left(self._days, day)
        return self._sessions[index] if self._days[index : index + 1] == [day] else None

    def session_at(self, now: datetime) -> Session | None:
        """Return the session whose New York day it is, None when there is no trading."""
        return self.session_on(new_york(now).date())

    def next_session(self, day: date) -> Session:
        """Return the first session after a day."""
        return self._known(bisect_right(self._days, day))

    def next_open(self, now: datetime) -> Session:
        """Return the next session that has not opened yet."""
        return self._known(bisect_right(self._sessions, now, key=lambda s: s.opens_at))

    def previous_sessions(self, day: date, count: int) -> Sequence[Session]:
        """Return the last `count` sessions before a day, oldest first."""
        end = bisect_left(self._days, day)
        return self._sessions[max(0, end - count) : end]

    def between(self, first: date, last: date) -> Sequence[Session]:
        """Return the sessions from one day to another, both included."""
        return self._sessions[bisect_left(self._days, first) : bisect_right(self._days, last)]

    def _known(self, index: int) -> Session:
        if index >= len(self._sessions):
            raise DeskError(
                f"the exchange calendar ends on {self._days[-1]}: install a newer "
                "exchange_calendars; until then nothing is entered"
            )
        return self._sessions[index]


@lru_cache(maxsize=1)
def _sessions() -> tuple[list[Session], list[date]]:
    """Return every session from FIRST_YEAR to about a year from now, and their days."""
    sessions = _remembered()
    if sessions is None:
        sessions = _computed()
        _remember(sessions)
    return sessions, [session.day for session in sessions]


def _computed() -> list[Session]:
    import exchange_calendars  # noqa: PLC0415  # brings pandas: a second of every start

    calendar = exchange_calendars.get_calendar("XNYS", start=f"{FIRST_YEAR}-01-01")
    schedule = calendar.schedule
    return [
        Session(
            day=day.date(),
            opens_at=opens.to_pydatetime().astimezone(UTC),
            closes_at=closes.to_pydatetime().astimezone(UTC),
        )
        for day, opens, closes in zip(
            schedule.index, schedule["open"], schedule["close"], strict=True
        )
    ]


# ---------------------------------------------------------------- what was computed before
def _remembered() -> list[Session] | None:
    """Read the sessions that this version of exchange_calendars gave, if they reach far enough."""
    try:
        rows = json.loads(_memory().read_text(encoding="utf-8"))
        sessions = [
            Session(
                day=date.fromisoformat(day),
                opens_at=datetime.fromtimestamp(opens, tz=UTC),
                closes_at=datetime.fromtimestamp(closes, tz=UTC),
            )
            for day, opens, closes in rows
        ]
    except (OSError, ValueError, TypeError):
        return None
    reaches = bool(sessions) and sessions[-1].closes_at - wall_now() > REMEMBERED_AHEAD
    return sessions if reaches else None


def _remember(sessions: Sequence[Session]) -> None:
    rows = [
        (f"{s.day}", int(s.opens_at.timestamp()), int(s.closes_at.timestamp())) for s in sessions
    ]
    path = _memory()
    half = path.with_suffix(f".{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        half.write_text(json.dumps(rows), encoding="utf-8")
        half.replace(path)
    except OSError:
        return  # a read-only installation computes them at every start


def _memory() -> Path:
    """Return the file of this installation and this version of the calendar."""
    name = f"xnys-{FIRST_YEAR}-{version('exchange_calendars')}.json"
    return Path(sys.prefix) / "var" / "bellwether" / name


def new_york(at: datetime) -> datetime:
    """Return a moment on New York's clock, for the screen."""
    return at.astimezone(NEW_YORK)


def day_begins(day: date) -> datetime:
    """Return New York's midnight at the beginning of a day, in UTC."""
    return datetime.combine(day, time(), NEW_YORK).astimezone(UTC)


@lru_cache
def summer_time(year: int) -> tuple[date, date]:
    """Return the first and the last whole day of a year on which New York's clocks are ahead."""
    begins = datetime(year, 1, 1, 12, tzinfo=NEW_YORK)
    noons = (begins + timedelta(days=number) for number in range(366))
    summer = [noon.date() for noon in noons if noon.dst()]
    return summer[0], summer[-1]


def new_york_clock(at: datetime) -> str:
    """Return a moment as New York HH:MM:SS."""
    return f"{new_york(at):%H:%M:%S}"


if __name__ == "__main__":  # an installation computes the calendar once, so that starts are quick
    _sessions()
