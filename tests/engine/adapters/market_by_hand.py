"""The strategy's defaults worked out by hand on a generated session, apart from the desk."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np

from engine.adapters.generated_market import generate
from engine.adapters.market_playback import Market, PlayedData
from engine.clock import DrivenClock
from engine.market_hours import MarketHours, Session
from models.market import BarColumns, DailyColumns, Floats, Ints

HOURS = MarketHours()
MICROS = 1_000_000


def session_of(day: date) -> Session:
    session = HOURS.session_on(day)
    assert session is not None
    return session


@lru_cache(maxsize=2)  # each is 50 MB
def market_of(seed: int, day: date) -> Market:
    return generate(seed, session_of(day), HOURS)


def view(market: Market, session: Session) -> PlayedData:
    return PlayedData(market, DrivenClock(session.closes_at), HOURS)


@dataclass(frozen=True, slots=True)
class Played:
    """What the strategy's defaults make of one session."""

    failed: dict[str, int]  # by filter code
    ranked: int
    dojis: int
    triggered_at: list[int]  # minutes after the scan, of the first 20
    stopped: int
    alive: int


@lru_cache
def played(seed: int, day: date) -> Played:
    market, session = market_of(seed, day), session_of(day)
    data = view(market, session)
    history = market.daily.upto(day, 15)
    atr, volume = true_range(history).mean(axis=1), history.volume[:, 1:].mean(axis=1)
    opening = data.opening_range(session)
    past = data.opening_volumes(HOURS.previous_sessions(day, 14))
    assert opening.symbols == history.symbols
    rvol = opening.volume / np.array([np.mean(past[symbol]) for symbol in opening.symbols])
    failed = {
        "price": (opening.open <= 5 * MICROS) | (history.close[:, -1] < 5 * MICROS),
        "volume": volume < 1_000_000,
        "atr": atr < 0.5,
        "rvol": rvol < 1,
    }
    passed = ~np.any(list(failed.values()), axis=0)
    ranked = [int(row) for row in np.argsort(-rvol, kind="stable") if passed[row]]
    side = np.sign(opening.close - opening.open)
    level = np.where(side > 0, opening.high, opening.low)
    trades = [
        trade(
            data.minute_bars(opening.symbols[row], session),
            session,
            side[row],
            level[row],
            atr[row],
        )
        for row in ranked[:20]
        if side[row]
    ]
    entered = [found for found in trades if found is not None]
    return Played(
        failed={code: int(rows.sum()) for code, rows in failed.items()},
        ranked=len(ranked),
        dojis=sum(not side[row] for row in ranked),
        triggered_at=[minute for minute, _ in entered],
        stopped=sum(stopped for _, stopped in entered),
        alive=sum(not stopped for _, stopped in entered),
    )


def true_range(daily: DailyColumns) -> Floats:
    high, low, before = daily.high[:, 1:], daily.low[:, 1:], daily.close[:, :-1]
    spans: Ints = np.maximum(high, before) - np.minimum(low, before)
    return spans / MICROS


def trade(
    bars: BarColumns, session: Session, side: int, level: int, atr: float
) -> tuple[int, bool] | None:
    """Return the minute after the scan of the entry, and whether its stop was hit."""
    bars = bars.between(session.scan_at, session.flatten_at)
    reach, against = (bars.high, bars.low) if side > 0 else (-bars.low, -bars.high)
    touched = np.flatnonzero(reach >= side * level)
    if not len(touched):
        return None
    first = int(touched[0])
    filled = max(side * level, side * int(bars.open[first]))
    stopped = bool((against[first:] <= filled - 0.1 * atr * MICROS).any())
    return (int(bars.start[first]) - int(session.scan_at.timestamp())) // 60, stopped
