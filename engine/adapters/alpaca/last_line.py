"""The last line: flat at Alpaca with nothing but keys. No database, no books, no engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from engine.adapters.alpaca.governor import Urgency
from engine.adapters.alpaca.http import AlpacaHttp
from engine.errors import BrokerRejectedError, BrokerUnavailableError


@dataclass(frozen=True, slots=True)
class Left:
    """What is still there after a round: open orders and the symbols that are held."""

    orders: int
    symbols: tuple[str, ...]

    @property
    def is_flat(self) -> bool:
        """Say whether nothing is left."""
        return not self.orders and not self.symbols


def flatten_directly(http: AlpacaHttp, wait: Callable[[], bool]) -> Iterator[Left | str]:
    """Cancel everything and close everything, round after round, until the broker shows nothing.

    1. Cancel every open order: they hold the shares.
    2. Close each position that no open order holds.
    3. Ask what is left; `wait` says whether there is time for another round.

    Yields what is left after each round, and every refusal as a sentence. This touches whatever is
    in the account, the desk's or not.
    """
    while True:
        try:
            yield from _round(http)
            left = _left(http)
        except (BrokerUnavailableError, BrokerRejectedError) as problem:
            yield str(problem)
        else:
            yield left
            if left.is_flat:
                return
        if not wait():
            return


def _round(http: AlpacaHttp) -> Iterator[str]:
    waiting = _open_orders(http)
    for order in waiting:
        if order.get("status") != "pending_cancel" and order.get("type") != "market":
            yield from _refusal(order, lambda row: http.delete(f"/orders/{row['id']}"))
    busy = {row.get("symbol") for row in _open_orders(http)}
    for position in http.get("/positions", urgency=Urgency.EXIT):
        if position["symbol"] not in busy:
            yield from _refusal(position, lambda row: http.delete(f"/positions/{row['symbol']}"))


def _refusal(row: dict[str, Any], act: Callable[[dict[str, Any]], Any]) -> Iterator[str]:
    try:
        act(row)
    except BrokerRejectedError as no:
        yield f"{row.get('symbol')}: {no.sentence}"


def _left(http: AlpacaHttp) -> Left:
    held = http.get("/positions", urgency=Urgency.EXIT)
    return Left(len(_open_orders(http)), tuple(sorted(str(row["symbol"]) for row in held)))


def _open_orders(http: AlpacaHttp) -> list[dict[str, Any]]:
    query = {"status": "open", "limit": 500}
    return list(http.get("/orders", query, Urgency.EXIT))
