"""Bars of any length from minute and daily bars, as far as they are known at a moment."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.market_hours import NEW_YORK, new_york
from models.market import BarColumns, Ints
from models.money import PLACES
from tests.local_alpaca.moments import MINUTE, SECOND, as_datetime, nanoseconds, stamp
from tests.local_alpaca.played_market import PlayedMarket
from tests.local_alpaca.refusals import RefusedError

SHARES_PER_TRADE = 100  # nobody recorded how many trades a bar had
_MINUTES = re.compile(r"([1-5]?[0-9])(?:Min|T)")
_DAYS = {"1Day", "1D"}


def known_bars(market: PlayedMarket, symbol: str, timeframe: str, now: int) -> BarColumns:
    """Return a symbol's bars of a length, the last one perhaps still forming."""
    if timeframe in _DAYS:
        return _daily(market, symbol, now)
    found = _MINUTES.fullmatch(timeframe)
    if not found or not int(found.group(1)):
        raise RefusedError(400, {"message": f"invalid timeframe: {timeframe}"})
    length = int(found.group(1)) * MINUTE // SECOND
    closed = market.closed(symbol, now)
    return closed if length == MINUTE // SECOND else folded(closed, closed.start // length * length)


def folded(bars: BarColumns, starts: Ints) -> BarColumns:
    """Fold the bars that share a new start into one each."""
    if not len(bars):
        return bars
    first = np.flatnonzero(np.diff(starts, prepend=starts[0] - 1))
    last = np.append(first[1:], len(bars)) - 1
    return BarColumns(
        start=starts[first],
        open=bars.open[first],
        high=np.maximum.reduceat(bars.high, first),
        low=np.minimum.reduceat(bars.low, first),
        close=bars.close[last],
        volume=np.add.reduceat(bars.volume, first),
    )


def rows(bars: BarColumns) -> Iterator[dict[str, Any]]:
    """Write bars as the market data API does."""
    prices = [_dollars(column) for column in (bars.open, bars.high, bars.low, bars.close)]
    columns = (bars.start.tolist(), *(column.tolist() for column in prices), bars.volume.tolist())
    for start, open_, high, low, close, volume in zip(*columns, strict=True):
        yield {
            "t": stamp(start * SECOND),
            "o": open_,
            "h": high,
            "l": low,
            "c": close,
            "v": volume,
            "n": max(1, volume // SHARES_PER_TRADE),
            "vw": round((open_ + high + low + close) / 4, PLACES),
        }


def _dollars(micros: Ints) -> NDArray[np.float64]:
    dollars: NDArray[np.float64] = micros / 10**PLACES
    return dollars


def _daily(market: PlayedMarket, symbol: str, now: int) -> BarColumns:
    """Return the finished days of the daily bars, and what today's minutes give so far."""
    past, today = _past_days(market, symbol, now), _today(market, symbol, now)
    return BarColumns(
        start=np.concatenate((past.start, today.start)),
        open=np.concatenate((past.open, today.open)),
        high=np.concatenate((past.high, today.high)),
        low=np.concatenate((past.low, today.low)),
        close=np.concatenate((past.close, today.close)),
        volume=np.concatenate((past.volume, today.volume)),
    )


def _past_days(market: PlayedMarket, symbol: str, now: int) -> BarColumns:
    row = market.daily_row(symbol)
    if market.daily is None or row is None:
        return market.minutes(symbol).slice(0, 0)
    today = new_york(as_datetime(now)).date()
    before = market.daily.upto(today, len(market.daily.sessions))
    present = np.flatnonzero(before.present[row])
    starts = [_midnight(datetime.combine(before.sessions[i], time())) for i in present]
    return BarColumns(
        start=np.array(starts, dtype=np.int64),
        open=before.open[row, present],
        high=before.high[row, present],
        low=before.low[row, present],
        close=before.close[row, present],
        volume=before.volume[row, present],
    )


def _today(market: PlayedMarket, symbol: str, now: int) -> BarColumns:
    session = market.session_at(now)
    closed = market.closed(symbol, now)
    if session is None:
        return closed.slice(0, 0)
    bars = closed.between(session.opens_at, session.closes_at)
    day = _midnight(datetime.combine(session.day, time()))
    return folded(bars, np.full(len(bars), day, dtype=np.int64))


def _midnight(day: datetime) -> int:
    """Return midnight in New York, the time a daily bar carries, in seconds."""
    return nanoseconds(day.replace(tzinfo=NEW_YORK)) // SECOND
