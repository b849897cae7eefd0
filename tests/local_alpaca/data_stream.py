"""The stream of market data: JSON or msgpack, whatever the client's Content-Type says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import msgpack
import orjson

from tests.local_alpaca.application import Keys
from tests.local_alpaca.bar_series import rows
from tests.local_alpaca.exchange import Exchange
from tests.local_alpaca.moments import MINUTE, parse, stamp
from tests.local_alpaca.stream_connection import StreamConnection
from tests.local_alpaca.wire import to_json

CHANNELS = ("trades", "quotes", "bars", "updatedBars", "dailyBars", "statuses", "lulds")
BASIC_SYMBOLS = 30
SIP_PATH = "/v2/sip"
Batch = list[dict[str, Any]]


class DataStream:
    """Tells subscribers of every bar when it has closed, of its last trade, and of halts."""

    def __init__(self, exchange: Exchange, readers: Sequence[Keys]) -> None:
        self._exchange = exchange
        self._readers = readers
        self._subscribed: dict[StreamConnection, dict[str, set[str]]] = {}
        self.is_mute = False

    @property
    def subscribers(self) -> int:
        """Return how many connections have subscribed to anything."""
        return sum(any(channels.values()) for channels in self._subscribed.values())

    @property
    def watched(self) -> set[str]:
        """Return the symbols that somebody has subscribed to."""
        each = (channels.values() for channels in self._subscribed.values())
        return set().union(*(symbols for channels in each for symbols in channels))

    # --- the protocol
    def connected(self, connection: StreamConnection) -> None:
        """Greet."""
        _send(connection, [{"T": "success", "msg": "connected"}])

    def received(self, connection: StreamConnection, message: bytes | str) -> None:
        """Answer what a client asks for."""
        asked = _read(connection, message)
        if asked is None:
            _refuse(connection, 400, "invalid syntax")
        elif asked.get("action") == "auth":
            self._authenticate(connection, asked)
        elif connection not in self._subscribed:
            _refuse(connection, 401, "not authenticated")
        elif asked.get("action") in {"subscribe", "unsubscribe"}:
            self._change(connection, asked)
        else:
            _refuse(connection, 400, "invalid syntax")

    def disconnected(self, connection: StreamConnection) -> None:
        """Forget a connection."""
        self._subscribed.pop(connection, None)
        self._listen_if_needed()

    def drop(self) -> None:
        """Cut every connection without a word."""
        for connection in list(self._subscribed):
            connection.drop()

    def _authenticate(self, connection: StreamConnection, asked: Mapping[str, Any]) -> None:
        if Keys(str(asked.get("key")), str(asked.get("secret"))) not in self._readers:
            _refuse(connection, 402, "auth failed")
        elif connection in self._subscribed:
            _refuse(connection, 403, "already authenticated")
        elif self._exchange.rules.plan == "basic" and connection.path == SIP_PATH:
            _refuse(connection, 409, "insufficient subscription")
        elif self._subscribed:
            _refuse(connection, 406, "connection limit exceeded")
        else:
            self._subscribed[connection] = defaultdict(set)
            _send(connection, [{"T": "success", "msg": "authenticated"}])

    def _change(self, connection: StreamConnection, asked: Mapping[str, Any]) -> None:
        channels = self._subscribed[connection]
        adds = asked["action"] == "subscribe"
        wanted = {name: set(asked.get(name) or ()) for name in CHANNELS}
        if adds and self._is_too_much(channels, wanted):
            _refuse(connection, 405, "symbol limit exceeded")
            return
        for name, symbols in wanted.items():
            channels[name] = channels[name] | symbols if adds else channels[name] - symbols
        self._listen_if_needed()
        listed = {name: sorted(channels[name]) for name in CHANNELS}
        _send(connection, [{"T": "subscription", **listed}])

    def _is_too_much(
        self, channels: Mapping[str, set[str]], wanted: Mapping[str, set[str]]
    ) -> bool:
        symbols = set().union(*channels.values(), *wanted.values())
        return self._exchange.rules.plan == "basic" and len(symbols - {"*"}) > BASIC_SYMBOLS

    # --- what is told
    def tell_status(self, symbol: str, *, is_halted: bool) -> None:
        """Tell of a halt or its end."""
        code, words = ("H", "Trading Halt") if is_halted else ("T", "Trading Resumption")
        self._tell(
            "statuses",
            {
                "T": "s",
                "S": symbol,
                "sc": code,
                "sm": words,
                "rc": "",
                "rm": "",
                "t": stamp(self._exchange.time.now),
                "z": "C",
            },
        )

    def _listen_if_needed(self) -> None:
        """Have the exchange play every minute only while somebody hears of it."""
        listeners = self._exchange.minute_listeners
        if self.subscribers and self._tell_minute not in listeners:
            listeners.append(self._tell_minute)
        elif not self.subscribers and self._tell_minute in listeners:
            listeners.remove(self._tell_minute)

    def _tell_minute(self, end: int) -> None:
        for symbol in self._wanted_symbols():
            if self._exchange.market.bar_closing_at(symbol, end) is None:
                continue
            closed = self._exchange.market.closed(symbol, end)
            bar = next(rows(closed.slice(len(closed) - 1, len(closed))))
            self._tell("bars", {"T": "b", "S": symbol, **bar})
            self._tell("trades", _trade(symbol, bar, end))

    def _wanted_symbols(self) -> list[str]:
        subscribed = self._subscribed.values()
        wanted = set().union(*(each["bars"] | each["trades"] for each in subscribed))
        return self._exchange.market.symbols if "*" in wanted else sorted(wanted)

    def _tell(self, channel: str, message: dict[str, Any]) -> None:
        if self.is_mute:
            return
        for connection, channels in list(self._subscribed.items()):
            if channels[channel] & {message["S"], "*"}:
                _send(connection, [message])


def _trade(symbol: str, bar: Mapping[str, Any], end: int) -> dict[str, Any]:
    return {
        "T": "t",
        "S": symbol,
        "i": end // MINUTE,
        "x": "V",
        "p": bar["c"],
        "s": 100,
        "c": ["@"],
        "z": "C",
        "t": stamp(end),
    }


def _speaks_msgpack(connection: StreamConnection) -> bool:
    return connection.content_type == "application/msgpack"


def _read(connection: StreamConnection, message: bytes | str) -> dict[str, Any] | None:
    try:
        speaks = _speaks_msgpack(connection)
        asked = msgpack.unpackb(message) if speaks else orjson.loads(message)
    except ValueError:
        return None
    return asked if isinstance(asked, dict) else None


def _send(connection: StreamConnection, batch: Batch) -> None:
    if not _speaks_msgpack(connection):
        connection.send(to_json(batch).decode())
        return
    timed = [{**one, "t": _timestamp(one["t"])} if "t" in one else one for one in batch]
    connection.send(msgpack.packb(timed))


def _timestamp(text: str) -> msgpack.Timestamp:
    return msgpack.Timestamp.from_unix_nano(parse(text))


def _refuse(connection: StreamConnection, code: int, words: str) -> None:
    _send(connection, [{"T": "error", "code": code, "msg": words}])
