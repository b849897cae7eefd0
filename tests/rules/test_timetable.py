"""What the engine does next."""

from datetime import date, timedelta

import pytest

from engine.market_hours import MarketHours, Session
from engine.rules.timetable import next_events

HOURS = MarketHours()


def session(day: int) -> Session:
    found = HOURS.session_on(date(2026, 11, day))
    assert found is not None
    return found


FRIDAY, MONDAY = session(20), session(23)


@pytest.mark.parametrize(
    ("minutes", "names"),
    [
        (-30, ["market opens", "scan", "flatten", "market closes"]),
        (0, ["scan", "flatten", "market closes"]),
        (5, ["flatten", "market closes"]),
        (385, ["market closes"]),
    ],
)
def test_what_is_still_to_come_today_is_next(minutes: int, names: list[str]) -> None:
    now = FRIDAY.opens_at + timedelta(minutes=minutes)
    assert [event.name for event in next_events(FRIDAY, now, MONDAY)] == names


def test_after_the_close_the_next_session_is_next() -> None:
    assert next_events(FRIDAY, FRIDAY.closes_at, MONDAY)[0].at == MONDAY.opens_at


def test_without_a_session_today_the_next_one_is_next() -> None:
    assert next_events(None, FRIDAY.closes_at, MONDAY)[0].at == MONDAY.opens_at


def test_events_come_in_order_of_time() -> None:
    moments = [event.at for event in next_events(None, FRIDAY.closes_at, MONDAY)]
    assert moments == sorted(moments)
