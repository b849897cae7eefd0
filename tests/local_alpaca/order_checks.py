"""The rules an order must obey by itself: its class, its prices, and the market's price."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from models.vocabulary import OrderSide, OrderType
from tests.local_alpaca.assets import Asset
from tests.local_alpaca.order_request import OrderRequest
from tests.local_alpaca.orders import OrderClass
from tests.local_alpaca.refusals import (
    BAD_PARAMETER,
    RefusedError,
    bad_parameter,
    stop_loss_too_near,
    stop_on_wrong_side,
    sub_penny,
    unprocessable,
)
from tests.local_alpaca.rules import Rules

_CENT = Decimal("0.01")
_LIMITED = {OrderType.LIMIT, OrderType.STOP_LIMIT}
_STOPPED = {OrderType.STOP, OrderType.STOP_LIMIT}


def check_form(request: OrderRequest, rules: Rules) -> None:
    """Refuse fields that do not belong together."""
    if request.type in _LIMITED and _limit(request) is None:
        raise bad_parameter(f"{request.type} orders require limit_price")
    if request.type in _STOPPED and request.stop_price is None:
        raise bad_parameter(f"{request.type} orders require stop_price")
    if request.quantity % 1 and (request.time_in_force != "day" or request.order_class):
        raise unprocessable("fractional orders must be DAY orders")
    if request.order_class:
        _check_class(request, rules)


def check_prices(request: OrderRequest) -> None:
    """Refuse prices finer than a cent (a hundredth of one under $1)."""
    for field, price in _prices(request):
        grain = _CENT if price >= 1 else Decimal("0.0001")
        if price % grain:
            raise sub_penny(field, price)


def check_against_market(request: OrderRequest, market: Decimal | None, rules: Rules) -> None:
    """Refuse stops that the last trade has already passed."""
    if request.stop_loss is not None:
        _check_stop_loss(request, request.stop_loss, market, rules)
    if market is not None and request.type in _STOPPED:
        _check_stop_side(request, market, rules)


def check_asset(request: OrderRequest, asset: Asset, *, is_halted: bool) -> None:
    """Refuse what this name does not allow."""
    if not asset.easy_to_borrow and request.time_in_force != "day":
        symbol = asset.symbol
        raise unprocessable(f'only day orders are allowed for hard-to-borrow asset "{symbol}"')
    if is_halted and request.type is OrderType.MARKET:
        raise unprocessable(
            f'market order rejected due to trading halt on symbol: "{asset.symbol}", '
            "please place a limit order instead"
        )


def _check_class(request: OrderRequest, rules: Rules) -> None:
    name = request.order_class
    if request.time_in_force not in {"day", "gtc"}:
        raise unprocessable(f"{name} orders must be day or gtc")
    if request.type in _STOPPED and not rules.stop_entries_may_have_legs:
        body = {"code": BAD_PARAMETER, "message": "bracket orders must be market or limit orders"}
        raise RefusedError(422, body)
    if name is OrderClass.OCO and request.type is not OrderType.LIMIT:
        raise unprocessable("oco orders must be limit orders")
    _check_legs(request)


def _check_legs(request: OrderRequest) -> None:
    profit = request.take_profit or (_limit(request) if _is_oco(request) else None)
    needs_both = request.order_class in {OrderClass.BRACKET, OrderClass.OCO}
    if needs_both and profit is None:
        raise unprocessable(f"{request.order_class} orders require take_profit.limit_price")
    if needs_both and request.stop_loss is None:
        raise unprocessable(f"{request.order_class} orders require stop_loss.stop_price")
    if request.order_class is OrderClass.OTO and (profit is None) == (request.stop_loss is None):
        raise unprocessable("oto orders require either take_profit or stop_loss")
    if profit and request.stop_loss and not _is_ordered(request, profit, request.stop_loss):
        raise unprocessable("take_profit.limit_price must be beyond stop_loss.stop_price")


def _check_stop_loss(
    request: OrderRequest, stop: Decimal, market: Decimal | None, rules: Rules
) -> None:
    protects_long = _exit_side(request) is OrderSide.SELL
    for base in _base_prices(request, market, rules):
        distance = base - stop if protects_long else stop - base
        if distance < _CENT:
            raise stop_loss_too_near(base, protects_long=protects_long)


def _base_prices(request: OrderRequest, market: Decimal | None, rules: Rules) -> Iterator[Decimal]:
    if _is_oco(request):
        yield request.take_profit or _limit(request) or Decimal(0)
    elif request.type is OrderType.LIMIT and request.limit_price is not None:
        yield request.limit_price
    if market is not None and rules.base_price_is_market:
        yield market


def _check_stop_side(request: OrderRequest, market: Decimal, rules: Rules) -> None:
    stop = request.stop_price or Decimal(0)
    is_sell = request.side is OrderSide.SELL
    passed = stop >= market if is_sell else stop <= market
    applies = rules.sell_stop_below_market if is_sell else rules.buy_stop_above_market
    if passed and applies:
        raise stop_on_wrong_side(stop, market, is_sell=is_sell)


def _prices(request: OrderRequest) -> Iterator[tuple[str, Decimal]]:
    named = {
        "limit_price": request.limit_price,
        "stop_price": request.stop_price,
        "take_profit.limit_price": request.take_profit,
        "stop_loss.stop_price": request.stop_loss,
        "stop_loss.limit_price": request.stop_loss_limit,
    }
    return ((field, price) for field, price in named.items() if price is not None)


def _limit(request: OrderRequest) -> Decimal | None:
    return request.limit_price or (request.take_profit if _is_oco(request) else None)


def _is_oco(request: OrderRequest) -> bool:
    return request.order_class is OrderClass.OCO


def _exit_side(request: OrderRequest) -> OrderSide:
    """An OCO is itself the exit; every other order is the entry its legs close."""
    return request.side if _is_oco(request) else request.side.opposite


def _is_ordered(request: OrderRequest, profit: Decimal, stop: Decimal) -> bool:
    return profit > stop if _exit_side(request) is OrderSide.SELL else profit < stop
