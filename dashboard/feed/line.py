"""One WebSocket that never makes anybody wait: what is not taken at once is sent later."""

from __future__ import annotations

import contextlib
import socket
from collections import deque
from collections.abc import Iterator
from threading import Event, Lock
from typing import Any

from werkzeug.exceptions import BadRequest
from wsproto import ConnectionType, WSConnection
from wsproto.connection import ConnectionState
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Message,
    Ping,
    Request,
    TextMessage,
)
from wsproto.events import (
    Event as Said,
)
from wsproto.extensions import PerMessageDeflate
from wsproto.frame_protocol import CloseReason
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

from engine.clock import stopwatch

READ_AT_ONCE = 16_384
MOST_SAID = 4_096  # characters of one message of a client's
MOST_WAITING = 4 << 20  # bytes that may wait for a client beside what the system keeps for it
KEPT_BY_SYSTEM = 128 << 10  # bytes; by itself it would keep megabytes for one who does not read


class Line:
    """A socket after its handshake. Any thread may send; one alone, that of `Lines`, reads."""

    def __init__(self, connection: socket.socket, ws: WSConnection, *, deflates: bool) -> None:
        self.socket = connection
        self.deflates = deflates
        self.ended = Event()
        self.opened_at = self.heard_at = self.taken_at = stopwatch()
        self.pinged_at = self.opened_at
        self.closing_at: float | None = None
        self._ws = ws
        self._lock = Lock()
        self._waiting: deque[memoryview] = deque()
        self._size = 0
        self._heard = ""
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KEPT_BY_SYSTEM)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.settimeout(0)

    @property
    def is_waiting(self) -> bool:
        """Say whether something waits to be sent."""
        return bool(self._waiting)

    @property
    def is_overfull(self) -> bool:
        """Say whether more waits than one client may have waiting."""
        return self._size > MOST_WAITING

    def send(self, piece: bytes) -> bool:
        """Send whole frames, or what the system takes of them now; say whether some must wait.

        Raises:
            OSError: the client is gone.
        """
        with self._lock:
            if self.closing_at is None:
                self._put(piece)
            return self.is_waiting

    def send_waiting(self) -> bool:
        """Go on with what waits; say whether some still does.

        Raises:
            OSError: the client is gone.
        """
        with self._lock:
            self._push()
            return self.is_waiting

    def receive(self) -> Iterator[str]:
        """Read what the client has sent; return its messages.

        Raises:
            OSError: the client is gone, in whatever manner.
        """
        data = self.socket.recv(READ_AT_ONCE)
        if not data:
            raise ConnectionResetError
        self.heard_at = stopwatch()
        with self._lock:
            return iter(self._understand(data))

    def ping(self) -> None:
        """Ask whether the client still listens.

        Raises:
            OSError: it is gone.
        """
        self.pinged_at = stopwatch()
        with self._lock:
            if self.closing_at is None:
                self._put(self._ws.send(Ping()))

    def close(self, code: int, reason: str) -> None:
        """Say why it ends, after the frame that is under way; nothing else follows.

        Raises:
            OSError: the client is gone.
        """
        with self._lock:
            if self.closing_at is not None:
                return
            self.closing_at = stopwatch()
            while len(self._waiting) > 1:
                self._size -= len(self._waiting.pop())
            if self._ws.state is ConnectionState.OPEN:
                self._put(self._ws.send(CloseConnection(code, reason)))

    def hang_up(self) -> None:
        """End it, whatever still waits."""
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.ended.set()

    def _put(self, piece: bytes) -> None:
        if not self._waiting:
            self.taken_at = stopwatch()
        self._waiting.append(memoryview(piece))
        self._size += len(piece)
        self._push()

    def _push(self) -> None:
        while self._waiting:
            try:
                taken = self.socket.send(self._waiting[0])
            except BlockingIOError:
                return
            self.taken_at = stopwatch()
            self._size -= taken
            rest = self._waiting.popleft()[taken:]
            if rest:
                self._waiting.appendleft(rest)

    def _understand(self, data: bytes) -> list[str]:
        try:
            self._ws.receive_data(data)
            return [said for event in self._ws.events() for said in self._answer(event)]
        except (LocalProtocolError, RemoteProtocolError) as error:
            raise ConnectionAbortedError(str(error)) from error

    def _answer(self, event: Said) -> Iterator[str]:
        if isinstance(event, TextMessage | BytesMessage):
            yield from self._gather(event)
        elif isinstance(event, Ping):
            self._put(self._ws.send(event.response()))
        elif isinstance(event, CloseConnection):
            if self.closing_at is None:
                self._put(self._ws.send(event.response()))
            raise ConnectionResetError

    def _gather(self, event: Message[Any]) -> Iterator[str]:
        data = event.data
        self._heard += data if isinstance(data, str) else bytes(data).decode(errors="replace")
        if len(self._heard) > MOST_SAID:
            self._put(self._ws.send(CloseConnection(CloseReason.MESSAGE_TOO_BIG, "too long")))
            raise ConnectionAbortedError
        if event.message_finished:
            whole, self._heard = self._heard, ""
            yield whole


def answer(environ: dict[str, Any]) -> Line:
    """Answer a request for a WebSocket, and take its socket over from the web server.

    Raises:
        BadRequest: it is no such request, or the server has no socket to give.
    """
    ws = WSConnection(ConnectionType.SERVER)
    extension = PerMessageDeflate(server_no_context_takeover=True)
    try:
        ws.receive_data(_as_it_came(environ))
        if not isinstance(next(iter(ws.events()), None), Request):
            raise BadRequest("A WebSocket begins with an upgrade.")
        agreed = ws.send(AcceptConnection(extensions=[extension]))
    except (LocalProtocolError, RemoteProtocolError) as error:
        raise BadRequest(f"This is no WebSocket: {error}") from error
    connection = _take_socket(environ)
    connection.sendall(agreed)
    whole_window = extension.server_max_window_bits == extension.DEFAULT_SERVER_MAX_WINDOW_BITS
    return Line(connection, ws, deflates=extension.enabled() and whole_window)


def _as_it_came(environ: dict[str, Any]) -> bytes:
    """Return the request's head, which wsproto wants to read itself."""
    headers = {
        name[5:].replace("_", "-"): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    lines = ["GET / HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _take_socket(environ: dict[str, Any]) -> socket.socket:
    if (gunicorns := environ.get("gunicorn.socket")) is not None:
        return socket.socket(fileno=gunicorns.detach())  # nothing that gunicorn does reaches it now
    if (werkzeugs := environ.get("werkzeug.socket")) is not None:
        copied: socket.socket = werkzeugs.dup()
        return copied
    raise BadRequest("This server cannot give a WebSocket away.")
