"""Real HTTP on 127.0.0.1: connections are kept alive, each has a thread, and each can be broken."""

from __future__ import annotations

import os
import socket
import struct
import sys
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

import orjson

from tests.local_alpaca.application import Application, Manner, Reply
from tests.local_alpaca.routes import Request

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class HttpFront(ThreadingHTTPServer):
    """Serves an application until it is closed."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, application: Application) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.application = application
        self._connections: set[socket.socket] = set()
        self._guard = Lock()
        self.mistakes: list[Exception] = []
        self._thread = Thread(target=self.serve_forever, args=(0.02,), name="alpaca-http")

    @property
    def url(self) -> str:
        """Return where it listens, without a path."""
        return f"http://127.0.0.1:{self.server_port}"

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def close(self) -> None:
        """Stop answering and end every connection."""
        self.application.closing.set()
        self.shutdown()
        self._thread.join()
        with self._guard:
            for connection in self._connections:
                _end(connection)
        self.server_close()
        if self.mistakes:
            raise ExceptionGroup("the local Alpaca made mistakes", self.mistakes)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection, so that close() can end it."""
        with self._guard:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget the connection."""
        with self._guard:
            self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002
        """Let clients go away as they like; anything else is a mistake that close() raises."""
        reason = sys.exception()
        if isinstance(reason, Exception) and not isinstance(reason, OSError):
            self.mistakes.append(reason)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16
    server: HttpFront
    _phrases: ClassVar[Mapping[int, str]] = {207: "Multi-Status"}

    def answer(self) -> None:
        reply = self.server.application.reply(self._request())
        match reply.manner:
            case Manner.WHOLE:
                self._send(reply, reply.body)
            case Manner.TRUNCATED:
                self._send(reply, reply.body[: len(reply.body) // 2])
                self.close_connection = True
            case Manner.RESET:
                self._reset()
            case Manner.SILENT:
                self.server.application.closing.wait()
                self.close_connection = True

    do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = answer  # noqa: N815  (http.server's names)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep quiet."""

    def _request(self) -> Request:
        target = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(length) if length else b""
        return Request(
            method=self.command,
            path=target.path,
            query=dict(parse_qsl(target.query)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=_object(raw),
        )

    def _send(self, reply: Reply, body: bytes) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.body:
            self.send_header("Content-Type", "application/json; charset=UTF-8")
        if reply.status != 204:
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def _reset(self) -> None:
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        os.close(self.connection.detach())


def _object(raw: bytes) -> Mapping[str, Any]:
    try:
        body = orjson.loads(raw) if raw else {}
    except orjson.JSONDecodeError:
        return {}
    return body if isinstance(body, dict) else {}


def _end(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the client was faster
