"""Alpaca's trade_updates stream: only a reason to look sooner. Correctness rests on the polls."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import structlog
from alpaca.data.live import StockDataStream
from alpaca.trading.stream import TradingStream

from engine.adapters.alpaca.http import Keys
from engine.clock import stopwatch
from engine.desk import Stream

log = structlog.get_logger(__name__)

SOCKET = {"ping_interval": 10, "ping_timeout": 20, "max_queue": 1024}
STOP_TRIES, STOP_PAUSE = 20, 0.1
MUTE_SECONDS = 5.0  # a change that only the polls saw, so long ago: the stream is mute


class UpdatesStream:
    """One thread that listens to trade_updates and calls `heard` for each.

    A stream can be connected and mute, and after a gap nothing is replayed. So it is compared with
    the polls: a change that they saw and it did not tell within seconds restarts it. Alpaca lets
    one connection listen, so the next one begins when the last has ended.
    """

    def __init__(
        self,
        keys: Keys,
        heard: Callable[[], None],
        *,
        paper: bool,
        url: str | None,
        mute_seconds: float = MUTE_SECONDS,
    ) -> None:
        self._keys = keys
        self._heard = heard
        self._paper = paper
        self._url = url
        self._mute_seconds = mute_seconds
        self._stream: TradingStream | None = None
        self._wanted = threading.Event()
        self._thread: threading.Thread | None = None
        self._last_heard = stopwatch()
        self._untold_since: float | None = None
        self.restarts = 0

    @property
    def silent_seconds(self) -> float:
        """Return how long ago the stream told anything."""
        return stopwatch() - self._last_heard

    @property
    def is_mute(self) -> bool:
        """Say whether the polls have seen something that the stream does not tell."""
        since = self._untold_since
        return since is not None and stopwatch() - since >= self._mute_seconds

    def start(self) -> None:
        """Listen in a thread of its own."""
        self._wanted.set()
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._listen, name="trade-updates", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Hang up."""
        self._wanted.clear()
        self._hang_up()

    def poll_saw_a_change(self) -> None:
        """Remember that the polls saw something; the stream has to tell it soon, or has just."""
        if self._untold_since is None and self.silent_seconds >= self._mute_seconds:
            self._untold_since = stopwatch()

    def supervise(self) -> None:
        """Restart the stream if it is mute."""
        if not self.is_mute:
            return
        log.warning("the trade updates stream is mute and is restarted")
        self.restarts += 1
        self._untold_since = None
        self._hang_up()

    def _hang_up(self) -> None:
        if (stream := self._stream) is not None:
            end_stream(stream)

    async def _hear(self, _update: Any) -> None:
        self._last_heard = stopwatch()
        self._untold_since = None
        self._heard()

    def _listen(self) -> None:
        """Keep one connection after the other as long as listening is wanted."""
        while self._wanted.is_set():
            self._stream = self._new_stream()
            try:
                self._stream.run()
            except Exception:
                log.exception("the trade updates stream ended")

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


def end_stream(stream: TradingStream | StockDataStream) -> None:
    """End a connection in a thread of its own: it may take five seconds."""
    threading.Thread(target=_stop, args=(stream,), name="stream-end", daemon=True).start()


def _stop(stream: TradingStream | StockDataStream) -> None:
    """End a stream; one that has not begun to run yet cannot be ended, so it is tried again."""
    for _ in range(STOP_TRIES):
        try:
            stream.stop()
        except AttributeError:
            threading.Event().wait(STOP_PAUSE)
        except (RuntimeError, TimeoutError) as error:
            log.debug("the stream had ended", error=str(error))
            return
        else:
            return
