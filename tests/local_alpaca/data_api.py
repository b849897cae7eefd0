"""The market data API: bars, and the latest of everything."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from models.market import BarColumns
from tests.local_alpaca.bar_pages import bars_page, symbols_of
from tests.local_alpaca.bar_series import known_bars, rows
from tests.local_alpaca.exchange import Exchange
from tests.local_alpaca.moments import MINUTE, parse, stamp
from tests.local_alpaca.refusals import RefusedError, sip_barred
from tests.local_alpaca.routes import Answer, Request, Routes
from tests.local_alpaca.rules import Rules

BARRED = 15 * MINUTE
FEEDS = {"sip", "iex", "delayed_sip", "boats", "otc"}
CENT = 0.01


class DataApi:
    """Answers from the bars of one exchange's market."""

    def __init__(self, exchange: Exchange, rules: Rules) -> None:
        self._exchange = exchange
        self._market = exchange.market
        self._rules = rules

    def register(self, routes: Routes) -> None:
        """Take its routes."""
        routes.add("GET", "/v1/corporate-actions", self.corporate_actions)
        routes.add("GET", "/v2/stocks/bars", self.bars)
        routes.add("GET", "/v2/stocks/bars/latest", self._latest("bars", self.minute_bar))
        routes.add("GET", "/v2/stocks/trades/latest", self._latest("trades", self.trade))
        routes.add("GET", "/v2/stocks/quotes/latest", self._latest("quotes", self.quote))
        routes.add("GET", "/v2/stocks/snapshots", self.snapshots)

    def bars(self, request: Request) -> Answer:
        """Answer with one page of historical bars."""
        now = self._exchange.time.now
        is_barred = self._rules.plan == "basic" and self._feed(request.query) == "sip"
        newest = now - BARRED if is_barred else now
        end = parse(request.query["end"]) if request.query.get("end") else newest
        if is_barred and end > newest:
            raise sip_barred()
        return Answer(bars_page(self._market, request.query, now, end))

    def snapshots(self, request: Request) -> Answer:
        """Answer with everything latest of each symbol."""
        self._check_latest(request.query)
        found = {symbol: self._snapshot(symbol) for symbol in symbols_of(request.query)}
        return Answer({symbol: snapshot for symbol, snapshot in found.items() if snapshot})

    def corporate_actions(self, request: Request) -> Answer:
        """Answer with the actions of the kinds asked for that are processed in an interval."""
        first, last = (request.query.get(name, "") for name in ("start", "end"))
        kinds = {f"{kind}s" for kind in request.query.get("types", "").split(",")}
        found = {
            kind: [row for row in told if first <= row["process_date"] <= last]
            for kind, told in self._market.actions.items()
            if kind in kinds
        }
        return Answer({"corporate_actions": found, "next_page_token": None})

    def minute_bar(self, symbol: str) -> dict[str, Any] | None:
        """Return the last minute bar that has closed."""
        return _last(known_bars(self._market, symbol, "1Min", self._exchange.time.now))

    def trade(self, symbol: str) -> dict[str, Any] | None:
        """Return the last trade: the close of the last minute bar."""
        bar = self.minute_bar(symbol)
        if bar is None:
            return None
        return {
            "t": _end_of(bar),
            "x": "V",
            "p": bar["c"],
            "s": 100,
            "c": ["@"],
            "i": parse(bar["t"]) // MINUTE,
            "z": "C",
        }

    def quote(self, symbol: str) -> dict[str, Any] | None:
        """Return a quote a cent around the last trade."""
        bar = self.minute_bar(symbol)
        if bar is None:
            return None
        bid, ask = round(bar["c"] - CENT, 4), round(bar["c"] + CENT, 4)
        sides = {"bx": "V", "bp": bid, "bs": 100, "ax": "V", "ap": ask, "as": 100}
        return {"t": _end_of(bar), **sides, "c": ["R"], "z": "C"}

    def _snapshot(self, symbol: str) -> dict[str, Any] | None:
        bar = self.minute_bar(symbol)
        if bar is None:
            return None
        days = known_bars(self._market, symbol, "1Day", self._exchange.time.now)
        return {
            "latestTrade": self.trade(symbol),
            "latestQuote": self.quote(symbol),
            "minuteBar": bar,
            "dailyBar": _last(days) or bar,
            "prevDailyBar": _last(days.slice(0, len(days) - 1)) or bar,
        }

    def _latest(
        self, name: str, one: Callable[[str], dict[str, Any] | None]
    ) -> Callable[[Request], Answer]:
        def answer(request: Request) -> Answer:
            self._check_latest(request.query)
            found = {symbol: one(symbol) for symbol in symbols_of(request.query)}
            return Answer({name: {symbol: value for symbol, value in found.items() if value}})

        return answer

    def _check_latest(self, query: Mapping[str, str]) -> None:
        default = "iex" if self._rules.plan == "basic" else "sip"
        if self._feed(query, default) == "sip" and self._rules.plan == "basic":
            raise sip_barred()

    def _feed(self, query: Mapping[str, str], default: str = "sip") -> str:
        feed = query.get("feed") or default
        if feed not in FEEDS:
            raise RefusedError(400, {"message": f"invalid feed: {feed}"})
        return feed


def _last(bars: BarColumns) -> dict[str, Any] | None:
    return next(rows(bars.slice(len(bars) - 1, len(bars))), None) if len(bars) else None


def _end_of(bar: Mapping[str, Any]) -> str:
    return stamp(parse(bar["t"]) + MINUTE)
