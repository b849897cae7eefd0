"""The last line: flat at Alpaca with nothing but keys. No database, no books, no engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from engine.adapters.alpaca.governor import Urgency
from engine.adapters.alpaca.http import AlpacaHttp
from engine.errors import BrokerRejectedError, BrokerUnavailableError

Row = dict[str, Any]


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

    1. Ask what is left.
    2. Cancel every open order but closing ones: they hold the shares.
    3. Close each position that no open order holds.

    Yields what is left before each round, and every refusal as a sentence; `wait` says whether
    there is time for another. This touches whatever is in the account, the desk's or not.
    """
    while True:
        try:
            orders, held = _open_orders(http), http.get("/positions", urgency=Urgency.EXIT)
            left = Left(len(orders), tuple(sorted(str(row["symbol"]) for row in held)))
            yield left
            if left.is_flat:
                return
            yield from _close(http, orders, held)
        except (BrokerUnavailableError, BrokerRejectedError) as problem:
            yield str(problem)
        if not wait():
            return


def _close(http: AlpacaHttp, orders: list[Row], held: list[Row]) -> Iterator[str]:
    wrong = [o for o in orders if o.get("type") != "market" and o.get("status") != "pending_cancel"]
    for order in wrong:
        yield from _refusal(order, lambda row: http.delete(f"/orders/{row['id']}"))
    busy = {row.get("symbol") for row in (_open_orders(http) if wrong else orders)}
    for position in held:
        if position["symbol"] not in busy:
            yield from _refusal(position, lambda row: http.delete(f"/positions/{row['symbol']}"))


def _refusal(row: Row, act: Callable[[Row], Any]) -> Iterator[str]:
    try:
        act(row)
    except BrokerRejectedError as no:
        yield f"{row.get('symbol')}: {no.sentence}"


def _open_orders(http: AlpacaHttp) -> list[Row]:
    query = {"status": "open", "limit": 500}
    return list(http.get("/orders", query, Urgency.EXIT))
