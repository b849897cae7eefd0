"""The exchange's clock and calendar as the trading API writes them, in New York's time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from engine.market_hours import Session, new_york
from tests.local_alpaca.moments import as_datetime
from tests.local_alpaca.played_market import PlayedMarket
from tests.local_alpaca.refusals import bad_parameter

FIRST_DAY, LAST_DAY = date(2016, 1, 1), date(2029, 12, 31)


def clock_json(market: PlayedMarket, now: int) -> dict[str, Any]:
    """Write the clock; its times carry New York's offset."""
    session = market.trading_session(now)
    return {
        "timestamp": new_york(as_datetime(now)).isoformat(),
        "is_open": market.is_open(now),
        "next_open": new_york(market.hours.next_open(as_datetime(now)).opens_at).isoformat(),
        "next_close": new_york(session.closes_at).isoformat(),
    }


def calendar_json(market: PlayedMarket, query: Mapping[str, str]) -> list[dict[str, str]]:
    """Write the sessions from start to end, both included."""
    first, last = _day(query, "start", FIRST_DAY), _day(query, "end", LAST_DAY)
    return [_session_json(session, market) for session in market.hours.between(first, last)]


def _session_json(session: Session, market: PlayedMarket) -> dict[str, str]:
    return {
        "date": session.day.isoformat(),
        "open": f"{new_york(session.opens_at):%H:%M}",
        "close": f"{new_york(session.closes_at):%H:%M}",
        "session_open": "0400",
        "session_close": "1700" if session.is_half_day else "2000",
        "settlement_date": _session_after(session, market).day.isoformat(),
    }


def _session_after(session: Session, market: PlayedMarket) -> Session:
    """Return the next session, or the last one that the calendar knows."""
    soon = market.hours.between(session.day + timedelta(1), session.day + timedelta(10))
    return soon[0] if soon else session


def _day(query: Mapping[str, str], name: str, default: date) -> date:
    given = query.get(name)
    if not given:
        return default
    try:
        return date.fromisoformat(given[:10])
    except ValueError:
        raise bad_parameter(f"invalid {name}: {given}") from None
