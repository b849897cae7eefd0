"""Sending what protects or closes: several side by side, and not left in the dark."""

from __future__ import annotations

from engine.actions.bookkeeping import look_up
from engine.actions.trading import send
from engine.desk import Desk
from models.trading import Order
from models.vocabulary import OrderStatus


def send_and_know(desk: Desk, order: Order) -> None:
    """Send a stop or an exit; without an answer look it up at once, and send it again.

    It goes again only if the broker does not know it, and under the same name: should the first
    one still be on its way, the broker takes one of the two.
    """
    send(desk, order)
    if _is(order, OrderStatus.SUBMITTING):
        look_up(desk, [order])
        if _is(order, OrderStatus.INTENDED):
            send(desk, order)


def _is(order: Order, status: OrderStatus) -> bool:
    return order.status is status
