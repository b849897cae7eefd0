"""Trouble on demand: what goes wrong, where, and how often. The same seed gives the same trouble.

faults.add(Respond(504, acts=True), method="POST", path="/v2/orders", symbol="AAPL")
faults.add(DropEvent(), event="fill", nth=2)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from fnmatch import fnmatchcase
from random import Random
from threading import Lock
from typing import Any, TypeVar

from models.vocabulary import OrderType
from tests.local_alpaca.orders import Order

Change = Callable[[Any], Any]


# ---------------------------------------------------------------------- what happens to requests
@dataclass(frozen=True, slots=True)
class Slow:
    """The request waits, in real seconds, before the exchange sees it."""

    seconds: float


class Breaking:
    """What takes the place of an answer; `acts` says whether the exchange saw the request."""

    acts: bool


@dataclass(frozen=True)
class Respond(Breaking):
    """The client gets this answer, whether or not the exchange acted on the request."""

    status: int
    body: str = ""
    acts: bool = False


@dataclass(frozen=True)
class Reset(Breaking):
    """The connection breaks instead of an answer."""

    acts: bool = False


@dataclass(frozen=True)
class Truncate(Breaking):
    """The exchange acts, and half of the answer arrives."""

    acts: bool = True


@dataclass(frozen=True)
class Silence(Breaking):
    """Nothing is ever answered, and the connection stays open."""

    acts: bool = False


@dataclass(frozen=True, slots=True)
class Edit:
    """The exchange acts, and its answer is changed on the way."""

    change: Change


# ------------------------------------------------------------------------ what happens to orders
@dataclass(frozen=True, slots=True)
class RejectLater:
    """The order is taken and then rejected."""


@dataclass(frozen=True, slots=True)
class StickCancel:
    """The cancel is taken and never confirmed."""


@dataclass(frozen=True, slots=True)
class FillPart:
    """A bar trades only a part of what is left (whole shares, at least one)."""

    part: Decimal = Decimal("0.5")


# ----------------------------------------------------------------- what happens to stream events
@dataclass(frozen=True, slots=True)
class DropEvent:
    """The event is never sent."""


@dataclass(frozen=True, slots=True)
class RepeatEvent:
    """The event is sent twice."""


@dataclass(frozen=True, slots=True)
class DelayEvent:
    """The event is sent later, in the exchange's time."""

    by: timedelta


@dataclass(frozen=True, slots=True)
class HoldBack:
    """The event is sent after the next one: out of order."""


@dataclass(frozen=True, slots=True)
class EditEvent:
    """The event is changed on the way."""

    change: Change


Effect = (
    Slow | Edit | Breaking | RejectLater | StickCancel | FillPart
    | DropEvent | RepeatEvent | DelayEvent | HoldBack | EditEvent
)  # fmt: skip
Kind = TypeVar("Kind")


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a fault may be about: a request, an order or an event."""

    method: str | None = None
    path: str | None = None
    symbol: str | None = None
    client_order_id: str | None = None
    event: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Which subjects a fault is about. Texts are patterns (`orb-*-entry-1`), None is anything.

    Of those, the `nth` is hit and then `times` in all (None: every one), each with a chance.
    """

    method: str = "*"
    path: str = "*"
    symbol: str = "*"
    client_order_id: str = "*"
    event: str = "*"
    nth: int = 1
    times: int | None = 1
    chance: float = 1.0

    def matches(self, subject: Subject) -> bool:
        """Say whether a subject is meant."""
        names = ("method", "path", "symbol", "client_order_id", "event")
        return all(_fits(getattr(self, name), getattr(subject, name)) for name in names)


@dataclass(slots=True)
class Fault:
    """One fault that was asked for, and how often it struck."""

    effect: Effect
    where: Where
    seen: int = 0
    hits: int = 0

    def strikes(self, subject: Subject, random: Random) -> bool:
        """Say whether it strikes this subject, and count."""
        if not self.where.matches(subject):
            return False
        self.seen += 1
        is_spent = self.where.times is not None and self.hits >= self.where.times
        if self.seen < self.where.nth or is_spent or random.random() >= self.where.chance:
            return False
        self.hits += 1
        return True


class Faults:
    """Every fault that was asked for; the exchange, the front and the streams ask here."""

    def __init__(self, seed: int = 0, partial_fill_chance: float = 0.0) -> None:
        self._random = Random(seed)  # noqa: S311  (trouble that can be repeated)
        self._partial_fill_chance = partial_fill_chance
        self._faults: list[Fault] = []
        self._lock = Lock()

    def add(self, effect: Effect, **where: Any) -> Fault:
        """Ask for trouble; the words of `Where` say with what."""
        fault = Fault(effect, Where(**where))
        with self._lock:
            self._faults.append(fault)
        return fault

    def remove(self, fault: Fault) -> None:
        """Ask for no more of it."""
        with self._lock:
            self._faults.remove(fault)

    def striking(self, subject: Subject, kind: type[Kind]) -> list[Kind]:
        """Return the effects of one kind that strike a subject now."""
        with self._lock:
            return [
                fault.effect
                for fault in self._faults
                if isinstance(fault.effect, kind) and fault.strikes(subject, self._random)
            ]

    # --- the exchange's questions (the protocol Trouble)
    def rejects(self, order: Order) -> bool:
        """Say whether an order that was taken is rejected after all."""
        return bool(self.striking(about(order), RejectLater))

    def sticks(self, order: Order) -> bool:
        """Say whether a cancel is never confirmed."""
        return bool(self.striking(about(order), StickCancel))

    def shares_filled(self, order: Order) -> Decimal:
        """Return how many of the remaining shares trade now.

        What a market order has left finds the other side with the next bar.
        """
        if order.type is OrderType.MARKET and order.filled:
            return order.remaining
        asked = self.striking(about(order), FillPart)
        if asked:
            return _part(order.remaining, asked[0].part)
        if self._partial_fill_chance and self._random.random() < self._partial_fill_chance:
            return _part(order.remaining, Decimal(str(round(self._random.random(), 3))))
        return order.remaining


def about(order: Order) -> Subject:
    """Return an order as what a fault may be about."""
    return Subject(symbol=order.symbol, client_order_id=order.client_order_id)


def without(*fields: str) -> Change:
    """Return a change that takes fields out of an object, or of every object of a list."""
    return lambda body: _mapped(body, lambda one: {k: one[k] for k in one if k not in fields})


def with_values(**values: Any) -> Change:
    """Return a change that sets fields of an object, or of every object of a list."""
    return lambda body: _mapped(body, lambda one: {**one, **values})


def _mapped(body: Any, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    return [change(one) for one in body] if isinstance(body, list) else change(body)


def _fits(pattern: str, value: str | None) -> bool:
    return pattern == "*" or (value is not None and fnmatchcase(value, pattern))


def _part(remaining: Decimal, part: Decimal) -> Decimal:
    return min(remaining, max(Decimal(1), remaining * part // 1))
