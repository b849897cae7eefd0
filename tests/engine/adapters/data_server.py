"""Massive and the data REST of Alpaca on 127.0.0.1: a small market, faults as they are told."""

import json
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

Row = dict[str, Any]


@dataclass(frozen=True)
class Fault:
    """How an answer goes wrong."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    silent: bool = False
    breaks_off: bool = False
    where: str = ""  # part of the address that it strikes


@dataclass
class Asked:
    """A request as it came."""

    path: str
    params: dict[str, str]
    headers: dict[str, str]

    @property
    def symbols(self) -> list[str]:
        return self.params.get("symbols", "").split(",")


class DataServer:
    """The server; its market may be changed while it runs."""

    def __init__(self) -> None:
        self.days: dict[date, list[Row]] = {}
        self.opening: dict[datetime, dict[str, Row]] = {}
        self.assets: list[Row] = []
        self.splits: list[Row] = []
        self.actions: dict[str, list[Row]] = {}
        self.faults: deque[Fault] = deque()
        self.unknown: set[str] = set()
        self.page = 10_000
        self.asked: list[Asked] = []
        self.closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def fault(self, path: str) -> Fault | None:
        """Take the next fault if it is meant for this address."""
        if self.faults and self.faults[0].where in path:
            return self.faults.popleft()
        return None

    def answer(self, asked: Asked) -> tuple[int, Any]:
        path = asked.path
        if path.startswith("/v2/aggs/grouped/"):
            rows = self.days.get(date.fromisoformat(path.rsplit("/", 1)[1]), [])
            found = {"results": rows} if rows else {}
            return 200, {"status": "OK", "resultsCount": len(rows), **found}
        if path == "/v3/reference/splits":
            return 200, self._paged_splits(asked)
        if path == "/v2/stocks/bars":
            return self._bars(asked)
        if path == "/v1/corporate-actions":
            return 200, {"corporate_actions": self.actions, "next_page_token": None}
        if path == "/v2/assets":
            return 200, self.assets
        return 404, {"message": "no such address"}

    def _paged_splits(self, asked: Asked) -> Row:
        at = int(asked.params.get("cursor", "0"))
        answer: Row = {"results": self.splits[at : at + 1]}
        if at + 1 < len(self.splits):  # Massive names its own host, which is not ours
            answer["next_url"] = f"https://api.massive.com/v3/reference/splits?cursor={at + 1}"
        return answer

    def _bars(self, asked: Asked) -> tuple[int, Any]:
        if bad := self.unknown.intersection(asked.symbols):
            return 400, {"message": f"invalid symbol: {min(bad)}"}
        rows = self._rows(asked)
        first = int(asked.params.get("page_token", "0"))
        page = sorted(rows.items())[first : first + self.page]
        more = first + self.page < len(rows)
        token = str(first + self.page) if more else None
        bars = {symbol: [row] for symbol, row in page} or None
        return 200, {"bars": bars, "next_page_token": token}

    def _rows(self, asked: Asked) -> dict[str, Row]:
        start, end = (datetime.fromisoformat(asked.params[name]) for name in ("start", "end"))
        if asked.params["timeframe"] == "5Min":
            return {
                symbol: {"t": at.strftime("%Y-%m-%dT%H:%M:%SZ"), **row}
                for at, rows in self.opening.items()
                if start <= at <= end
                for symbol, row in rows.items()
                if symbol in asked.symbols
            }
        day = start.date()
        return {
            row["T"]: {"t": f"{day}T05:00:00Z", **row}
            for row in self.days.get(day, [])
            if row["T"] in asked.symbols
        }


def bar(ticker: str, close: float = 10.0, volume: float = 2_000_000, **other: Any) -> Row:
    """A daily bar as Massive sends it; Alpaca's has the same letters."""
    row = {"T": ticker, "o": close, "h": close + 1, "l": close - 1, "c": close, "v": volume}
    return {**row, **other}


@contextmanager
def data_server() -> Iterator[DataServer]:
    with DataServer() as server:
        yield server


def _handler(server: DataServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 5
        wbufsize = -1  # head and body in one packet

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            params = {name: values[0] for name, values in parse_qs(parts.query).items()}
            asked = Asked(parts.path, params, dict(self.headers))
            server.asked.append(asked)
            fault = server.fault(self.path) or Fault()
            if fault.silent:
                server.closing.wait(5)
                self.close_connection = True
                return
            status, answer = server.answer(asked)
            if fault.status != 200:
                status, answer = fault.status, {"message": "trouble"}
            body = json.dumps(answer).encode()
            if fault.breaks_off:
                body = body[: len(body) // 2]
            self.send_response(status)
            for name, value in fault.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    return Handler
