"""Alpaca's trade_updates stream: only a reason to look sooner. Correctness rests on the polls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from alpaca.trading.stream import TradingStream

from engine.adapters.alpaca.http import Keys
from engine.adapters.alpaca.listening import SOCKET, Listener
from engine.clock import stopwatch
from engine.desk import Stream

MUTE_SECONDS = 5.0  # a change that only the polls saw, so long ago: the stream is mute


class UpdatesStream(Listener):
    """One thread that listens to trade_updates and calls `heard` for each.

    A stream can be connected and mute, and after a gap nothing is replayed. So it is compared with
    the polls: a change that they saw and it did not tell within seconds restarts it. Alpaca lets
    one connection listen, so the next one begins when the last has ended.
    """

    name = "trade-updates"

    def __init__(
        self,
        keys: Keys,
        heard: Callable[[], None],
        *,
        paper: bool,
        url: str | None,
        mute_seconds: float = MUTE_SECONDS,
    ) -> None:
        super().__init__()
        self._keys = keys
        self._heard = heard
        self._paper = paper
        self._url = url
        self._mute_seconds = mute_seconds
        self._untold_since: float | None = None

    @property
    def is_mute(self) -> bool:
        """Say whether the polls have seen something that the stream does not tell."""
        since = self._untold_since
        return since is not None and stopwatch() - since >= self._mute_seconds

    def poll_saw_a_change(self) -> None:
        """Remember that the polls saw something; the stream has to tell it soon, or has just."""
        if self._untold_since is None and self.silent_seconds >= self._mute_seconds:
            self._untold_since = stopwatch()

    def _forget(self) -> None:
        self._untold_since = None

    async def _hear(self, _update: Any) -> None:
        self._last_heard = stopwatch()
        self._untold_since = None
        self._heard()

    def _new_stream(self) -> TradingStream:
        stream = TradingStream(
            self._keys.key,
            self._keys.secret,
            paper=self._paper,
            raw_data=True,
            url_override=self._url,  # type: ignore[arg-type]  # None is its default
            websocket_params=dict(SOCKET),
        )
        stream.subscribe_trade_updates(self._hear)
        return stream


class BothStreams:
    """The stream of orders and that of prices, started and stopped together."""

    def __init__(self, *streams: Stream) -> None:
        self._streams = streams

    @property
    def silent_seconds(self) -> float:
        """Return how long ago either told anything."""
        return min(stream.silent_seconds for stream in self._streams)

    @property
    def is_mute(self) -> bool:
        """Say whether one of them fails to tell what the polls have seen."""
        return any(stream.is_mute for stream in self._streams)

    def start(self) -> None:
        """Listen."""
        for stream in self._streams:
            stream.start()

    def stop(self) -> None:
        """Hang up."""
        for stream in self._streams:
            stream.stop()

    def poll_saw_a_change(self) -> None:
        """Hear that the polls saw something of an order."""
        for stream in self._streams:
            stream.poll_saw_a_change()

    def supervise(self) -> None:
        """Begin those anew that are mute."""
        for stream in self._streams:
            stream.supervise()
