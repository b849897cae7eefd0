"""A whole market over HTTP, in a process of its own: what Alpaca's data API would answer.

`python -m tests.bench.market_server SYMBOLS LIQUID LATENCY TODAY` writes its port and serves until
it is ended. Each answer takes LATENCY seconds. Opening bars of TODAY come as `/publish?count=N`
says: of the first N symbols.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from engine.market_hours import MarketHours, Session
from tests.bench.invented_market import InventedDaily, InventedFeed, symbols_of

ROOT = Path(__file__).parents[2]
MICROS = 1_000_000


class Market:
    """The answers, made once per session."""

    def __init__(self, count: int, liquid: int, today: date) -> None:
        self.places = {symbol: place for place, symbol in enumerate(symbols_of(count))}
        self.published = count
        self._daily = InventedDaily(count, liquid)
        self._hours = MarketHours()
        self._today = today

    def answer(self, path: str, query: Mapping[str, str]) -> bytes:
        if path == "/publish":
            self.published = int(query["count"])
            return b"{}"
        if path == "/v2/stocks/bars" and query["timeframe"] != "1Min":
            return self._bars(query)
        if path.startswith("/v2/aggs/grouped/"):
            return self._grouped(date.fromisoformat(path.rsplit("/", 1)[1]))
        if path == "/v1/corporate-actions":
            return b'{"corporate_actions": {}, "next_page_token": null}'
        return b'{"trades": {}, "bars": {}, "next_page_token": null}'

    def _grouped(self, day: date) -> bytes:
        """Answer as Massive does: the whole market's session at once."""
        session = self._hours.session_on(day)
        rows = _days(self._daily, session) if session else []
        named = (f'{{"T": {row.replace(": [{", ", ", 1)[:-1]}' for row in rows)
        return f'{{"resultsCount": {len(rows)}, "results": [{",".join(named)}]}}'.encode()

    def _bars(self, query: Mapping[str, str]) -> bytes:
        day = date.fromisoformat(query["start"][:10])
        session = self._hours.session_on(day)
        if session is None:
            return b'{"bars": null, "next_page_token": null}'
        is_daily = query["timeframe"] == "1Day"
        rows = _days(self._daily, session) if is_daily else _openings(self._daily.count, session)
        shown = len(rows) if is_daily or day != self._today else self.published
        asked = (self.places[symbol] for symbol in query["symbols"].split(","))
        found = ",".join(rows[place] for place in asked if place < shown)
        return f'{{"bars": {{{found}}}, "next_page_token": null}}'.encode()


@cache
def _days(daily: InventedDaily, session: Session) -> list[str]:
    day = daily.day(session)
    columns = (day.open, day.high, day.low, day.close)
    prices = ((column / MICROS).tolist() for column in columns)
    return _rows(f"{session.day}T05:00:00Z", day.symbols, *prices, day.volume.tolist())


@cache
def _openings(count: int, session: Session) -> list[str]:
    opening = InventedFeed().opening_range(session, symbols_of(count))
    columns = (opening.open, opening.high, opening.low, opening.close)
    prices = ((column / MICROS).tolist() for column in columns)
    at = f"{session.opens_at:%Y-%m-%dT%H:%M:%SZ}"
    return _rows(at, opening.symbols, *prices, opening.volume.tolist())


def _rows(at: str, *columns: Any) -> list[str]:
    names = ("o", "h", "l", "c", "v")
    rows = zip(*columns, strict=True)
    return [
        f"{json.dumps(symbol)}: [{json.dumps({'t': at, **dict(zip(names, values, strict=True))})}]"
        for symbol, *values in rows
    ]


def _handler(market: Market, latency: float) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1
        pause = threading.Event()

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            body = market.answer(parts.path, query)
            self.pause.wait(latency)
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    return Handler


@contextmanager
def market_server(count: int, liquid: int, latency: float, today: date) -> Iterator[str]:
    """Run the server until the end of the block; return its address."""
    command = [sys.executable, "-m", "tests.bench.market_server"]
    said = [str(count), str(liquid), str(latency), today.isoformat()]
    with subprocess.Popen([*command, *said], cwd=ROOT, stdout=subprocess.PIPE) as process:  # noqa: S603
        assert process.stdout is not None
        port = int(process.stdout.readline())
        yield f"http://127.0.0.1:{port}"
        process.terminate()


def publish(url: str, count: int) -> None:
    """Let the opening bars of the first symbols be known from now on."""
    urllib.request.urlopen(f"{url}/publish?count={count}").close()  # noqa: S310  # our own server


def main() -> None:
    """Serve."""
    count, liquid, latency, today = sys.argv[1:]
    market = Market(int(count), int(liquid), date.fromisoformat(today))
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(market, float(latency)))
    server.daemon_threads = True
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
