"""Whether every held share has its stop, and what to do when it has not."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from models.statuses import LIVE_ORDER_STATUSES
from models.vocabulary import OrderPurpose, OrderSide, OrderStatus, Side


class OrderLike(Protocol):
    """What an order of the trade needs to have to be judged."""

    @property
    def id(self) -> int:
        """Return the order's number."""
        ...

    @property
    def parent_id(self) -> int | None:
        """Return the entry that it is attached to."""
        ...

    @property
    def symbol(self) -> str:
        """Return what it trades."""
        ...

    @property
    def purpose(self) -> OrderPurpose:
        """Return what the desk wants from it."""
        ...

    @property
    def side(self) -> OrderSide:
        """Return which way it trades."""
        ...

    @property
    def status(self) -> OrderStatus:
        """Return where it is in its life."""
        ...

    @property
    def quantity(self) -> int:
        """Return the shares asked for."""
        ...

    @property
    def filled_quantity(self) -> int:
        """Return the shares done."""
        ...

    @property
    def stop_price(self) -> Decimal | None:
        """Return where it triggers."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """What covers a position and what is to be done about the rest."""

    naked: int  # held shares without a live stop or closing order
    cancel: tuple[int, ...] = ()  # orders to cancel first
    place: int = 0  # shares to place a stop for
    beside_entry: bool = False  # part of the entry still works
    why: str = field(default="")


_COVERING = frozenset({OrderStatus.SUBMITTING, OrderStatus.WORKING, OrderStatus.PARTIALLY_FILLED})


def remaining(order: OrderLike) -> int:
    """Return the shares that an order can still trade."""
    return order.quantity - order.filled_quantity


def judge(
    side: Side,
    held: int,
    stop_price: Decimal,
    orders: Sequence[OrderLike],
    ending: Container[int] = (),
) -> Protection:
    """Match the held shares with the live orders that would close them.

    Of the `ending` entries the cancel has just been asked for, whatever the broker made of it.

    1. A closing order for everything is as good as a stop.
    2. While part of the entry still works, its attached stop is not live: the rest of the entry
       is cancelled. Until that is confirmed, a stop is placed beside it.
    3. Stops of a wrong price, or for more shares than are held, are cancelled; the price not
       before the entry has ended, for each of its fills moves it.
    4. What is uncovered gets a stop, but for the shares that the broker still holds for an order
       whose cancel is not confirmed.
    """
    live = [order for order in orders if order.status in LIVE_ORDER_STATUSES]
    exits = sum(remaining(o) for o in live if closes(o, side, OrderPurpose.EXIT))
    stops = [o for o in live if closes(o, side, OrderPurpose.STOP)]
    naked = max(0, held - exits - sum(remaining(o) for o in stops))
    if exits >= held:
        return Protection(naked=naked)
    partial = [o.id for o in live if o.purpose is OrderPurpose.ENTRY]
    free = max(0, naked - _held_back(live, held, entry_lives=bool(partial)))
    if naked and partial:
        cancel = _cancellable(live, [entry for entry in partial if entry not in ending])
        return _beside_entry(naked, cancel, free)
    wrong = [] if partial else [o.id for o in stops if o.stop_price not in {stop_price, None}]
    if sum(remaining(o) for o in stops) + exits > held:
        wrong = [o.id for o in stops]
    if wrong:
        cancel = _cancellable(live, wrong)
        return Protection(naked=naked, cancel=cancel, place=free, why="wrong stop")
    return Protection(naked=naked, place=free, why="no live stop" if naked else "")


def _held_back(live: Sequence[OrderLike], held: int, *, entry_lives: bool) -> int:
    """Return the shares that the broker holds for closing orders that end.

    A stop attached to an entry that was not completed holds nothing: it is for more than is held.
    """
    ending = [o for o in live if o.status is OrderStatus.CANCELLING]
    closing = [o for o in ending if o.purpose is not OrderPurpose.ENTRY]
    return sum(
        remaining(o)
        for o in closing
        if o.parent_id is None or not (entry_lives or remaining(o) > held)
    )


def _beside_entry(naked: int, cancel: tuple[int, ...], free: int) -> Protection:
    """Cancel the rest of an entry; place a stop beside it if that has been asked for."""
    why, place = "partial entry", 0 if cancel else free
    return Protection(naked=naked, cancel=cancel, place=place, beside_entry=not cancel, why=why)


def strays(orders: Sequence[OrderLike], held: Container[str]) -> list[int]:
    """Return the live stops of symbols that are not held: they would open a position."""
    entering = {o.symbol for o in orders if o.purpose is OrderPurpose.ENTRY}
    return [
        o.id
        for o in orders
        if o.purpose is OrderPurpose.STOP
        and o.status in {OrderStatus.WORKING, OrderStatus.PARTIALLY_FILLED}
        and o.symbol not in held
        and o.symbol not in entering
    ]


def has_jumped(side: Side, price: Decimal, gives_up_at: Decimal | None) -> bool:
    """Say whether the price is beyond where the broker's stop would still fill."""
    return gives_up_at is not None and side.sign * (price - gives_up_at) < 0


def closes(order: OrderLike, side: Side, purpose: OrderPurpose) -> bool:
    """Say whether an order for some purpose would close shares of a side now."""
    return order.purpose is purpose and order.side is side.exit and order.status in _COVERING


def _cancellable(live: Sequence[OrderLike], ids: Sequence[int]) -> tuple[int, ...]:
    return tuple(o.id for o in live if o.id in ids and o.status is not OrderStatus.CANCELLING)
