"""Clients of the kinds that a server must not suffer from: they neither go on nor close."""

import json
import socket
import struct
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, closing
from typing import Protocol

CHANNELS = ["positions", "account", "signals", "logs", "stats", "status"]
Held = AbstractContextManager[socket.socket]


class Desk(Protocol):
    """Where they go, and keys that open it."""

    @property
    def port(self) -> int: ...

    @property
    def keys(self) -> list[str]: ...


def silent(desk: Desk) -> Held:
    """Connect, and say nothing."""
    return closing(_connected(desk))


def half_a_word(desk: Desk) -> Held:
    """Begin a request, and do not end it."""
    return _saying(desk, b"GET /healthz HTTP/1.1\r\nHo")


def lingering(desk: Desk) -> Held:
    """Ask for the connection to be closed, and keep it."""
    return _saying(desk, b"GET /healthz HTTP/1.1\r\nHost: desk\r\nConnection: close\r\n\r\n")


def refused_reader(desk: Desk) -> Held:
    """Knock at the feed without a key, and keep the connection."""
    return _saying(desk, _upgrade(""))


def unread(desk: Desk) -> Held:
    """Ask for a large file again and again, and read nothing."""
    asked = b"GET /_dash-component-suites/plotly/package_data/plotly.min.js HTTP/1.1\r\n"
    return _saying(desk, (asked + b"Host: desk\r\n\r\n") * 4)


def deaf_reader(desk: Desk) -> Held:
    """Subscribe to the feed, and read nothing."""
    held = _connected(desk)
    held.sendall(_upgrade(f"X-API-Key: {desk.keys[0]}\r\n"))
    held.recv(12)  # "HTTP/1.1 101", or 503 when every slot is taken
    said = json.dumps({"action": "subscribe", "channels": CHANNELS}).encode()
    held.sendall(struct.pack(">BB4x", 0x81, 0x80 | len(said)) + said)  # masked with zeros
    return closing(held)


RUDENESS: Mapping[str, Callable[[Desk], Held]] = {
    "say nothing": silent,
    "say half a word": half_a_word,
    "linger after the end": lingering,
    "linger when refused": refused_reader,
    "do not read what they ask for": unread,
    "do not read the feed": deaf_reader,
}


def _connected(desk: Desk) -> socket.socket:
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    held.connect(("127.0.0.1", desk.port))
    return held


def _saying(desk: Desk, words: bytes) -> Held:
    held = _connected(desk)
    held.sendall(words)
    return closing(held)


def _upgrade(more: str) -> bytes:
    return (
        "GET /ws/v1/feed HTTP/1.1\r\nHost: desk\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n{more}\r\n"
    ).encode()
