"""Which trades a group is of: the filter that leaves these alone."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from dashboard.queries.trades import TradeFilter, exactly, word_of
from dashboard.queries.traits import WEEKDAYS
from models.vocabulary import ExitReason, Side

Days = tuple[date, date]


def only(wanted: TradeFilter, by: str, name: str) -> TradeFilter | None:
    """Return a filter narrowed down to one group of its trades, None if no filter can say it.

    `by` is a grouping of the Analytics or of the History page, whichever way it is written.
    """
    of = by.lower()
    if of in _DAYS:
        return _within(wanted, _DAYS[of](name))
    changes = _CHANGES[of](name)
    return None if None in changes.values() else replace(wanted, **changes)


def _within(wanted: TradeFilter, days: Days) -> TradeFilter:
    first, last = days
    return replace(
        wanted, first=max(first, wanted.first or first), last=min(last, wanted.last or last)
    )


def _day(name: str) -> Days:
    return date.fromisoformat(name), date.fromisoformat(name)


def _week(name: str) -> Days:
    monday = datetime.strptime(f"{name} 1", "%G, week %V %u").date()  # noqa: DTZ007  # a day
    return monday, monday + timedelta(days=6)


def _month(name: str) -> Days:
    first = date.fromisoformat(f"{name}-01")
    return first, first.replace(day=monthrange(first.year, first.month)[1])


_DAYS: Mapping[str, Callable[[str], Days]] = {"day": _day, "week": _week, "month": _month}
_CHANGES: Mapping[str, Callable[[str], dict[str, Any]]] = {
    "symbol": lambda name: {"symbol": exactly(name)},
    "side": lambda name: {"side": word_of(Side, name)},
    "exit": lambda name: {"reason": word_of(ExitReason, name)},  # None of what is unknown
    "hour of the entry": lambda name: {"hour": int(name.partition(":")[0])},
    "weekday": lambda name: {"weekday": WEEKDAYS.index(name)},
    "relative volume": lambda name: {"rvol": name},
}
