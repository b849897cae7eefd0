"""The exchange's timetable: half days, holidays, clock changes, days of mourning."""

import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from engine import market_hours
from engine.errors import DeskError
from engine.market_hours import MarketHours, Session, day_begins, new_york, new_york_clock

HOURS = MarketHours()


def session_on(day: date) -> Session:
    session = HOURS.session_on(day)
    assert session is not None
    return session


@pytest.mark.parametrize("day", [date(2024, 7, 3), date(2024, 11, 29), date(2024, 12, 24)])
def test_half_days_close_at_one(day: date) -> None:
    session = session_on(day)
    clocks = [session.opens_at, session.scan_at, session.flatten_at, session.closes_at]
    assert [new_york_clock(at) for at in clocks] == ["09:30:00", "09:35:00", "12:55:00", "13:00:00"]
    assert (session.is_half_day, session.minutes) == (True, 210)


@pytest.mark.parametrize(
    "day",
    [
        date(2026, 3, 6),  # the Friday before the clocks go forward
        date(2026, 3, 9),  # and the Monday after
        date(2026, 10, 30),  # before they go back
        date(2026, 11, 2),  # and after
    ],
)
def test_a_regular_day_has_new_yorks_hours_on_both_sides_of_a_clock_change(day: date) -> None:
    session = session_on(day)
    clocks = [session.opens_at, session.scan_at, session.flatten_at, session.closes_at]
    assert [new_york_clock(at) for at in clocks] == ["09:30:00", "09:35:00", "15:55:00", "16:00:00"]
    assert (session.is_half_day, session.minutes) == (False, 390)


def test_in_utc_a_session_moves_by_an_hour_when_the_clocks_change() -> None:
    opens = [session_on(day).opens_at.hour for day in (date(2026, 3, 6), date(2026, 3, 9))]
    assert opens == [14, 13]


def test_no_entry_is_sent_once_positions_are_closed() -> None:
    session = session_on(date(2026, 11, 20))
    assert session.entries_until == session.flatten_at


@pytest.mark.parametrize(
    "day",
    [
        date(2026, 11, 26),  # Thanksgiving
        date(2026, 12, 25),
        date(2026, 1, 1),
        date(2026, 4, 3),  # Good Friday
        date(2026, 6, 19),
        date(2026, 11, 21),  # a Saturday
        date(2025, 1, 9),  # mourning for President Carter
        date(2018, 12, 5),  # mourning for President Bush
        date(2012, 10, 29),  # Hurricane Sandy
    ],
)
def test_there_is_no_trading_on_closed_days(day: date) -> None:
    assert HOURS.session_on(day) is None


@pytest.mark.parametrize(
    ("at", "day"),
    [
        # after midnight UTC it is still Friday in New York
        (datetime(2026, 11, 21, 0, 30, tzinfo=UTC), date(2026, 11, 20)),
        (datetime(2026, 11, 21, 4, 59, 59, tzinfo=UTC), date(2026, 11, 20)),
        (datetime(2026, 11, 21, 5, 0, tzinfo=UTC), None),
        (datetime(2026, 11, 20, 4, 59, 59, tzinfo=UTC), date(2026, 11, 19)),
        # in summer New York's midnight is an hour earlier
        (datetime(2026, 7, 15, 3, 59, 59, tzinfo=UTC), date(2026, 7, 14)),
        (datetime(2026, 7, 15, 4, 0, tzinfo=UTC), date(2026, 7, 15)),
    ],
)
def test_the_day_is_new_yorks(at: datetime, day: date | None) -> None:
    session = HOURS.session_at(at)
    assert (session.day if session else None) == day


def test_the_next_session_skips_weekends_and_holidays() -> None:
    days = [date(2026, 11, 20), date(2026, 11, 25), date(2026, 12, 24)]
    following = [HOURS.next_session(day).day for day in days]
    assert following == [date(2026, 11, 23), date(2026, 11, 27), date(2026, 12, 28)]


def test_the_next_open_is_todays_until_it_has_happened() -> None:
    session = session_on(date(2026, 11, 20))
    before = session.opens_at - timedelta(seconds=1)
    days = [HOURS.next_open(at).day for at in (before, session.opens_at)]
    assert days == [date(2026, 11, 20), date(2026, 11, 23)]


def test_previous_sessions_are_the_last_before_a_day_oldest_first() -> None:
    days = [session.day for session in HOURS.previous_sessions(date(2026, 11, 27), 3)]
    assert days == [date(2026, 11, 23), date(2026, 11, 24), date(2026, 11, 25)]


def test_at_the_beginning_of_the_calendar_there_are_fewer_sessions_before() -> None:
    assert len(HOURS.previous_sessions(date(2010, 1, 6), 15)) == 2


def test_sessions_between_two_days_include_both() -> None:
    days = [s.day for s in HOURS.between(date(2026, 11, 25), date(2026, 11, 30))]
    assert days == [date(2026, 11, 25), date(2026, 11, 27), date(2026, 11, 30)]


def test_beyond_the_end_of_the_calendar_it_says_what_to_do() -> None:
    with pytest.raises(DeskError, match=r"the exchange calendar ends on .* install a newer"):
        HOURS.next_session(date(2100, 1, 1))
    with pytest.raises(DeskError, match="the exchange calendar ends"):
        HOURS.next_open(datetime(2100, 1, 1, tzinfo=UTC))


def test_sessions_are_kept_in_utc() -> None:
    session = session_on(date(2026, 11, 20))
    assert (session.opens_at.tzinfo, session.closes_at.tzinfo) == (UTC, UTC)


def test_the_screen_shows_new_york() -> None:
    assert new_york(datetime(2026, 7, 1, 13, 30, tzinfo=UTC)).hour == 9


# ---------------------------------------------------------------- what was computed before
def test_what_is_remembered_is_what_was_computed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    assert market_hours._remembered() is None
    computed = market_hours._computed()
    market_hours._remember(computed)
    assert market_hours._remembered() == computed


def test_a_damaged_memory_is_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    market_hours._memory().parent.mkdir(parents=True)
    market_hours._memory().write_text("[[")
    assert market_hours._remembered() is None


def test_a_memory_that_ends_soon_is_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    market_hours._remember(market_hours._computed()[:1000])
    assert market_hours._remembered() is None


@pytest.mark.parametrize(
    ("day", "hour"), [(date(2026, 11, 1), 4), (date(2026, 11, 2), 5), (date(2026, 7, 1), 4)]
)
def test_a_day_begins_at_new_yorks_midnight(day: date, hour: int) -> None:
    assert day_begins(day) == datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
