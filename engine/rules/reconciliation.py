"""Where our books and the broker's differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from models.broker import Holding

FOREIGN_POSITION = "foreign_position"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing on which the books disagree."""

    code: str
    symbol: str
    sentence: str


def holding_differences(ours: Mapping[str, int], holdings: Iterable[Holding]) -> list[Difference]:
    """Compare signed quantities by symbol; `ours` are the desk's open trades."""
    theirs = {holding.symbol: holding.quantity for holding in holdings if holding.quantity}
    found: list[Difference] = []
    for symbol in sorted(set(ours) | set(theirs)):
        mine, broker = ours.get(symbol, 0), theirs.get(symbol, 0)
        if mine != broker:
            code = FOREIGN_POSITION if mine == 0 else "quantity"
            found.append(
                Difference(code, symbol, f"{symbol}: our books {mine}, the broker {broker}")
            )
    return found


def order_differences(ours: Iterable[str], open_at_broker: Iterable[str]) -> list[Difference]:
    """Compare client order ids of live orders."""
    mine, theirs = set(ours), set(open_at_broker)
    missing = [
        Difference("missing_order", order, f"{order}: live in our books, unknown at the broker")
        for order in sorted(mine - theirs)
    ]
    foreign = [
        Difference("foreign_order", order, f"{order}: open at the broker, not in our books")
        for order in sorted(theirs - mine)
    ]
    return missing + foreign
