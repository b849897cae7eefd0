"""The local Alpaca as tests use it: start it, point a client at it, move its time, trouble it."""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Event, Thread
from types import TracebackType
from typing import Self

from engine.clock import Clock, DrivenClock
from tests.local_alpaca.application import Application, Keys
from tests.local_alpaca.data_api import DataApi
from tests.local_alpaca.data_stream import DataStream
from tests.local_alpaca.exchange import Exchange
from tests.local_alpaca.faults import Faults
from tests.local_alpaca.http_front import HttpFront
from tests.local_alpaca.ledger import Ledger
from tests.local_alpaca.moments import nanoseconds, span
from tests.local_alpaca.orders import Order
from tests.local_alpaca.played_market import PlayedMarket
from tests.local_alpaca.rules import Rules
from tests.local_alpaca.somebody_else import SomebodyElse
from tests.local_alpaca.stream_front import StreamFront
from tests.local_alpaca.trade_stream import TradeStream
from tests.local_alpaca.trading_api import TradingApi

HEARTBEAT = 0.02  # real seconds between two looks at a clock that runs by itself


class LocalAlpaca:
    """A broker on 127.0.0.1, from `with` to the end of the block.

    A DrivenClock stands still until advance_to(); any other clock runs, and the exchange
    follows it. Every test talks HTTP and WebSocket to it and reads the ledger for the truth.
    """

    def __init__(
        self,
        market: PlayedMarket,
        clock: Clock,
        rules: Rules | None = None,
        *,
        seed: int = 0,
        keys: Keys | None = None,
    ) -> None:
        rules = rules or Rules()
        self.clock = clock
        self.clock_skew = timedelta(0)
        self.faults = Faults(seed, rules.partial_fill_chance)
        self.exchange = Exchange(market, clock.now(), rules, self.faults, seed)
        self.ledger = Ledger(self.exchange)
        self._application = Application(
            self.exchange, self.ledger, self.faults, self._now, keys or Keys()
        )
        self.somebody_else = SomebodyElse(self._application.turn)
        self.trade_stream = TradeStream(self.exchange, self.faults, self._application.keys)
        self.data_stream = DataStream(self.exchange, self._application.readers)
        TradingApi(self.exchange, self.ledger, self._skewed).register(self._application.routes)
        DataApi(self.exchange, rules).register(self._application.routes)
        self._http = HttpFront(self._application)
        self._streams = StreamFront(
            trades=self.trade_stream,
            data=self.data_stream,
            faults=self.faults,
            lock=self._application.lock,
        )
        self._stopped = Event()
        self._follower = Thread(target=self._follow, name="alpaca-clock")

    def __enter__(self) -> Self:
        self._http.start()
        self._streams.start()
        if not isinstance(self.clock, DrivenClock):
            self._follower.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _reason: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._stopped.set()
        if self._follower.is_alive():
            self._follower.join()
        self._streams.close()
        self._http.close()

    # --- where it is, and what opens it
    @property
    def url(self) -> str:
        """Return the address of the trading API and of the market data API, without a path."""
        return self._http.url

    @property
    def stream_url(self) -> str:
        """Return the address of the trade updates."""
        return f"{self._streams.url}/stream"

    def data_stream_url(self, feed: str = "iex") -> str:
        """Return the address of the market data stream of a feed."""
        return f"{self._streams.url}/v2/{feed}"

    @property
    def key(self) -> str:
        """Return the API key."""
        return self._application.keys.key

    @property
    def secret(self) -> str:
        """Return the secret that belongs to the key."""
        return self._application.keys.secret

    def let_read(self, other: LocalAlpaca) -> None:
        """Open the market data to the keys of another account."""
        self._application.readers.append(other._application.keys)  # one of us

    def environment(self, feed: str = "sip") -> dict[str, str]:
        """Return the settings that point a desk here."""
        return {
            "BELLWETHER_BROKER": "alpaca",
            "ALPACA_API_KEY": self.key,
            "ALPACA_SECRET_KEY": self.secret,
            "ALPACA_TRADING_URL": self.url,
            "ALPACA_DATA_URL": self.url,
            "ALPACA_STREAM_URL": self.stream_url,
            "ALPACA_DATA_STREAM_URL": self.data_stream_url(feed),
            "ALPACA_FEED": feed,
        }

    @property
    def mistakes(self) -> list[Exception]:
        """Return its own mistakes so far; what is left of them is raised at the end."""
        return self._http.mistakes

    # --- what moves it
    def advance_to(self, moment: datetime) -> None:
        """Move a driven clock, and let everything happen that is due until then."""
        if isinstance(self.clock, DrivenClock):
            self.clock.advance_to(moment)
        self._application.catch_up()

    def halt(self, symbol: str) -> None:
        """Stop the trading of a symbol."""
        with self._application.turn() as exchange:
            exchange.market.halted.add(symbol)
            self.data_stream.tell_status(symbol, is_halted=True)

    def resume(self, symbol: str) -> None:
        """Let a symbol trade again."""
        with self._application.turn() as exchange:
            exchange.market.halted.discard(symbol)
            self.data_stream.tell_status(symbol, is_halted=False)

    def release(self, order: Order) -> None:
        """Confirm a cancel that was stuck."""
        with self._application.turn() as exchange:
            exchange.life.finish_cancel(order)

    def _now(self) -> int:
        return nanoseconds(self.clock.now())

    def _skewed(self) -> int:
        return self._now() + span(self.clock_skew)

    def _follow(self) -> None:
        while not self._stopped.wait(HEARTBEAT):
            self.advance_to(self.clock.now())
