"""A market of invented companies, the same for the same seed: the default without any files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from engine.adapters.generated_market.columns import (
    MICROS,
    daily_columns,
    join_daily,
    join_minutes,
    last_prices,
    minute_columns,
)
from engine.adapters.generated_market.roster import SECTOR_OF, SYMBOLS, Roster, make_roster
from engine.adapters.generated_market.session import SessionBars, make_session
from engine.adapters.market_playback import Market, Split
from engine.market_hours import MarketHours, Session
from models.market import Floats

HISTORY = 40  # sessions before the first that is played
KEPT = 60  # sessions of minute bars: a market that is played for months stays small
SPLIT_AFTER = 14  # sessions of history; 26 before the first played, out of reach of the rules
SPLIT_RATIO = 10
SPLIT_PRICE = 35.0  # the company that is worth about this has split

__all__ = ["extend", "generate"]


def generate(seed: int, first: Session, hours: MarketHours, last: Session | None = None) -> Market:
    """Make the market for a first played session, and on to a last one.

    Every session has minute bars, the 40 before the first one too, so that relative volume has
    its own history.
    """
    roster = make_roster(seed)
    history = hours.previous_sessions(first.day, HISTORY)
    days = _days(roster, seed, [*history, first], roster.price)
    split = _split(roster, history)
    days = [_before_split(day, split) if day.session.day < split.session else day for day in days]
    market = Market(
        feed="simulated",
        simulated=True,
        minutes=minute_columns(days),
        daily=daily_columns(days),
        halts=tuple(day.halt for day in days),
        splits=(split,),
        sectors=SECTOR_OF,
    )
    for _ in hours.between(first.day, last.day)[1:] if last else ():
        market = extend(market, seed, hours)
    return market


def extend(market: Market, seed: int, hours: MarketHours) -> Market:
    """Add the next session; what has been played so far is its history.

    Minute bars and halts of more than KEPT sessions ago are let go, daily bars never.
    """
    following = hours.next_session(market.daily.sessions[-1])
    days = _days(make_roster(seed), seed, [following], market.daily.close[:, -1] / MICROS)
    since = hours.previous_sessions(following.day, KEPT)[0].opens_at
    return replace(
        market,
        minutes=join_minutes(market.minutes, minute_columns(days), since),
        daily=join_daily(market.daily, daily_columns(days)),
        halts=(*(halt for halt in market.halts if halt.since >= since), days[0].halt),
    )


def _days(
    roster: Roster, seed: int, sessions: Sequence[Session], closes: Floats
) -> list[SessionBars]:
    """Draw sessions one after the other, each from the closes of the one before."""
    days = []
    for session in sessions:
        days.append(make_session(roster, seed, session, closes))
        closes = last_prices(days[-1]) / MICROS
    return days


def _split(roster: Roster, history: Sequence[Session]) -> Split:
    company = int(np.argmin(np.abs(roster.price - SPLIT_PRICE)))
    day = history[SPLIT_AFTER].day
    return Split(symbol=SYMBOLS[company], session=day, ratio=SPLIT_RATIO)


def _before_split(day: SessionBars, split: Split) -> SessionBars:
    """Return a session as it traded: fewer shares, each of them dearer."""
    times = np.ones((len(SYMBOLS), 1), dtype=np.int64)
    times[SYMBOLS.index(split.symbol)] = split.ratio
    return replace(
        day,
        open=day.open * times,
        high=day.high * times,
        low=day.low * times,
        close=day.close * times,
        volume=-(-day.volume // times),  # rounded up: a minute with trades keeps some
    )
