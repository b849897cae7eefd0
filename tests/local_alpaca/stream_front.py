"""Real WebSockets on 127.0.0.1: /stream for trade updates, /v2/{feed} for market data."""

from __future__ import annotations

from threading import RLock, Thread
from typing import Protocol

from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve

from tests.local_alpaca.faults import Faults, Respond, Subject
from tests.local_alpaca.stream_connection import StreamConnection

TRADE_PATH = "/stream"
DATA_PATHS = ("/v2/sip", "/v2/iex", "/v2/delayed_sip")


class Conversation(Protocol):
    """One side of a stream's conversation."""

    def connected(self, connection: StreamConnection) -> None:
        """A client has come."""
        ...

    def received(self, connection: StreamConnection, message: bytes | str) -> None:
        """It has said something."""
        ...

    def disconnected(self, connection: StreamConnection) -> None:
        """It has gone."""
        ...


class StreamFront:
    """Accepts connections and lets the protocol of their path speak with them."""

    def __init__(
        self, *, trades: Conversation, data: Conversation, faults: Faults, lock: RLock
    ) -> None:
        self._trades = trades
        self._data = data
        self._faults = faults
        self._lock = lock
        self._trade_connections = 0
        self._server = serve(
            self._speak,
            "127.0.0.1",
            0,
            process_request=self._admit,
            compression=None,
            ping_interval=None,
            max_size=1 << 22,
        )
        self._thread = Thread(target=self._server.serve_forever, name="alpaca-streams")

    @property
    def url(self) -> str:
        """Return where it listens, without a path."""
        port = self._server.socket.getsockname()[1]
        return f"ws://127.0.0.1:{port}"

    def start(self) -> None:
        """Begin to accept."""
        self._thread.start()

    def close(self) -> None:
        """End every connection and stop."""
        self._server.shutdown()
        self._thread.join()

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        """Refuse unknown paths, a second listener of trade updates (429), and what a fault says."""
        refused = self._faults.striking(Subject(method="GET", path=request.path), Respond)
        if refused:
            return connection.respond(refused[0].status, refused[0].body)
        if request.path == TRADE_PATH:
            if self._trade_connections:
                return connection.respond(429, "too many connections\n")
        elif request.path not in DATA_PATHS:
            return connection.respond(404, "not found\n")
        return None

    def _speak(self, socket: ServerConnection) -> None:
        is_trades = socket.request is not None and socket.request.path == TRADE_PATH
        self._trade_connections += is_trades
        protocol = self._trades if is_trades else self._data
        connection = StreamConnection(socket)
        try:
            self._converse(protocol, connection)
        finally:
            with self._lock:
                protocol.disconnected(connection)
            self._trade_connections -= is_trades
            connection.finish()

    def _converse(self, protocol: Conversation, connection: StreamConnection) -> None:
        with self._lock:
            protocol.connected(connection)
        try:
            for message in connection.socket:
                with self._lock:
                    protocol.received(connection, message)
        except ConnectionClosed:
            return
