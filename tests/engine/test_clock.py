"""Clocks: the computer's, a shifted one, and one that is driven."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from engine.clock import ClockSetting, DrivenClock, ShiftedClock, SystemClock, stopwatch

OPEN = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
EPOCH = datetime(2026, 7, 1, 12, tzinfo=UTC)
AGES = st.integers(0, 10**6).map(lambda seconds: timedelta(seconds=seconds))
SPEEDS = st.sampled_from([0.0, 0.5, 1.0, 10.0, 390.0])


def at(age: timedelta, speed: float) -> datetime:
    return ClockSetting(start=OPEN, speed=speed, epoch=EPOCH).at(EPOCH + age)


# ---------------------------------------------------------------------------- shifted
def test_at_its_epoch_a_shifted_clock_shows_its_start() -> None:
    assert at(timedelta(0), 10) == OPEN


@given(AGES, SPEEDS)
def test_a_shifted_clock_runs_at_its_speed(age: timedelta, speed: float) -> None:
    assert at(age, speed) == OPEN + speed * age


def test_a_moment_before_the_epoch_lies_before_the_start() -> None:
    assert at(timedelta(minutes=-1), 2) == OPEN - timedelta(minutes=2)


def test_a_paused_clock_stands_still() -> None:
    assert at(timedelta(days=3), 0) == OPEN


def test_a_start_in_another_zone_is_told_in_utc() -> None:
    start = OPEN.astimezone(timezone(timedelta(hours=-5)))
    now = ClockSetting(start=start, speed=1, epoch=EPOCH).at(EPOCH)
    assert (now, now.tzinfo) == (OPEN, UTC)


def test_a_start_in_new_york_survives_a_change_of_its_clocks() -> None:
    start = datetime(2026, 3, 6, 16, tzinfo=ZoneInfo("America/New_York"))
    later = ClockSetting(start=start, speed=1, epoch=EPOCH).at(EPOCH + timedelta(days=3))
    assert later == datetime(2026, 3, 9, 21, tzinfo=UTC)


def test_a_clock_says_what_it_runs_by() -> None:
    setting = ClockSetting(start=OPEN, speed=7, epoch=EPOCH)
    assert (ShiftedClock(setting).setting, ShiftedClock(setting).speed) == (setting, 7)


def test_a_clock_runs_on_by_another_setting() -> None:
    clock = ShiftedClock(ClockSetting(start=OPEN, speed=1000, epoch=EPOCH))
    clock.run_by(ClockSetting(start=OPEN, speed=0, epoch=EPOCH))
    assert (clock.now(), clock.speed) == (OPEN, 0)


def test_a_clock_waits_at_the_end_of_what_there_is_to_play() -> None:
    setting = ClockSetting(start=OPEN, speed=1, epoch=datetime(2000, 1, 1, tzinfo=UTC))
    assert ShiftedClock(setting, stops_at=OPEN).now() == OPEN


# ---------------------------------------------------------------------------- driven
def test_a_driven_clock_stands_until_it_is_told() -> None:
    clock = DrivenClock(OPEN)
    assert (clock.now(), clock.now(), clock.speed) == (OPEN, OPEN, 0)


def test_a_driven_clock_goes_forward_only() -> None:
    clock = DrivenClock(OPEN)
    clock.advance_to(OPEN + timedelta(hours=1))
    clock.advance_to(OPEN)
    assert clock.now() == OPEN + timedelta(hours=1)


# ---------------------------------------------------------------------------- the computer's
def test_the_computers_clock_is_aware_and_in_utc() -> None:
    assert SystemClock().now().tzinfo is UTC
    assert SystemClock().speed == 1


def test_a_stopwatch_never_goes_back() -> None:
    assert stopwatch() <= stopwatch()
