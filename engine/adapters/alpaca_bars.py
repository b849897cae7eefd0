"""Bars from Alpaca's data REST: symbols in chunks side by side, pages turned by ourselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.adapters.web import Pace, Patience, WebClient
from engine.errors import SourceRefusedError, SourceUnavailableError

DATA_URL = "https://data.alpaca.markets"
CHUNK = 300  # symbols; 3,000 in one address are too long for the server
LIMIT = 10_000  # bars on a page, over all symbols
PER_MINUTE = {"iex": 190, "sip": 9_500}  # of 200 and 10,000 a minute, by the plan that has the feed
SPARE = 90  # of these for the scan and for prices: a sync of many sessions must not keep them out
THREADS = 8
MOST_PAGES = 200
NOT_THE_QUESTION = {401, 403, 404}  # the key, the plan or the address is wrong, not a symbol

Row = Mapping[str, Any]


def alpaca_pace(per_minute: int) -> Pace:
    """Return the pace of one account at Alpaca, which all its clients share."""
    return Pace(per_minute, 61.0)


def alpaca_client(
    key: str, secret: str, pace: Pace, *, spare: int = 0, patience: Patience | None = None
) -> WebClient:
    """Return a client with threads of its own that keeps to the data plan's limit."""
    headers = {"APCA-API-KEY-ID": key, "APCA-API-SECRET-KEY": secret}
    return WebClient(headers, pace, patience, threads=THREADS, spare=spare)


@dataclass(slots=True)
class Answer:
    """What came for a question: rows by symbol, and the symbols that nothing is known of."""

    rows: dict[str, list[Row]] = field(default_factory=dict)
    open_: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    reason: str = ""


class AlpacaBars:
    """Asks for one bar of each of many symbols: with more, a page could end within a symbol."""

    def __init__(self, client: WebClient, url: str = DATA_URL) -> None:
        self._client = client
        self._url = f"{url.rstrip('/')}/v2/stocks/bars"

    def ask(
        self, symbols: Sequence[str], question: Mapping[str, str], patience: Patience | None = None
    ) -> Answer:
        """Ask for all symbols, chunk by chunk in several threads, and never lose what came."""
        chunks = [symbols[at : at + CHUNK] for at in range(0, len(symbols), CHUNK)]
        work = self._client.side_by_side(
            lambda chunk: self._chunk(chunk, question, patience), chunks
        )
        return _together([done.result() for done in work])

    def _chunk(
        self, symbols: Sequence[str], question: Mapping[str, str], patience: Patience | None
    ) -> Answer:
        """Ask for one chunk; a refused one in halves, until the symbol at fault is alone."""
        answer = Answer()
        try:
            for page in self._pages(symbols, question, patience):
                for symbol, rows in page.items():
                    answer.rows.setdefault(symbol, []).extend(rows)
        except SourceUnavailableError as error:
            answer.open_ = [symbol for symbol in symbols if symbol not in answer.rows]
            answer.reason = str(error)
        except SourceRefusedError as error:
            if error.status in NOT_THE_QUESTION:
                raise
            if len(symbols) == 1:
                return Answer(refused=list(symbols), reason=str(error))
            half = len(symbols) // 2
            parts = (symbols[:half], symbols[half:])
            return _together([self._chunk(part, question, patience) for part in parts])
        return answer

    def _pages(
        self, symbols: Sequence[str], question: Mapping[str, str], patience: Patience | None
    ) -> Iterator[Mapping[str, list[Row]]]:
        params = {**question, "symbols": ",".join(symbols), "limit": str(LIMIT)}
        for _ in range(MOST_PAGES):
            answer = self._client.get(self._url, params, patience)
            if not isinstance(answer, dict):
                raise SourceUnavailableError("alpaca answered with something else than an object")
            yield answer.get("bars") or {}
            token = answer.get("next_page_token")
            if not token:
                return
            params["page_token"] = str(token)
        raise SourceUnavailableError("alpaca does not end its pages")


def started_at(row: Row) -> datetime | None:
    """Return the moment at which a bar starts, None if the row does not say."""
    try:
        at = datetime.fromisoformat(str(row.get("t")))
    except ValueError:
        return None
    return at if at.tzinfo else None


def _together(answers: Sequence[Answer]) -> Answer:
    whole = Answer()
    for answer in answers:
        whole.rows |= answer.rows
        whole.open_ += answer.open_
        whole.refused += answer.refused
        whole.reason = answer.reason or whole.reason
    return whole
