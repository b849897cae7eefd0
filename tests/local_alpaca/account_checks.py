"""The rules an order must obey because of what the account already holds and has working."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from models.vocabulary import OrderSide, OrderType
from tests.local_alpaca.account import Account
from tests.local_alpaca.assets import Asset
from tests.local_alpaca.order_book import OrderBook
from tests.local_alpaca.order_request import OrderRequest
from tests.local_alpaca.orders import Order, OrderClass
from tests.local_alpaca.refusals import (
    duplicate_client_order_id,
    forbidden,
    insufficient_buying_power,
    insufficient_quantity,
    not_shortable,
    unprocessable,
    wash_trade,
)
from tests.local_alpaca.wire import plain

LEAST_EQUITY_TO_SHORT = Decimal(2000)
_ENTRIES_WITH_LEGS = {OrderClass.BRACKET, OrderClass.OTO}


@dataclass(frozen=True, slots=True)
class AccountChecks:
    """Asks the account's books about one order after another."""

    book: OrderBook
    account: Account

    def check_client_id(self, request: OrderRequest) -> None:
        """Refuse an id that any order of the account ever had."""
        used = self.book.find_by_client_id(request.client_order_id or "")
        if used is not None:
            raise duplicate_client_order_id(is_open=used.is_open)

    def check_entry_is_from_flat(self, request: OrderRequest) -> None:
        """Refuse an entry with legs unless nothing is held and nothing works on its side."""
        if request.order_class not in _ENTRIES_WITH_LEGS:
            return
        same_side = [o for o in self.book.open(request.symbol) if o.side is request.side]
        if self.account.holdings.quantity(request.symbol) or same_side:
            raise unprocessable("bracket orders must be entry orders")

    def check_wash_trade(self, request: OrderRequest, market: Decimal | None) -> None:
        """Refuse what could trade with an order of our own; groups are exempt."""
        if request.order_class:
            return
        for order in self.book.open(request.symbol):
            if order.side is not request.side and order.armed:
                _refuse_wash(request, order, market)

    def check_quantity(self, request: OrderRequest, *, closes: bool) -> None:
        """Refuse to close more than is free of other orders."""
        if not closes:
            return
        existing = abs(self.account.holdings.quantity(request.symbol))
        held = self.book.held(request.symbol, request.side)
        if request.quantity > existing - held:
            related = [order.id for order in self.book.closing(request.symbol, request.side)]
            raise insufficient_quantity(request.symbol, request.quantity, existing, held, related)

    def check_opening(self, request: OrderRequest, asset: Asset, market: Decimal | None) -> None:
        """Refuse to open what cannot be borrowed or paid for."""
        if request.side is OrderSide.SELL:
            self._check_short(request, asset)
        if request.type is OrderType.MARKET and market is None:
            raise forbidden(
                "order has been rejected due to no available quote for symbol. "
                "please reenter with a limit"
            )
        cost = self.account.cost(request, market)
        if cost > self.account.buying_power:
            raise insufficient_buying_power(self.account.buying_power, cost)

    def _check_short(self, request: OrderRequest, asset: Asset) -> None:
        if not asset.shortable:
            raise not_shortable(asset.symbol)
        if request.quantity % 1:
            raise unprocessable("fractional orders cannot be sold short")
        if not self.account.may_short or self.account.equity < LEAST_EQUITY_TO_SHORT:
            raise forbidden("account is not allowed to short")


def _refuse_wash(request: OrderRequest, order: Order, market: Decimal | None) -> None:
    if order.type is OrderType.LIMIT and request.type is OrderType.LIMIT:
        _refuse_crossing_limits(request, order)
    elif order.type is not OrderType.LIMIT and _may_trade_at_once(request, market):
        reason = "opposite side market/stop order exists"
        raise wash_trade(reason, existing_order_id=order.id)


def _may_trade_at_once(request: OrderRequest, market: Decimal | None) -> bool:
    """A limit away from the market is let through; markets and stops never are."""
    if request.type is not OrderType.LIMIT or market is None:
        return True
    limit = request.limit_price or Decimal(0)
    return limit >= market if request.side is OrderSide.BUY else limit <= market


def _refuse_crossing_limits(request: OrderRequest, order: Order) -> None:
    new, old = request.limit_price or Decimal(0), order.limit_price or Decimal(0)
    buy, sell = (new, old) if request.side is OrderSide.BUY else (old, new)
    if sell <= buy:
        there = order.side
        relation = "greater" if there is OrderSide.BUY else "less"
        reason = (
            f"{there} order exists, {request.side} limit price should be {relation} "
            f"than existing {there} limit price"
        )
        prices = {"buy_limit_price": plain(buy), "sell_limit_price": plain(sell)}
        raise wash_trade(reason, **prices)
