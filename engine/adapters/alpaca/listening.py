"""One connection of alpaca-py's after the other, in a thread, as long as it is wanted."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from typing import ClassVar

import structlog
from alpaca.data.live import StockDataStream
from alpaca.trading.stream import TradingStream

from engine.clock import stopwatch

log = structlog.get_logger(__name__)

AlpacaStream = TradingStream | StockDataStream

SOCKET = {"ping_interval": 10, "ping_timeout": 20, "max_queue": 1024}
STOP_TRIES, STOP_PAUSE = 20, 0.1
AGAIN_AFTER = 0.5  # seconds: keys that Alpaca refuses end a connection as soon as it has begun


class Listener(ABC):
    """Keeps listening, and begins anew when the stream is mute: connected and told nothing."""

    name: ClassVar[str]

    def __init__(self) -> None:
        self._stopped = threading.Event()
        self._stopped.set()
        self._thread: threading.Thread | None = None
        self._stream: AlpacaStream | None = None
        self._last_heard = stopwatch()
        self.restarts = 0

    @property
    def silent_seconds(self) -> float:
        """Return how long ago it told anything."""
        return stopwatch() - self._last_heard

    @property
    @abstractmethod
    def is_mute(self) -> bool:
        """Say whether the polls have seen something that it does not tell."""

    def start(self) -> None:
        """Listen in a thread of its own."""
        self._stopped.clear()
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._listen, name=self.name, daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Hang up."""
        self._stopped.set()
        self._hang_up()

    def supervise(self) -> None:
        """Begin anew if it is mute."""
        if not self.is_mute:
            return
        log.warning("a stream is mute and is restarted", stream=self.name)
        self.restarts += 1
        self._forget()
        self._hang_up()

    @abstractmethod
    def _new_stream(self) -> AlpacaStream:
        """Return a connection that is still to be begun."""

    @abstractmethod
    def _forget(self) -> None:
        """Forget what the polls saw: the next connection begins without a fault."""

    def _hang_up(self) -> None:
        if (stream := self._stream) is not None:
            ending = threading.Thread(target=_end, args=(stream,), name="stream-end", daemon=True)
            ending.start()  # it may take five seconds

    def _listen(self) -> None:
        while not self._stopped.is_set():
            self._stream = self._new_stream()
            try:
                self._stream.run()
            except Exception:
                log.exception("a stream ended", stream=self.name)
            self._stopped.wait(AGAIN_AFTER)


def _end(stream: AlpacaStream) -> None:
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
