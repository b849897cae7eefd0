"""Alpaca's JSON as the desk's words, and back. Unknown fields and values are never fatal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from msgpack import Timestamp

from models.broker import AccountState, BrokerOrder, Execution, Holding, Mark, OrderRequest
from models.money import ZERO, exact, round_down, round_up
from models.vocabulary import OrderSide, OrderStatus, OrderType

LONGEST_NUMBER = 32  # of an account; Alpaca's have about ten
NEEDED = ("equity", "cash", "buying_power")  # without them nothing can be sized
OCO = "oco"
FAR_ABOVE, FAR_BELOW = Decimal("1.5"), Decimal("0.5")
CENT, SMALL_TICK, ONE_DOLLAR = Decimal("0.01"), Decimal("0.0001"), Decimal(1)

# Alpaca's statuses (trading API 2.0.1). An unknown one counts as working: it is looked at again.
_STATUSES: Mapping[str, OrderStatus] = {
    "new": OrderStatus.WORKING,
    "accepted": OrderStatus.WORKING,
    "pending_new": OrderStatus.WORKING,
    "accepted_for_bidding": OrderStatus.WORKING,
    "pending_replace": OrderStatus.WORKING,
    "pending_review": OrderStatus.WORKING,
    "stopped": OrderStatus.WORKING,
    "suspended": OrderStatus.WORKING,
    "calculated": OrderStatus.WORKING,
    "partially_filled": OrderStatus.PARTIALLY_FILLED,
    "held": OrderStatus.HELD,
    "pending_cancel": OrderStatus.CANCELLING,
    "filled": OrderStatus.FILLED,
    "canceled": OrderStatus.CANCELLED,
    "replaced": OrderStatus.CANCELLED,
    "expired": OrderStatus.EXPIRED,
    "done_for_day": OrderStatus.EXPIRED,
    "rejected": OrderStatus.REJECTED,
}


def order_body(request: OrderRequest) -> dict[str, Any]:
    """Return the body of POST /v2/orders. Prices and quantities go out as text, never as floats."""
    body: dict[str, Any] = {
        "symbol": request.symbol,
        "qty": str(request.quantity),
        "side": request.side.value,
        "type": request.type.value,
        "time_in_force": "day",
        "client_order_id": request.client_order_id,
    }
    if request.stop_price is not None:
        body["stop_price"] = price_text(request.stop_price, request.side)
    if request.limit_price is not None:
        body["limit_price"] = price_text(request.limit_price, request.side)
    if request.attached_stop is not None:
        stop = price_text(request.attached_stop.stop_price, request.side.opposite)
        body |= {"order_class": "oto", "stop_loss": {"stop_price": stop}}
    return _grouped(body, request.stop_price, request.side) if request.beside_entry else body


def _grouped(body: dict[str, Any], stop: Decimal | None, side: OrderSide) -> dict[str, Any]:
    """Return a stop as one half of an OCO; the other half is a limit that is never reached.

    Beside a working entry Alpaca refuses a simple stop as a wash trade, and takes this one.
    """
    at = stop or ZERO
    far = price_text(at * (FAR_ABOVE if side is OrderSide.SELL else FAR_BELOW), side)
    return {
        **{name: value for name, value in body.items() if name != "stop_price"},
        "type": OrderType.LIMIT.value,
        "order_class": OCO,
        "limit_price": far,
        "take_profit": {"limit_price": far},
        "stop_loss": {"stop_price": price_text(at, side)},
    }


def price_text(price: Decimal, side: OrderSide) -> str:
    """Return a price with the decimals that Alpaca takes: a buy rounded up, a sell down."""
    tick = CENT if price >= ONE_DOLLAR else SMALL_TICK
    rounded = round_up(price, tick) if side is OrderSide.BUY else round_down(price, tick)
    return format(rounded.quantize(tick), "f")


def orders_of(row: Mapping[str, Any], parent: str | None = None) -> Iterator[BrokerOrder]:
    """Yield an order and its legs; a row without an id or symbol is left out.

    Of an OCO the stop alone counts: it carries the name of the whole, and it works although
    Alpaca says `held` of it.
    """
    order_id = str(row.get("id") or "")
    if not order_id or not row.get("symbol"):
        return
    if row.get("order_class") == OCO and (legs := row.get("legs")):
        name = row.get("client_order_id")
        yield from (o for leg in legs for o in orders_of({**leg, "client_order_id": name}))
        return
    yield BrokerOrder(
        client_order_id=str(row.get("client_order_id") or ""),
        broker_order_id=order_id,
        symbol=str(row["symbol"]),
        side=OrderSide.BUY if row.get("side") == "buy" else OrderSide.SELL,
        type=_type(row.get("type") or row.get("order_type")),
        quantity=int(number(row.get("qty"))),
        filled_quantity=int(number(row.get("filled_qty"))),
        status=_status(row),
        stop_price=price(row.get("stop_price")),
        limit_price=price(row.get("limit_price")),
        parent_id=parent,
        reason=f"Alpaca's status: {row.get('status')}",
        submitted_at=moment(row.get("submitted_at")),
        updated_at=moment(row.get("updated_at")),
    )
    for leg in row.get("legs") or ():
        yield from orders_of(leg, parent=order_id)


def _status(row: Mapping[str, Any]) -> OrderStatus:
    status = _STATUSES.get(str(row.get("status")), OrderStatus.WORKING)
    works = status is OrderStatus.HELD and row.get("order_class") == OCO
    return OrderStatus.WORKING if works else status


def execution_of(row: Mapping[str, Any]) -> Execution | None:
    """Return a FILL activity as an execution, None if it lacks what makes one."""
    at = moment(row.get("transaction_time"))
    if at is None or not row.get("id") or not row.get("order_id"):
        return None
    return Execution(
        execution_id=str(row["id"]),
        broker_order_id=str(row["order_id"]),
        client_order_id="",
        symbol=str(row.get("symbol") or ""),
        side=OrderSide.BUY if row.get("side") == "buy" else OrderSide.SELL,
        quantity=int(number(row.get("qty"))),
        price=exact(number(row.get("price"))),
        filled_at=at,
    )


def holding_of(row: Mapping[str, Any]) -> Holding:
    """Return a position; a short one is negative."""
    quantity = abs(number(row.get("qty")))
    return Holding(
        symbol=str(row.get("symbol") or "?"),
        quantity=-quantity if row.get("side") == "short" else quantity,
        average_price=exact(number(row.get("avg_entry_price"))),
    )


def account_of(row: Mapping[str, Any]) -> AccountState:
    """Return the account. Fields come and go at Alpaca; a missing amount counts as nothing."""
    blocked = ("trading_blocked", "account_blocked", "trade_suspended_by_user")
    return AccountState(
        equity=exact(number(row.get("equity"))),
        cash=exact(number(row.get("cash"))),
        buying_power=exact(number(row.get("buying_power"))),
        long_value=exact(number(row.get("long_market_value"))),
        short_value=-abs(exact(number(row.get("short_market_value")))),
        can_trade=row.get("status", "ACTIVE") == "ACTIVE"
        and not any(row.get(name) for name in blocked),
        shorting_enabled=bool(row.get("shorting_enabled", True)),
        missing=tuple(name for name in NEEDED if row.get(name) in {None, ""}),
        number=str(row.get("account_number") or "")[:LONGEST_NUMBER],
    )


def mark_of(row: Mapping[str, Any]) -> Mark | None:
    """Return a trade as a mark, None if it lacks what makes one."""
    at, last = moment(row.get("t")), price(row.get("p"))
    if at is None or last is None or not row.get("S"):
        return None
    return Mark(symbol=str(row["S"]), price=last, at=at)


def number(value: Any) -> Decimal:
    """Return a number given as text or number; 0 for anything else."""
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return ZERO


def price(value: Any) -> Decimal | None:
    """Return a price, None if there is none."""
    return None if value in {None, ""} else exact(number(value))


def moment(value: Any) -> datetime | None:
    """Return a moment (RFC 3339, or msgpack's; nanoseconds cut off), None if there is none."""
    if isinstance(value, Timestamp):
        told: datetime = value.to_datetime()
        return told
    if not value:
        return None
    text = str(value).replace("Z", "+00:00")
    whole, dot, rest = text.partition(".")
    if dot:
        digits = rest[: len(rest) - len(rest.lstrip("0123456789"))]
        text = f"{whole}.{digits[:6]:0<6}{rest[len(digits) :]}"
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        return None


def _type(value: Any) -> OrderType:
    try:
        return OrderType(value)
    except ValueError:
        return OrderType.MARKET
