"""Every no of Alpaca as it was observed: status, code, message and the keys beside them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from tests.local_alpaca.wire import plain, rounded

FORBIDDEN = 40310000
UNPROCESSABLE = 42210000
BAD_PARAMETER = 40010001
NOT_FOUND = 40410000
RATE_LIMITED = 42910000


class RefusedError(Exception):
    """An answer that is not a success; the front turns it into a response."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(body.get("message", status))
        self.status = status
        self.body = body


def forbidden(message: str, **more: Any) -> RefusedError:
    """Return 403: the account may not do this now."""
    return RefusedError(403, {"code": FORBIDDEN, "message": message, **more})


def unprocessable(message: str, **more: Any) -> RefusedError:
    """Return 422: the order breaks a rule."""
    return RefusedError(422, {"code": UNPROCESSABLE, "message": message, **more})


def bad_parameter(message: str) -> RefusedError:
    """Return 422: a field cannot be read."""
    return RefusedError(422, {"code": BAD_PARAMETER, "message": message})


def not_found(message: str) -> RefusedError:
    """Return 404."""
    return RefusedError(404, {"code": NOT_FOUND, "message": message})


def unauthorized() -> RefusedError:
    """Return 401, which carries no code."""
    return RefusedError(401, {"message": "unauthorized."})


def rate_limited(*, of_data: bool) -> RefusedError:
    """Return 429; the market data API has words of its own and no code."""
    if of_data:
        return RefusedError(429, {"message": "too many requests."})
    return RefusedError(429, {"code": RATE_LIMITED, "message": "rate limit exceeded"})


def sip_barred() -> RefusedError:
    """Return 403 of the market data API, which carries no code."""
    message = "subscription does not permit querying recent SIP data"
    return RefusedError(403, {"message": message})


def insufficient_buying_power(buying_power: Decimal, cost: Decimal) -> RefusedError:
    """Refuse an order that costs more than the account may spend."""
    return forbidden(
        "insufficient buying power", buying_power=rounded(buying_power), cost_basis=rounded(cost)
    )


def insufficient_quantity(
    symbol: str, wanted: Decimal, existing: Decimal, held: Decimal, related: Sequence[str]
) -> RefusedError:
    """Refuse to sell (or buy back) more than is free of other orders."""
    available = plain(max(existing - held, Decimal(0)))
    body: dict[str, Any] = {
        "available": available,
        "existing_qty": plain(existing),
        "held_for_orders": plain(held),
        "symbol": symbol,
    }
    if related:
        body["related_orders"] = list(related)
    message = (
        f"insufficient qty available for order (requested: {plain(wanted)}, available: {available})"
    )
    return forbidden(message, **body)


def wash_trade(reason: str, **more: Any) -> RefusedError:
    """Refuse an order that could trade with one of the account's own."""
    message = "potential wash trade detected. use complex orders"
    return forbidden(message, reject_reason=reason, **more)


def duplicate_client_order_id(*, is_open: bool) -> RefusedError:
    """Refuse a second use of an id; the code depends on whether the first order rests."""
    code = UNPROCESSABLE if is_open else BAD_PARAMETER
    return RefusedError(422, {"code": code, "message": "client_order_id must be unique"})


def not_shortable(symbol: str) -> RefusedError:
    """Refuse to sell what is not held and cannot be borrowed."""
    return unprocessable(f'asset "{symbol}" cannot be sold short')


def sub_penny(field: str, price: Decimal) -> RefusedError:
    """Refuse a price finer than the tick."""
    return unprocessable(
        f"invalid {field} {plain(price)}. "
        "sub-penny increment does not fulfill minimum pricing criteria"
    )


def stop_loss_too_near(base: Decimal, *, protects_long: bool) -> RefusedError:
    """Refuse a stop loss on the wrong side of the base price."""
    rule = "<= base_price - 0.01" if protects_long else ">= base_price + 0.01"
    return unprocessable(f"stop_loss.stop_price must be {rule}", base_price=plain(base))


def stop_on_wrong_side(stop: Decimal, market: Decimal, *, is_sell: bool) -> RefusedError:
    """Refuse a stop that would trigger at once."""
    word = "less" if is_sell else "greater"
    return unprocessable(
        f"stop price must be {word} than current price",
        market_price=plain(market),
        stop_price=plain(stop),
    )


def not_cancelable(status: str) -> RefusedError:
    """Refuse to cancel what has ended."""
    return unprocessable(f'order is already in "{status}" state')
