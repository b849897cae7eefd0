"""Reading what a client asks for: JSON in, a request or a refusal out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, TypeVar

from models.vocabulary import OrderSide, OrderType
from tests.local_alpaca.orders import OrderClass
from tests.local_alpaca.refusals import bad_parameter, unprocessable

LONGEST_CLIENT_ID = 128
TIMES_IN_FORCE = ("day", "gtc", "opg", "cls", "ioc", "fok")

Word = TypeVar("Word", bound=StrEnum)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRequest:
    """An order as it was asked for, every field read."""

    symbol: str
    side: OrderSide
    type: OrderType
    quantity: Decimal
    time_in_force: str
    order_class: OrderClass = OrderClass.SIMPLE
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    take_profit: Decimal | None = None
    stop_loss: Decimal | None = None
    stop_loss_limit: Decimal | None = None
    client_order_id: str | None = None


def read_order(body: Mapping[str, Any]) -> OrderRequest:
    """Read the body of POST /v2/orders, or refuse it."""
    stop_loss = body.get("stop_loss") or {}
    take_profit = body.get("take_profit") or {}
    order_class = str(body.get("order_class") or "").replace("simple", "")
    return OrderRequest(
        symbol=_text(body, "symbol"),
        side=_word(OrderSide, body, "side"),
        type=_word(OrderType, body, "type"),
        quantity=_quantity(body),
        time_in_force=_time_in_force(body),
        order_class=_word(OrderClass, {"order_class": order_class}, "order_class"),
        limit_price=price_of(body, "limit_price"),
        stop_price=price_of(body, "stop_price"),
        take_profit=price_of(take_profit, "limit_price"),
        stop_loss=price_of(stop_loss, "stop_price"),
        stop_loss_limit=price_of(stop_loss, "limit_price"),
        client_order_id=client_id_of(body),
    )


def price_of(body: Mapping[str, Any], field: str) -> Decimal | None:
    """Read a price that may be absent; JSON numbers and strings are both understood."""
    if body.get(field) is None:
        return None
    price = _decimal(body, field)
    if price <= 0:
        raise unprocessable(f"{field} must be > 0")
    return price


def client_id_of(body: Mapping[str, Any]) -> str | None:
    """Read a client order id that may be absent."""
    given = str(body.get("client_order_id") or "")
    if len(given) > LONGEST_CLIENT_ID:
        raise bad_parameter(f"client_order_id must be at most {LONGEST_CLIENT_ID} characters")
    return given or None


def _text(body: Mapping[str, Any], field: str) -> str:
    if not body.get(field):
        raise bad_parameter(f"{field} is required")
    return str(body[field])


def _word(words: type[Word], body: Mapping[str, Any], field: str) -> Word:
    given = str(body.get(field))
    try:
        return words(given)
    except ValueError:
        raise bad_parameter(f"invalid {field}: {given}") from None


def _time_in_force(body: Mapping[str, Any]) -> str:
    given = str(body.get("time_in_force"))
    if given not in TIMES_IN_FORCE:
        raise bad_parameter(f"invalid time_in_force: {given}")
    return given


def _quantity(body: Mapping[str, Any]) -> Decimal:
    if body.get("qty") is None:
        raise bad_parameter("qty is required")
    quantity = _decimal(body, "qty")
    if quantity <= 0:
        raise unprocessable("qty must be > 0")
    return quantity


def _decimal(body: Mapping[str, Any], field: str) -> Decimal:
    try:
        number = Decimal(str(body[field]))
    except InvalidOperation:
        raise bad_parameter(f"invalid {field}: {body[field]}") from None
    if not number.is_finite():
        raise bad_parameter(f"invalid {field}: {body[field]}")
    return number
