"""Alpaca's market data stream: last trades, sooner than a poll. The polls stay the truth."""

from __future__ import annotations

import queue
from collections.abc import Iterable, Mapping
from typing import Any

from alpaca.data.enums import DataFeed
from alpaca.data.live import StockDataStream
from alpaca.data.models import Trade

from engine.adapters.alpaca.http import Keys
from engine.adapters.alpaca.listening import SOCKET, Listener
from engine.adapters.alpaca.wire import mark_of
from engine.clock import stopwatch
from models.broker import Mark

MUTE_SECONDS = 10.0  # a trade that only the polls saw, so long ago: the stream is mute
MOST_SYMBOLS = {"iex": 30, "sip": 1000}  # by the plan; the rest is polled
MOST_WAITING = 10_000  # trades that nobody has fetched yet


class PricesStream(Listener):
    """One thread that listens to the trades of the symbols that are watched.

    The handler only queues; whoever asks for `latest` takes what has come. A stream that does not
    tell a trade which the polls have seen is mute, and is begun anew.
    """

    name = "prices"

    def __init__(
        self, keys: Keys, *, feed: str, url: str | None, mute_seconds: float = MUTE_SECONDS
    ) -> None:
        super().__init__()
        self._keys = keys
        self._feed = feed
        self._url = url
        self._mute_seconds = mute_seconds
        self._heard: queue.Queue[Mapping[str, Any]] = queue.Queue(MOST_WAITING)
        self._latest: dict[str, Mark] = {}
        self._watched: set[str] = set()
        self._untold_since: dict[str, float] = {}
        self._is_wanted = False

    @property
    def is_mute(self) -> bool:
        """Say whether the polls have seen a trade that it does not tell."""
        oldest = min(self._untold_since.values(), default=None)
        return oldest is not None and stopwatch() - oldest >= self._mute_seconds

    def watch(self, symbols: Iterable[str]) -> None:
        """Listen to these symbols as well, as many as the plan lets."""
        new = sorted(set(symbols) - self._watched)[: MOST_SYMBOLS[self._feed] - len(self._watched)]
        if new:
            self._watched |= set(new)
            self._begin_anew()

    def latest(self) -> Mapping[str, Mark]:
        """Return the last trades that were heard."""
        while not self._heard.empty():
            mark = mark_of(self._heard.get_nowait())
            if mark is not None and _is_newer(mark, self._latest.get(mark.symbol)):
                self._latest[mark.symbol] = mark
                self._untold_since.pop(mark.symbol, None)
        return self._latest

    def poll_saw(self, mark: Mark) -> None:
        """Compare a polled trade with what was heard: one that is missing has to be told soon."""
        told = self._latest.get(mark.symbol)
        if mark.symbol in self._watched and _is_newer(mark, told):
            self._untold_since.setdefault(mark.symbol, stopwatch())

    def start(self) -> None:
        """Listen in a thread of its own, once there is anything to listen to."""
        self._is_wanted = True
        if self._watched:
            super().start()

    def stop(self) -> None:
        """Hang up."""
        self._is_wanted = False
        super().stop()

    def poll_saw_a_change(self) -> None:
        """Hear of a change of an order: that is not this stream's affair."""

    def supervise(self) -> None:
        """Take what was heard, and begin anew if it is mute."""
        self.latest()
        super().supervise()

    def _forget(self) -> None:
        self._untold_since.clear()

    def _begin_anew(self) -> None:
        """Connect again with the symbols as they are now: subscribing would wait for an answer."""
        if self._is_wanted:
            self._hang_up()
            self.start()

    async def _hear(self, trade: Trade | dict[str, Any]) -> None:
        self._last_heard = stopwatch()
        if isinstance(trade, dict) and not self._heard.full():  # raw_data: always a dict
            self._heard.put_nowait(trade)

    def _new_stream(self) -> StockDataStream:
        stream = StockDataStream(
            self._keys.key,
            self._keys.secret,
            raw_data=True,
            feed=DataFeed(self._feed),
            url_override=self._url,
            websocket_params=dict(SOCKET),
        )
        stream.subscribe_trades(self._hear, *sorted(self._watched))
        return stream


def _is_newer(mark: Mark, than: Mark | None) -> bool:
    return than is None or mark.at > than.at
