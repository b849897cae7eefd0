"""Several orders at a time, where the broker takes them so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

from engine.desk import Desk
from models.trading import Order


def side_by_side(desk: Desk, orders: Sequence[Order], how: Callable[[Desk, Order], None]) -> None:
    """Send or cancel orders, several at a time where the broker takes them so.

    Each asks for itself whether it may; every one is tried before the first failure is told.
    """
    if desk.broker.side_by_side == 1 or len(orders) <= 1:
        for order in orders:
            how(desk, order)
        return
    with ThreadPoolExecutor(min(desk.broker.side_by_side, len(orders)), "orders") as pool:
        sent = [pool.submit(copy_context().run, how, desk, order) for order in orders]
    for one in sent:
        one.result()
