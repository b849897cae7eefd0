"""The account's money: equity, what open orders reserve, and what is left to spend."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from models.vocabulary import OrderSide
from tests.local_alpaca.order_book import OrderBook
from tests.local_alpaca.order_request import OrderRequest
from tests.local_alpaca.orders import Order
from tests.local_alpaca.positions import Holdings
from tests.local_alpaca.rules import Rules

SHORT_MARGIN = Decimal("1.03")  # an opening short counts at least 3 % above the market
ZERO = Decimal(0)


def _default_configurations() -> dict[str, Any]:
    return {
        "disable_overnight_trading": False,
        "fractional_trading": True,
        "max_margin_multiplier": "4",
        "max_options_trading_level": 3,
        "no_shorting": False,
        "ptp_no_exception_entry": False,
        "suspend_trade": False,
        "trade_confirm_email": "all",
    }


@dataclass(slots=True)
class Account:
    """One account: its holdings valued at the last known prices."""

    rules: Rules
    holdings: Holdings
    book: OrderBook
    price: Callable[[str], Decimal | None]
    last_equity: Decimal
    shorting_enabled: bool = True
    trading_blocked: bool = False
    configurations: dict[str, Any] = field(default_factory=_default_configurations)

    @property
    def may_short(self) -> bool:
        """Say whether it may open short positions at all."""
        return self.shorting_enabled and not self.configurations["no_shorting"]

    @property
    def may_trade(self) -> bool:
        """Say whether it takes new orders."""
        return not (self.trading_blocked or self.configurations["suspend_trade"])

    @property
    def multiplier(self) -> Decimal:
        """Return how many dollars it may hold per dollar of equity."""
        return min(self.rules.multiplier, Decimal(self.configurations["max_margin_multiplier"]))

    @property
    def long_value(self) -> Decimal:
        """Return what the long positions are worth."""
        return sum((value for value in self._values() if value > 0), ZERO)

    @property
    def short_value(self) -> Decimal:
        """Return what the short positions are worth: zero or negative."""
        return sum((value for value in self._values() if value < 0), ZERO)

    @property
    def equity(self) -> Decimal:
        """Return cash and positions together."""
        return self.holdings.cash + sum(self._values(), ZERO)

    @property
    def buying_power(self) -> Decimal:
        """Return what may still be opened: open entry orders have taken their part already."""
        exposure = self.long_value - self.short_value
        reserved = sum((self._reserved(order) for order in self.book.open()), ZERO)
        return max(self.equity * self.multiplier - exposure - reserved, ZERO)

    def mark(self, symbol: str) -> Decimal:
        """Return the price a position is valued at: the last known, else what it cost."""
        price = self.price(symbol)
        if price is not None:
            return price
        position = self.holdings.find(symbol)
        return position.average_price if position else ZERO

    def cost(self, order: OrderRequest | Order, market: Decimal | None) -> Decimal:
        """Return how much buying power opening an order takes."""
        near = order.limit_price or order.stop_price or market or ZERO
        if order.side is OrderSide.SELL:
            near = max(order.limit_price or ZERO, (market or near) * SHORT_MARGIN)
        shares = order.remaining if isinstance(order, Order) else order.quantity
        return near * shares

    def _reserved(self, order: Order) -> Decimal:
        if not order.opens_position:
            return ZERO
        return self.cost(order, self.price(order.symbol))

    def _values(self) -> list[Decimal]:
        return [held.quantity * self.mark(held.symbol) for held in self.holdings.all()]
