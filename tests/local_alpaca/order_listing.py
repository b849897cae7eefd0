"""Which orders GET /v2/orders answers with, and how."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.local_alpaca.exchange import Exchange
from tests.local_alpaca.moments import parse
from tests.local_alpaca.orders import Order, Status
from tests.local_alpaca.refusals import bad_parameter
from tests.local_alpaca.views import order_json

DEFAULT_LIMIT, LARGEST_LIMIT = 50, 500
STATUSES = ("open", "closed", "all")


def list_orders(exchange: Exchange, query: Mapping[str, str]) -> list[dict[str, Any]]:
    """Answer with one page of orders; nested, legs stand under the order they belong to."""
    nested = is_true(query.get("nested"))
    found = [order for order in exchange.book.all() if _is_wanted(exchange, order, query)]
    found.sort(key=lambda order: order.number, reverse=query.get("direction") != "asc")
    if nested:
        found = _heads_only(found)
    page = found[: _limit(query)]
    return [order_json(order, exchange.assets, with_legs=nested) for order in page]


def is_true(text: str | None) -> bool:
    """Read a switch of the query; clients write true and True."""
    return (text or "").lower() in {"true", "1"}


def _is_wanted(exchange: Exchange, order: Order, query: Mapping[str, str]) -> bool:
    return (
        _has_status(exchange, order, query.get("status") or "open")
        and _is_listed(query.get("symbols"), order.symbol)
        and query.get("side") in {None, "", order.side}
        and _is_between(exchange, order, query)
    )


def _has_status(exchange: Exchange, order: Order, wanted: str) -> bool:
    if wanted not in STATUSES:
        raise bad_parameter(f"invalid status: {wanted}")
    if wanted == "all":
        return True
    if wanted == "open" and order.status is Status.HELD and not exchange.rules.held_legs_are_open:
        return False
    return order.is_open == (wanted == "open")


def _is_listed(symbols: str | None, symbol: str) -> bool:
    return not symbols or symbol in symbols.split(",")


def _is_between(exchange: Exchange, order: Order, query: Mapping[str, str]) -> bool:
    """Both ends are exclusive; a cursor is the id of an order instead of a time."""
    after, until = query.get("after"), query.get("until")
    first = parse(after) if after else _number(exchange, query.get("after_order_id"))
    last = parse(until) if until else _number(exchange, query.get("before_order_id"))
    return (first is None or order.number > first) and (last is None or order.number < last)


def _number(exchange: Exchange, order_id: str | None) -> int | None:
    return exchange.order(order_id).number if order_id else None


def _heads_only(orders: list[Order]) -> list[Order]:
    shown = {order.id for order in orders}
    return [order for order in orders if order.parent is None or order.parent.id not in shown]


def _limit(query: Mapping[str, str]) -> int:
    limit = int(query.get("limit") or DEFAULT_LIMIT)
    if not 1 <= limit <= LARGEST_LIMIT:
        raise bad_parameter(f"limit must be between 1 and {LARGEST_LIMIT}")
    return limit
