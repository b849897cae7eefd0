"""Requests to Alpaca through alpaca-py's client: time-outs, no blind repeats, one per thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import requests
from alpaca.common.exceptions import APIError, RetryException
from alpaca.common.rest import RESTClient
from alpaca.data.historical import StockHistoricalDataClient
from alpaca.trading.client import TradingClient
from requests.adapters import HTTPAdapter

from engine.adapters.alpaca.governor import Governor, Urgency
from engine.adapters.alpaca.refusals import NOT_FOUND_CODE, Answer, raise_for
from engine.errors import BrokerRejectedError, BrokerUnavailableError

CONNECT_SECONDS, READ_SECONDS = 3.0, 10.0
DATA_SECONDS = 3.0
TOO_MANY = 429


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """An API key; never shown."""

    key: str = field(repr=False)
    secret: str = field(repr=False)


class _Impatient(HTTPAdapter):
    """A transport that never waits for ever: alpaca-py sets no time-out."""

    def __init__(self, read_seconds: float) -> None:
        self._read_seconds = read_seconds
        super().__init__()

    def send(self, *args: Any, **kwargs: Any) -> requests.Response:
        """Send with a time-out."""
        kwargs["timeout"] = (CONNECT_SECONDS, self._read_seconds)
        return super().send(*args, **kwargs)


class AlpacaHttp:
    """JSON in, JSON out. Every failure is a refusal or an unknown, never anything else."""

    def __init__(
        self,
        make: Callable[[], RESTClient],
        governor: Governor,
        read_seconds: float = READ_SECONDS,
    ) -> None:
        self._make = make
        self._governor = governor
        self._read_seconds = read_seconds
        self._local = threading.local()

    def get(
        self, path: str, query: Mapping[str, Any] | None = None, urgency: Urgency = Urgency.READ
    ) -> Any:
        """Read a resource.

        Raises:
            BrokerUnavailableError: no answer, or none that can be read.
            BrokerRejectedError: the broker refused the request.
        """
        return self._ask(urgency, lambda client: client.get(path, dict(query or {})))

    def find(self, path: str, query: Mapping[str, Any] | None = None) -> Any | None:
        """Read a resource that may not exist: None when the broker says that it does not."""
        try:
            return self._ask(Urgency.EXIT, lambda client: client.get(path, dict(query or {})))
        except BrokerRejectedError as no:
            if no.code == NOT_FOUND_CODE:
                return None
            raise

    def post(self, path: str, body: Mapping[str, Any], urgency: Urgency) -> Any:
        """Ask for something new. A silence leaves it unknown whether it happened."""
        return self._ask(urgency, lambda client: client.post(path, dict(body)))

    def delete(self, path: str) -> Any:
        """Ask for something to be ended."""
        return self._ask(Urgency.EXIT, lambda client: client.delete(path))

    def _ask(self, urgency: Urgency, call: Callable[[RESTClient], Any]) -> Any:
        self._governor.admit(urgency)
        try:
            return call(self._client())
        except APIError as error:
            answer = _answer(error)
            if answer.status == TOO_MANY:
                self._governor.turned_away()
            raise_for(answer)
        except (requests.RequestException, RetryException, ValueError) as silence:
            raise BrokerUnavailableError(_why(silence)) from silence

    def _client(self) -> RESTClient:
        """Return this thread's client: requests' sessions are not made to be shared."""
        client: RESTClient | None = getattr(self._local, "client", None)
        if client is None:
            client = self._make()
            client._retry = 0  # noqa: SLF001  # it would repeat POST /orders on 429 and 504
            for scheme in ("https://", "http://"):
                client._session.mount(scheme, _Impatient(self._read_seconds))  # noqa: SLF001
            self._local.client = client
        return client


def trading_http(
    keys: Keys,
    *,
    paper: bool,
    url: str | None,
    governor: Governor,
    read_seconds: float = READ_SECONDS,
) -> AlpacaHttp:
    """Return the way to the trading API (paths below /v2)."""

    def make() -> RESTClient:
        return TradingClient(keys.key, keys.secret, paper=paper, raw_data=True, url_override=url)

    return AlpacaHttp(make, governor, read_seconds)


def data_http(
    keys: Keys, *, url: str | None, governor: Governor, read_seconds: float = DATA_SECONDS
) -> AlpacaHttp:
    """Return the way to the market data API: prices are waited for less than orders."""

    def make() -> RESTClient:
        return StockHistoricalDataClient(keys.key, keys.secret, raw_data=True, url_override=url)

    return AlpacaHttp(make, governor, read_seconds)


def _answer(error: APIError) -> Answer:
    status = error.status_code or 0
    response = getattr(error, "response", None)
    text = response.text if response is not None else str(error)
    return Answer(status, text)


def _why(silence: Exception) -> str:
    """Say in short what the silence was, without addresses or keys."""
    names = {
        requests.Timeout: "Alpaca did not answer in time",
        requests.ConnectionError: "no connection to Alpaca",
    }
    for kind, sentence in names.items():
        if isinstance(silence, kind):
            return sentence
    return f"no readable answer from Alpaca ({type(silence).__name__})"
