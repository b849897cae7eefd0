"""Rows of a source's answer made into bars: what cannot be believed is left out by name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.rules.daily_checks import believable
from models.market import Finding, MarketDay

FIELDS = ("o", "h", "l", "c", "v")
MOST = 9e9  # dollars or shares: what a float carries to the sixth place, and int64 in millionths
SYMBOL = re.compile(r"[A-Za-z0-9][A-Za-z0-9./-]{0,15}")


def symbol_of(ticker: str) -> str:
    """Return the symbol of a ticker.

    One in small letters alone is the same symbol. Mixed ones are not: in CQS notation `BACpB` is
    a preferred share and `BACPB` would be another company, so they stay as they are.
    """
    ticker = ticker.strip()
    return ticker.upper() if ticker.islower() else ticker


def market_day(session: date, rows: Iterable[tuple[Any, Mapping[str, Any]]]) -> MarketDay:
    """Make a session of (ticker, row) pairs with o, h, l, c and v.

    A symbol that comes twice with the same bar is taken once; with two bars, neither is believed.
    """
    problems: list[Finding] = []
    found: dict[str, tuple[float, ...]] = {}
    doubtful: set[str] = set()
    for ticker, row in rows:
        if not isinstance(ticker, str) or not SYMBOL.fullmatch(symbol_of(ticker)):
            problems.append(_problem(session, "bad_symbol", "", f"No symbol: {str(ticker)[:40]!r}"))
            continue
        symbol = symbol_of(ticker)
        values = tuple(_number(row.get(field)) for field in FIELDS)
        if found.setdefault(symbol, values) != values:
            doubtful.add(symbol)
    for symbol in sorted(doubtful):
        problems.append(_problem(session, "duplicate", symbol, "Two different bars: none taken."))
        del found[symbol]
    return _checked(session, found, problems)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return -1.0  # no bar can have it
    return float(value) if abs(value) <= MOST else -1.0


def _checked(
    session: date, found: Mapping[str, tuple[float, ...]], problems: list[Finding]
) -> MarketDay:
    symbols = sorted(found)
    values = np.array([found[symbol] for symbol in symbols], dtype=np.float64).reshape(-1, 5).T
    prices = np.rint(values[:4] * 1e6).astype(np.int64)
    volume = np.rint(values[4]).astype(np.int64)
    open_, high, low, close = prices
    good = believable(open_, high, low, close, volume)
    for place in (~good).nonzero()[0]:
        text = f"The bar cannot be: {_shown(values[:, place])}"
        problems.append(_problem(session, "impossible", symbols[place], text))
    kept = good.nonzero()[0]
    return MarketDay(
        session=session,
        symbols=tuple(symbols[place] for place in kept),
        open=open_[kept],
        high=high[kept],
        low=low[kept],
        close=close[kept],
        volume=volume[kept],
        problems=_once(problems),
    )


def _once(problems: Iterable[Finding]) -> tuple[Finding, ...]:
    """Put what concerns no symbol into one finding per code."""
    whole = [finding for finding in problems if not finding.symbol]
    named = [finding for finding in problems if finding.symbol]
    if not whole:
        return tuple(named)
    text = f"{len(whole):,} rows: {'; '.join(finding.text for finding in whole[:5])}"
    return (*named, _problem(whole[0].session, whole[0].code, "", text))


def _shown(values: NDArray[np.float64]) -> str:
    return ", ".join(f"{name} {value:g}" for name, value in zip("OHLCV", values, strict=True))


def _problem(session: date, code: str, symbol: str, text: str) -> Finding:
    return Finding(session=session, code=code, symbol=symbol, text=text)
