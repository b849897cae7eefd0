"""Replacing an order: a new order takes over once the exchange agrees, or is rejected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tests.local_alpaca.exchange import Exchange
from tests.local_alpaca.moments import span
from tests.local_alpaca.order_checks import check_against_market, check_prices
from tests.local_alpaca.order_request import OrderRequest, client_id_of, price_of
from tests.local_alpaca.orders import NOT_REPLACEABLE, Order, OrderClass, Status
from tests.local_alpaca.refusals import (
    duplicate_client_order_id,
    insufficient_quantity,
    unprocessable,
)


def replace_order(exchange: Exchange, old: Order, body: Mapping[str, Any]) -> Order:
    """Return the order that is to replace another, or refuse.

    The old order works on until the replacement is confirmed. When it fills first, the new
    order is rejected.
    """
    _check_replaceable(exchange, old)
    changes = _changed(old, body)
    client_id = client_id_of(body)
    _check_changes(exchange, old, changes, client_id)
    new = exchange.maker.heir(old, changes, client_id)
    if old.parent is not None:
        old.parent.legs.append(new)
    exchange.book.add(new)
    exchange.agenda.add(new.expires, lambda: exchange.life.expire(new))
    _hand_over_later(exchange, old, new)
    return new


@dataclass(frozen=True, slots=True)
class _HandOver:
    """The moment a replacement is decided."""

    exchange: Exchange
    old: Order
    new: Order
    status: Status  # what the old order had before

    def __call__(self) -> None:
        life = self.exchange.life
        if self.old.status is not Status.PENDING_REPLACE:
            life.reject(self.new)
            return
        waits = self.status is Status.HELD and not _entry_is_complete(self.new)
        is_armed = self.old.armed or not waits
        life.end_replaced(self.old, self.new)
        self.new.status = Status.HELD if waits else Status.NEW
        self.new.armed, self.new.live_from = is_armed, self.exchange.time.now
        life.tell("held" if waits else "new", self.new)


def _entry_is_complete(leg: Order) -> bool:
    """The entry may have filled while its leg was being replaced."""
    return leg.parent is not None and leg.parent.status is Status.FILLED


def _hand_over_later(exchange: Exchange, old: Order, new: Order) -> None:
    status, old.status = old.status, Status.PENDING_REPLACE
    old.updated = exchange.time.tick()
    due = exchange.time.now + span(exchange.rules.replace_after)
    exchange.agenda.add(due, _HandOver(exchange, old, new, status))


def _check_replaceable(exchange: Exchange, old: Order) -> None:
    if old.status in NOT_REPLACEABLE:
        raise unprocessable(f"cannot replace order in {old.status} status")
    if old.order_class is OrderClass.OTO and not exchange.rules.oto_is_replaceable:
        raise unprocessable("oto orders cannot be replaced")


def _changed(old: Order, body: Mapping[str, Any]) -> OrderRequest:
    quantity = Decimal(str(body["qty"])) if body.get("qty") is not None else old.quantity
    return OrderRequest(
        symbol=old.symbol,
        side=old.side,
        type=old.type,
        quantity=quantity,
        time_in_force=str(body.get("time_in_force") or old.time_in_force),
        limit_price=price_of(body, "limit_price") or old.limit_price,
        stop_price=price_of(body, "stop_price") or old.stop_price,
    )


def _check_changes(
    exchange: Exchange, old: Order, changes: OrderRequest, client_id: str | None
) -> None:
    used = exchange.book.find_by_client_id(client_id or "")
    if used is not None:
        raise duplicate_client_order_id(is_open=used.is_open)
    if changes.quantity <= old.filled:
        raise unprocessable("qty must be > filled_qty")
    check_prices(changes)
    if old.status is not Status.HELD:
        check_against_market(changes, exchange.price(old.symbol), exchange.rules)
    _check_free_quantity(exchange, old, changes)


def _check_free_quantity(exchange: Exchange, old: Order, changes: OrderRequest) -> None:
    more = changes.quantity - old.quantity
    existing = abs(exchange.holdings.quantity(old.symbol))
    held = exchange.book.held(old.symbol, old.side)
    if not old.opens_position and more > 0 and more > existing - held:
        raise insufficient_quantity(old.symbol, more, existing, held, [old.id])
