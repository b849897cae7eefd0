"""Alpaca's daily bars, corporate actions and list of assets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from engine.adapters.alpaca_bars import DATA_URL, AlpacaBars, Answer, Row, started_at
from engine.adapters.bar_rows import SYMBOL, market_day
from engine.adapters.daily_sources.massive import split_of, unique_splits
from engine.adapters.web import WebClient
from engine.errors import SourceUnavailableError
from engine.market_hours import NEW_YORK, Session
from models.market import Finding, Listing, MarketDay, Split

PAPER_URL = "https://paper-api.alpaca.markets"
LIVE_URL = "https://api.alpaca.markets"
SPLIT_TYPES = "forward_split,reverse_split,stock_dividend"
NOT_LISTED = {"OTC", "CRYPTO", ""}  # exchanges
BARRED = {"ipo", "ptp_no_exception"}  # attributes of assets whose normal orders are rejected
MOST_PAGES = 50


class AlpacaAssets:
    """The broker's list: what can be traded, sold short and borrowed."""

    def __init__(self, client: WebClient, url: str = PAPER_URL) -> None:
        self._client = client
        self._url = f"{url.rstrip('/')}/v2/assets"

    def listings(self) -> Sequence[Listing]:
        """Return every active US share."""
        params = {"status": "active", "asset_class": "us_equity"}
        answer = self._client.get(self._url, params)
        if not isinstance(answer, list):
            raise SourceUnavailableError("alpaca answered with something else than a list")
        found = (_listing(row) for row in answer if isinstance(row, dict))
        listed = {known.symbol: known for known in found if known is not None}
        if not listed:  # as if nobody kept a list, and everything could be traded and borrowed
            raise SourceUnavailableError("alpaca answered with a list of nothing")
        return list(listed.values())


def _listing(row: dict[str, Any]) -> Listing | None:
    symbol = row.get("symbol")
    if not isinstance(symbol, str) or not SYMBOL.fullmatch(symbol):
        return None
    if str(row.get("exchange") or "") in NOT_LISTED:
        return None
    status = row.get("borrow_status") or _old_borrow_status(row)
    barred = BARRED.intersection(row.get("attributes") or ())
    tradable = row.get("status") == "active" and row.get("tradable") is True and not barred
    return Listing(
        symbol=symbol,
        name=str(row.get("name") or ""),
        exchange=str(row.get("exchange") or "")[:24],
        tradable=tradable,
        shortable=tradable and row.get("shortable") is True and status == "easy_to_borrow",
        borrow_status=str(status)[:24],
    )


def _old_borrow_status(row: dict[str, Any]) -> str:
    """Read the flag that Alpaca replaced by `borrow_status` in June 2026."""
    return "easy_to_borrow" if row.get("easy_to_borrow") is True else "hard_to_borrow"


class AlpacaDaily:
    """Daily bars, raw, of the symbols that the broker lists.

    What came for a session is kept until the session is whole, so that a failing page or chunk is
    all that the next try asks for.
    """

    name = "alpaca"
    revises = True
    keeps_list = True

    def __init__(
        self,
        client: WebClient,
        assets: AlpacaAssets,
        url: str = DATA_URL,
        feed: str = "sip",
        sectors: Callable[[], Mapping[str, str]] = dict,
    ) -> None:
        self.feed = feed  # by day the free plan has all of it, 15 minutes late
        self._client = client
        self._bars = AlpacaBars(client, url)
        self._assets = assets
        self._sectors = sectors
        self._actions = f"{url.rstrip('/')}/v1/corporate-actions"
        self._symbols: list[str] = []
        self._came: dict[date, Answer] = {}

    def day(self, session: Session) -> MarketDay:
        """Return the bars of all listed symbols."""
        came = self._came.setdefault(session.day, Answer(open_=self._listed()))
        answer = self._bars.ask(came.open_, self._question(session))
        came.rows |= answer.rows
        came.refused += answer.refused
        came.open_ = answer.open_
        if came.open_:
            raise SourceUnavailableError(
                f"{len(came.rows):,} bars of {session.day} came, {len(came.open_):,} symbols are "
                f"still asked for: {answer.reason}"
            )
        del self._came[session.day]
        return _day(session, came)

    def splits(self, first: date, last: date) -> Sequence[Split]:
        """Return splits and stock dividends by the day from which the new scale holds."""
        params = {
            "types": SPLIT_TYPES,
            "start": first.isoformat(),
            "end": last.isoformat(),
            "limit": "1000",
        }
        return unique_splits(split for page in self._pages(params) for split in _splits_of(page))

    def listings(self) -> Sequence[Listing]:
        """Return what the broker lists."""
        found = self._assets.listings()
        self._symbols = sorted(listing.symbol for listing in found)
        return found

    def sectors(self) -> Mapping[str, str]:
        """Return what others tell: Alpaca knows no sectors."""
        return self._sectors()

    def _listed(self) -> list[str]:
        if not self._symbols:
            self.listings()
        return list(self._symbols)

    def _question(self, session: Session) -> dict[str, str]:
        return {
            "timeframe": "1Day",
            "start": f"{session.day}T00:00:00Z",
            "end": f"{session.day}T23:59:59Z",  # a daily bar stands at New York's midnight
            "adjustment": "raw",
            "feed": self.feed,
        }

    def _pages(self, params: dict[str, str]) -> Iterator[dict[str, Any]]:
        for _ in range(MOST_PAGES):
            answer = self._client.get(self._actions, params)
            if not isinstance(answer, dict):
                raise SourceUnavailableError("alpaca answered with something else than an object")
            yield answer.get("corporate_actions") or {}
            token = answer.get("next_page_token")
            if not token:
                return
            params = {**params, "page_token": str(token)}
        raise SourceUnavailableError("alpaca does not end its corporate actions")


def _day(session: Session, answer: Answer) -> MarketDay:
    rows = ((symbol, row) for symbol, found in answer.rows.items() for row in found)
    day = market_day(session.day, ((s, row) for s, row in rows if _is_of(row, session)))
    if not answer.refused:
        return day
    refused = tuple(
        Finding(
            session=session.day,
            code="refused",
            symbol=symbol,
            text="The source does not know this symbol.",
        )
        for symbol in answer.refused
    )
    return replace(day, problems=(*day.problems, *refused))


def _is_of(row: Row, session: Session) -> bool:
    at = started_at(row)
    return at is not None and at.astimezone(NEW_YORK).date() == session.day


def _splits_of(page: dict[str, Any]) -> Iterator[Split | None]:
    for kind in ("forward_splits", "reverse_splits"):
        for row in page.get(kind) or ():
            yield split_of(
                row.get("symbol"), row.get("ex_date"), row.get("new_rate"), row.get("old_rate")
            )
    for row in page.get("stock_dividends") or ():
        rate = row.get("rate")
        if isinstance(rate, int | float) and rate > 0:
            yield split_of(row.get("symbol"), row.get("ex_date"), 1 + Decimal(str(rate)), 1)
