"""Alpaca's trade_updates stream: only a reason to look sooner. Correctness rests on the polls."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import structlog
from alpaca.trading.stream import TradingStream

from engine.adapters.alpaca.http import Keys
from engine.clock import stopwatch

log = structlog.get_logger(__name__)

SOCKET = {"ping_interval": 10, "ping_timeout": 20, "max_queue": 1024}
MUTE_SECONDS = 10.0  # a change that only the poll saw, so long ago: the stream is mute


class UpdatesStream:
    """One supervised thread that listens to trade_updates and calls `heard` for each.

    A stream can be connected and mute, and after a gap nothing is replayed. So it is compared with
    the polls: a change that they saw and it did not tell within seconds restarts it.
    """

    def __init__(
        self, keys: Keys, heard: Callable[[], None], *, paper: bool, url: str | None
    ) -> None:
        self._keys = keys
        self._heard = heard
        self._paper = paper
        self._url = url
        self._stream: TradingStream | None = None
        self._lock = threading.Lock()
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
        return since is not None and stopwatch() - since >= MUTE_SECONDS

    def start(self) -> None:
        """Listen in a thread of its own."""
        with self._lock:
            self._stream = TradingStream(
                self._keys.key,
                self._keys.secret,
                paper=self._paper,
                raw_data=True,
                url_override=self._url,  # type: ignore[arg-type]  # None is its default
                websocket_params=dict(SOCKET),
            )
            self._stream.subscribe_trade_updates(self._hear)
            threading.Thread(
                target=self._run, args=(self._stream,), name="trade-updates", daemon=True
            ).start()

    def stop(self) -> None:
        """Hang up."""
        with self._lock:
            stream, self._stream = self._stream, None
        if stream is not None:
            _hang_up(stream)

    def poll_saw_a_change(self) -> None:
        """Remember that the polls saw something; the stream has to tell it soon."""
        if self._untold_since is None:
            self._untold_since = stopwatch()

    def supervise(self) -> None:
        """Restart the stream if it is mute."""
        if not self.is_mute:
            return
        log.warning("the trade updates stream is mute and is restarted")
        self.restarts += 1
        self._untold_since = None
        self.stop()
        self.start()

    async def _hear(self, _update: Any) -> None:
        self._last_heard = stopwatch()
        self._untold_since = None
        self._heard()

    def _run(self, stream: TradingStream) -> None:
        try:
            stream.run()
        except Exception:
            log.exception("the trade updates stream ended")


def _hang_up(stream: TradingStream) -> None:
    try:
        stream.stop()
    except (AttributeError, RuntimeError) as error:  # it had not begun to run, or has ended
        log.debug("the stream was not running", error=str(error))
