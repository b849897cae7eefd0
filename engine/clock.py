"""The only module that reads the wall clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Protocol


class Clock(Protocol):
    """Something that tells the desk's time."""

    @property
    def speed(self) -> float:
        """Return how many of its seconds pass in a second of the wall clock."""
        ...

    def now(self) -> datetime:
        """Return the desk's time, in UTC."""
        ...


def wall_now() -> datetime:
    """Return the computer's time, in UTC: for leases, logins and ages, never for trading."""
    return datetime.now(UTC)


def stopwatch() -> float:
    """Return seconds that only ever rise, to measure how long something took."""
    return monotonic()


class SystemClock:
    """The computer's clock."""

    speed = 1.0

    def now(self) -> datetime:
        """Return the current time, in UTC."""
        return wall_now()


@dataclass(frozen=True, slots=True)
class ClockSetting:
    """A shifted, faster clock: now = start + speed x (wall clock - epoch). Speed 0 stands still."""

    start: datetime
    speed: float
    epoch: datetime

    def at(self, wall: datetime) -> datetime:
        """Return the desk's time at a moment of the wall clock."""
        # In UTC: adding hours on New York's clock goes wrong when the clocks there change.
        return self.start.astimezone(UTC) + (wall - self.epoch) * self.speed


class ShiftedClock:
    """A clock that runs from its own start at its own speed (contracts, BELLWETHER_CLOCK_*).

    `stops_at` is where it waits: the end of what there is to play.
    """

    def __init__(self, setting: ClockSetting, stops_at: datetime | None = None) -> None:
        self._setting = setting
        self._stops_at = stops_at

    @property
    def setting(self) -> ClockSetting:
        """Return what it runs by."""
        return self._setting

    @property
    def speed(self) -> float:
        """Return how many of its seconds pass in a second of the wall clock."""
        return self._setting.speed

    def now(self) -> datetime:
        """Return the desk's time, in UTC."""
        now = self._setting.at(wall_now())
        return now if self._stops_at is None else min(now, self._stops_at)

    def run_by(self, setting: ClockSetting, stops_at: datetime | None = None) -> None:
        """Run by another setting from now on."""
        self._setting, self._stops_at = setting, stops_at


class DrivenClock:
    """A clock that stands still until it is told the next moment: the replay's."""

    speed = 0.0

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        """Return the moment that was last told."""
        return self._now

    def advance_to(self, moment: datetime) -> None:
        """Go to a later moment; an earlier one is ignored."""
        self._now = max(self._now, moment)
