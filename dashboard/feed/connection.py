"""One WebSocket: what is said on it, from the first subscription to its end."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError
from simple_websocket.errors import ConnectionClosed
from simple_websocket.ws import Server

from dashboard.feed.door import Door
from dashboard.feed.feed import Feed
from dashboard.feed.messages import SAID, Message, Subscribe, error_message
from dashboard.feed.reader import CloseCode, Ending, Reader

SUBSCRIBE_WITHIN = 10.0
LOOK_EVERY = 1.0  # for what the client says, and for the end of the worker
SEND_WITHIN = 3  # seconds a stuck client may hold our thread


class WholeSocket:
    """A socket whose `send` sends all: simple-websocket ignores how much of a frame went out.

    Its pings come from another thread, so that frames need a lock against each other.
    """

    def __init__(self, inner: socket.socket) -> None:
        self._inner = inner
        self._lock = threading.Lock()

    def send(self, data: bytes) -> None:
        """Send everything.

        Raises:
            OSError: the client took nothing for `SEND_WITHIN` seconds, or is gone.
        """
        with self._lock:
            self._inner.sendall(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


def serve(feed: Feed, ws: Server, reader: Reader) -> None:
    """Answer a client until it, its login or this process goes."""
    ws.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", SEND_WITHIN, 0))
    ws.sock = WholeSocket(ws.sock)
    try:
        ending = _talk(feed, ws, reader)
        ws.close(ending.code, ending.reason)
    except (ConnectionClosed, OSError):
        return  # the client went first
    finally:
        feed.leave(reader)
        with contextlib.suppress(OSError):
            ws.sock.shutdown(socket.SHUT_RDWR)  # frees simple-websocket's own thread


def _talk(feed: Feed, ws: Server, reader: Reader) -> Ending:
    if not _hear(feed, ws, reader, ws.receive(timeout=SUBSCRIBE_WITHIN)):
        return Ending(CloseCode.POLICY, "subscribe first")
    door = Door(reader)
    while ws.connected and reader.ending is None:
        for message in _waiting(reader):
            ws.send(message.frame(reader.wire))
        said = ws.receive(timeout=0)
        if said is not None:
            _hear(feed, ws, reader, said)
        if (reminder := door.look()) is not None:
            ws.send(reminder.frame(reader.wire))
        if feed.is_stopping:
            reader.end(CloseCode.RESTART, "the desk restarts")
    return reader.ending or Ending(CloseCode.RESTART, "closed")


def _waiting(reader: Reader) -> Iterator[Message]:
    """Wait for a message; return it."""
    message = reader.next(LOOK_EVERY)
    if message is not None:
        yield message


def _hear(feed: Feed, ws: Server, reader: Reader, said: str | bytes | None) -> bool:
    """Do what the client says; tell it what is wrong otherwise."""
    if said is None:
        return False
    try:
        wanted = SAID.validate_json(said)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        sentence = f"{where}: {first['msg']}" if where else first["msg"]
        ws.send(error_message(0, "bad_request", sentence).frame(reader.wire))
        return False
    if isinstance(wanted, Subscribe):
        feed.join(reader, wanted)
    elif not reader.visitor.renew(wanted.token):
        reader.end(CloseCode.LOGGED_OUT, "that token is not good")
    return True
