"""A running local Alpaca at 9:35 and clients that speak with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import requests

from engine.clock import Clock, DrivenClock
from models.market import BarColumns
from tests.local_alpaca import LocalAlpaca, PlayedMarket, Rules
from tests.local_alpaca.played_days import day_with, minute

Start = Callable[..., LocalAlpaca]


class Client:
    """Plain HTTP with the right keys; answers are (status, body)."""

    def __init__(self, broker: LocalAlpaca) -> None:
        self._url = broker.url
        self.session = requests.Session()
        self.session.headers["APCA-API-KEY-ID"] = broker.key
        self.session.headers["APCA-API-SECRET-KEY"] = broker.secret

    def ask(self, method: str, path: str, **options: Any) -> requests.Response:
        """Send a request."""
        return self.session.request(method, self._url + path, timeout=10, **options)

    def get(self, path: str, **query: Any) -> Any:
        """Return the body of a successful GET."""
        answer = self.ask("GET", path, params=query)
        answer.raise_for_status()
        return answer.json()

    def place(self, **body: Any) -> tuple[int, dict[str, Any]]:
        """Place an order: ten shares of AAA, DAY, unless the words say otherwise."""
        answer = self.ask("POST", "/v2/orders", json=an_order(**body))
        return answer.status_code, answer.json()

    def placed(self, **body: Any) -> dict[str, Any]:
        """Place an order that must be taken."""
        status, answer = self.place(**body)
        assert status == 200, answer
        return answer

    def order(self, order_id: str) -> Any:
        """Return an order with its legs."""
        return self.get(f"/v2/orders/{order_id}", nested="true")

    def cancel(self, order_id: str) -> int:
        """Ask for the end of an order."""
        return self.ask("DELETE", f"/v2/orders/{order_id}").status_code


def an_order(**words: Any) -> dict[str, Any]:
    """Return the body of an order: a buy of ten AAA at the market unless the words differ."""
    plain = {"symbol": "AAA", "qty": "10", "side": "buy", "type": "market", "time_in_force": "day"}
    return {key: value for key, value in (plain | words).items() if value is not None}


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a broker with one name, AAA, or the given bars; at 9:35 unless a clock is given."""
    with ExitStack() as running:

        def start(
            bars: BarColumns | dict[str, BarColumns] | None = None,
            rules: Rules | None = None,
            clock: Clock | None = None,
            **options: Any,
        ) -> LocalAlpaca:
            named = bars if isinstance(bars, dict) else {"AAA": bars or day_with([])}
            market = PlayedMarket(bars=named)
            clock = clock or DrivenClock(minute(5))
            return running.enter_context(LocalAlpaca(market, clock, rules, **options))

        yield start


@pytest.fixture
def broker(start: Start) -> LocalAlpaca:
    """A broker whose only name is quiet at $100 all day."""
    return start()


@pytest.fixture
def client(broker: LocalAlpaca) -> Iterator[Client]:
    """A client of that broker."""
    speaking = Client(broker)
    yield speaking
    speaking.session.close()
