"""Historical bars of many symbols, page by page: the limit counts points, not symbols."""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from models.market import BarColumns
from tests.local_alpaca.bar_series import known_bars, rows
from tests.local_alpaca.moments import DAY, SECOND, parse, stamp
from tests.local_alpaca.played_market import PlayedMarket
from tests.local_alpaca.refusals import RefusedError

DEFAULT_LIMIT, LARGEST_LIMIT = 1000, 10_000


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last point that was answered."""

    symbol: str
    start: int  # seconds

    def as_token(self) -> str:
        """Write it as Alpaca does: readable, in base64."""
        return b64encode(f"{self.symbol}|M|{stamp(self.start * SECOND)}".encode()).decode()

    @classmethod
    def from_token(cls, token: str) -> Self:
        """Read a token, or refuse it."""
        try:
            symbol, _, at = b64decode(token, validate=True).decode().split("|")
            return cls(symbol, parse(at) // SECOND)
        except (Base64Error, ValueError):
            raise RefusedError(400, {"message": f"invalid page_token: {token}"}) from None


def bars_page(
    market: PlayedMarket, query: Mapping[str, str], now: int, until: int
) -> dict[str, Any]:
    """Answer GET /v2/stocks/bars with what is known at `now` of bars up to `until`."""
    left = _limit(query)
    first = parse(query["start"]) if query.get("start") else now // DAY * DAY
    page: dict[str, list[dict[str, Any]]] = {}
    last: Cursor | None = None
    for symbol, bars in _series(market, query, now, (first, until)):
        if not left:
            return {"bars": page, "next_page_token": last.as_token() if last else None}
        piece = bars.slice(0, left)
        page[symbol] = list(rows(piece))
        left -= len(piece)
        last = Cursor(symbol, int(piece.start[-1]))
        if len(piece) < len(bars):
            return {"bars": page, "next_page_token": last.as_token()}
    return {"bars": page, "next_page_token": None}


def symbols_of(query: Mapping[str, str]) -> list[str]:
    """Return the symbols of a query, sorted and each once."""
    symbols = sorted({symbol for symbol in query.get("symbols", "").split(",") if symbol})
    if not symbols:
        raise RefusedError(400, {"message": "symbols is required"})
    return symbols


def _series(
    market: PlayedMarket, query: Mapping[str, str], now: int, between: tuple[int, int]
) -> Iterable[tuple[str, BarColumns]]:
    """Return what is left to answer of each symbol that has any bars."""
    token = query.get("page_token")
    cursor = Cursor.from_token(token) if token else Cursor("", -1)
    first, last = (-(-between[0] // SECOND), between[1] // SECOND)  # both ends included
    for symbol in symbols_of(query):
        if symbol < cursor.symbol:
            continue
        since = max(first, cursor.start + 1) if symbol == cursor.symbol else first
        bars = known_bars(market, symbol, query.get("timeframe", ""), now)
        bounds = np.searchsorted(bars.start, (since, last + 1))
        if bounds[0] < bounds[1]:
            yield symbol, bars.slice(int(bounds[0]), int(bounds[1]))


def _limit(query: Mapping[str, str]) -> int:
    limit = int(query.get("limit") or DEFAULT_LIMIT)
    if not 1 <= limit <= LARGEST_LIMIT:
        raise RefusedError(400, {"message": f"limit must be between 1 and {LARGEST_LIMIT}"})
    return limit
