"""What trades can have in common with others: their hour, weekday and range of relative volume."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import pairwise

from sqlalchemy import ColumnElement, and_, case, extract, func, or_

from engine.desk import Desk
from engine.market_hours import FIRST_YEAR, summer_time
from models.trading import Trade

HOURS = range(9, 16)  # of New York, in which regular sessions are
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
RVOL_STEPS = (1.0, 1.5, 2.0, 3.0, 5.0, 10.0)
UNKNOWN = "unknown"
RVOLS: Mapping[str, tuple[float | None, float | None]] = {
    f"below {RVOL_STEPS[0]:g}": (None, RVOL_STEPS[0]),
    **{f"{low:g} to {high:g}": (low, high) for low, high in pairwise(RVOL_STEPS)},
    f"{RVOL_STEPS[-1]:g} and more": (RVOL_STEPS[-1], None),
}
BEHIND_UTC = {True: 4, False: 5}  # hours that New York is, in summer and in winter


def rvol_bucket(rvol: float | None) -> str:
    """Return the range of relative volume that a trade was in."""
    if rvol is None:
        return UNKNOWN
    return next(name for name, (_low, high) in RVOLS.items() if high is None or rvol < high)


def in_range(name: str) -> ColumnElement[bool]:
    """Ask for the trades of one range of relative volume."""
    if name == UNKNOWN:
        return Trade.rvol.is_(None)
    low, high = RVOLS[name]
    bounds = [] if low is None else [Trade.rvol >= low]
    return and_(*bounds, *([] if high is None else [Trade.rvol < high]))


def on_weekday(day: int) -> ColumnElement[bool]:
    """Ask for the trades of one weekday; Monday is 0."""
    return extract("dow", Trade.session) == day + 1  # to databases, Sunday is 0


def in_hour(desk: Desk, hour: int) -> ColumnElement[bool]:
    """Ask for the trades that were opened in an hour of New York, whose clocks change twice a year.

    SQLite knows no time zones: the session's day tells how far New York was behind UTC.
    """
    opened = Trade.opened_at if desk.db.is_sqlite else func.timezone("UTC", Trade.opened_at)
    utc_hour = extract("hour", opened)
    hours = {is_summer: (hour + behind) % 24 for is_summer, behind in BEHIND_UTC.items()}
    wanted = case((_is_summer(desk.clock.now().date()), hours[True]), else_=hours[False])
    return and_(utc_hour.in_(hours.values()), utc_hour == wanted)


def _is_summer(today: date) -> ColumnElement[bool]:
    years = range(today.year + 1, FIRST_YEAR - 1, -1)  # most trades are of the last
    return or_(*(Trade.session.between(*summer_time(year)) for year in years))
