"""Massive (once Polygon): the whole market's bars of a session in one request."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from engine.adapters.bar_rows import market_day, symbol_of
from engine.adapters.web import Pace, WebClient
from engine.errors import SourceUnavailableError
from engine.market_hours import Session
from models.market import Listing, MarketDay, Split

URL = "https://api.massive.com"
PER_MINUTE = 5  # the free plan, as is commonly said; not confirmed by Massive's own pages
MARGIN = 2.0  # seconds that a window is longer here than there: clocks and networks differ
MOST_PAGES = 50


def massive_client(key: str, per_minute: int = PER_MINUTE) -> WebClient:
    """Return a client that keeps to the plan's limit."""
    return WebClient({"Authorization": f"Bearer {key}"}, Pace(per_minute, 60.0 + MARGIN))


class MassiveDaily:
    """Grouped daily bars, raw: splits are applied when numbers are made, never in what is stored.

    Massive keeps no list of what can be traded at the broker, and tells no sectors: `listings` and
    `sectors` ask who does.
    """

    name = "massive"
    feed = "sip"  # consolidated volume
    revises = True

    def __init__(
        self,
        client: WebClient,
        url: str = URL,
        listings: Callable[[], Sequence[Listing]] | None = None,
        sectors: Callable[[], Mapping[str, str]] = dict,
    ) -> None:
        self._client = client
        self._url = url.rstrip("/")
        self.keeps_list = listings is not None
        self._listings = listings or tuple
        self._sectors = sectors

    def day(self, session: Session) -> MarketDay:
        """Return the whole market's bars of a session."""
        path = f"/v2/aggs/grouped/locale/us/market/stocks/{session.day}"
        answer = self._client.get(self._url + path, {"adjusted": "false", "include_otc": "false"})
        rows = _results(answer)
        promised = answer.get("resultsCount")
        if isinstance(promised, int) and promised != len(rows):
            raise SourceUnavailableError(
                f"massive promised {promised:,} bars of {session.day} and sent {len(rows):,}"
            )
        return market_day(session.day, ((row.get("T"), row) for row in rows))

    def splits(self, first: date, last: date) -> Sequence[Split]:
        """Return the splits between two days, over all pages."""
        params = {
            "execution_date.gte": first.isoformat(),
            "execution_date.lte": last.isoformat(),
            "limit": "1000",
        }
        rows = self._pages(f"{self._url}/v3/reference/splits", params)
        return unique_splits(_split(row) for row in rows)

    def listings(self) -> Sequence[Listing]:
        """Return what the broker lists."""
        return self._listings()

    def sectors(self) -> Mapping[str, str]:
        """Return what others tell."""
        return self._sectors()

    def _pages(self, url: str, params: dict[str, str]) -> Iterator[dict[str, Any]]:
        answer = self._client.get(url, params)
        for _ in range(MOST_PAGES):
            yield from _results(answer)
            following = answer.get("next_url")
            if not following:
                return
            # only the question of the next page is taken: the key goes nowhere but to our server
            _, _, query = str(following).partition("?")
            answer = self._client.get(f"{url}?{query}")
        raise SourceUnavailableError(f"massive does not end its pages of {url}")


def _results(answer: Any) -> list[dict[str, Any]]:
    if not isinstance(answer, dict):
        raise SourceUnavailableError("massive answered with something else than an object")
    rows = answer.get("results") or []
    return [row for row in rows if isinstance(row, dict)]


def _split(row: dict[str, Any]) -> Split | None:
    return split_of(
        row.get("ticker"), row.get("execution_date"), row.get("split_to"), row.get("split_from")
    )


def split_of(symbol: Any, session: Any, new_shares: Any, old_shares: Any) -> Split | None:
    """Return a split, None if what is said of it makes none."""
    try:
        new, old = (round(Decimal(str(shares)), 6) for shares in (new_shares, old_shares))
        day = date.fromisoformat(str(session))
    except (InvalidOperation, ValueError):
        return None
    if not isinstance(symbol, str) or not symbol or new <= 0 or old <= 0 or new == old:
        return None
    return Split(symbol=symbol_of(symbol), session=day, new_shares=new, old_shares=old)


def unique_splits(splits: Iterator[Split | None]) -> list[Split]:
    """Return each symbol's split of a day once."""
    known = {(split.symbol, split.session): split for split in splits if split is not None}
    return [known[key] for key in sorted(known)]
