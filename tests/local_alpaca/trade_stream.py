"""The stream of trade updates: binary frames of JSON, one connection per account, no replay."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from tests.local_alpaca.application import Keys
from tests.local_alpaca.exchange import Exchange
from tests.local_alpaca.faults import (
    DelayEvent,
    DropEvent,
    EditEvent,
    Faults,
    HoldBack,
    RepeatEvent,
    Subject,
)
from tests.local_alpaca.moments import span
from tests.local_alpaca.stream_connection import StreamConnection
from tests.local_alpaca.updates import Update
from tests.local_alpaca.views import update_json
from tests.local_alpaca.wire import to_json

CHANNEL = "trade_updates"


class TradeStream:
    """Tells every listening connection what happens to orders."""

    def __init__(self, exchange: Exchange, faults: Faults, keys: Keys) -> None:
        self._exchange = exchange
        self._faults = faults
        self._keys = keys
        self._authorized: set[StreamConnection] = set()
        self._listening: set[StreamConnection] = set()
        self._held_back: list[bytes] = []
        self.is_mute = False
        exchange.life.listeners.append(self._publish)

    @property
    def listeners(self) -> int:
        """Return how many connections listen."""
        return len(self._listening)

    # --- the protocol
    def connected(self, connection: StreamConnection) -> None:
        """Say nothing: the client speaks first."""

    def received(self, connection: StreamConnection, message: bytes | str) -> None:
        """Answer what a client asks for."""
        asked = orjson.loads(message)
        action, data = asked.get("action"), asked.get("data") or {}
        if action in {"authenticate", "auth"}:
            self._authenticate(connection, data or asked)
        elif action == "listen" and connection in self._authorized:
            self._listen(connection, data)

    def disconnected(self, connection: StreamConnection) -> None:
        """Forget a connection."""
        self._authorized.discard(connection)
        self._listening.discard(connection)

    def drop(self) -> None:
        """Cut every connection without a word."""
        for connection in list(self._authorized):
            connection.drop()

    def _authenticate(self, connection: StreamConnection, data: Mapping[str, Any]) -> None:
        given = (
            data.get("key_id") or data.get("key"),
            data.get("secret_key") or data.get("secret"),
        )
        is_known = given == (self._keys.key, self._keys.secret)
        if is_known:
            self._authorized.add(connection)
        status = "authorized" if is_known else "unauthorized"
        answer = {"status": status, "action": "authenticate"}
        connection.send(to_json({"stream": "authorization", "data": answer}))

    def _listen(self, connection: StreamConnection, data: Mapping[str, Any]) -> None:
        streams = [name for name in data.get("streams", []) if name == CHANNEL]
        if streams:
            self._listening.add(connection)
        else:
            self._listening.discard(connection)
        connection.send(to_json({"stream": "listening", "data": {"streams": streams}}))

    # --- what is told
    def _publish(self, update: Update) -> None:
        order = update.order
        subject = Subject(
            symbol=order.symbol, client_order_id=order.client_order_id, event=update.event
        )
        if self._faults.striking(subject, DropEvent):
            return
        data = update_json(update, self._exchange.assets)
        for edit in self._faults.striking(subject, EditEvent):
            data = edit.change(data)
        self._deliver(subject, to_json({"stream": CHANNEL, "data": data}))

    def _deliver(self, subject: Subject, message: bytes) -> None:
        if self._faults.striking(subject, HoldBack):
            self._held_back.append(message)
            return
        delayed = self._faults.striking(subject, DelayEvent)
        if delayed:
            due = self._exchange.time.now + span(delayed[0].by)
            self._exchange.agenda.add(due, lambda: self._send(message))
            return
        self._send(message)
        if self._faults.striking(subject, RepeatEvent):
            self._send(message)
        held, self._held_back = self._held_back, []
        for late in held:
            self._send(late)

    def _send(self, message: bytes) -> None:
        if self.is_mute:
            return
        for connection in list(self._listening):
            connection.send(message)
