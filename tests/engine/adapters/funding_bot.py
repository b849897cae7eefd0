"""A delta-neutral bot of our own on 127.0.0.1, with its internal API and its bad days."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

POSITION: Mapping[str, Any] = {
    "position_id": "pos_20250204000001",
    "asset": "SOL",
    "status": "open",
    "leverage": 3.0,
    "deployed_usd": 5000.00,
    "long_value_usd": 15000.00,
    "short_value_usd": 15000.00,
    "delta": 12.50,
    "delta_ratio": 0.0008,
    "asgard_hf": 0.28,
    "hyperliquid_mf": 0.15,
    "total_pnl_usd": 45.30,
    "funding_pnl_usd": 67.50,
    "opened_at": "2025-02-04T00:00:00Z",
    "hold_duration_hours": 12.5,
}
RATE = {"timestamp": "2025-02-04T12:00:00Z", "asset": "SOL", "venue": "drift", "rate": -0.000125}


class FundingBot(ThreadingHTTPServer):
    """Answers as it is told to. `fault`: None, an HTTP status, "silence", or raw text."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.positions: Any = {"pos_20250204000001": dict(POSITION)}
        self.rates: Any = {"items": [RATE]}
        self.stats: Any = {"uptime_seconds": 86400, "trades": 17}
        self.health: Any = {"status": "running"}
        self.fault: int | str | None = None
        self.key: str | None = None
        self.asked: list[str] = []
        self.ended = Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def answer_to(self, path: str) -> Any:
        parts = {
            "/health": self.health,
            "/internal/positions": self.positions,
            "/internal/stats": self.stats,
            "/internal/funding": self.rates,
        }
        return parts.get(path)


class _Answering(BaseHTTPRequestHandler):
    server: FundingBot

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        fault = self.server.fault
        body = self.server.answer_to(self.path)
        if fault == "silence":
            self.server.ended.wait(30)
        elif isinstance(fault, int):
            self._send(fault, b'{"message": "starting up"}')
        elif self.server.key and self.headers["X-API-Key"] != self.server.key:
            self._send(401, b'{"message": "who are you?"}')
        elif body is None:
            self._send(404, b"{}")
        else:
            self._send(200, fault.encode() if fault else json.dumps(body).encode())

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_said: object) -> None:
        """Say nothing."""


@contextmanager
def funding_bot() -> Iterator[FundingBot]:
    """Run a bot until the end of the block."""
    bot = FundingBot()
    thread = Thread(target=bot.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield bot
    bot.ended.set()
    bot.shutdown()
    bot.server_close()
    thread.join()
