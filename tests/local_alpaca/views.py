"""How orders, positions and the account look in answers and on the stream."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from models.vocabulary import OrderSide
from tests.local_alpaca.account import Account
from tests.local_alpaca.assets import AssetBook
from tests.local_alpaca.exchange import Exchange
from tests.local_alpaca.moments import as_datetime, stamp, stamp_or_none
from tests.local_alpaca.orders import Order, Status
from tests.local_alpaca.positions import Position
from tests.local_alpaca.updates import Update
from tests.local_alpaca.wire import plain, plain_or_none, rounded

ACCOUNT_ID = "0f9b2d7c-3a55-4c1e-9a47-6f1f0d6c2b11"
ZERO = Decimal(0)


def order_json(order: Order, assets: AssetBook, *, with_legs: bool) -> dict[str, Any]:
    """Write an order; legs appear where a nested answer was asked for."""
    body = _identity(order, assets) | _terms(order) | _progress(order)
    if order.group_id is not None:
        body |= {"group_id": order.group_id, "group_role": order.role}
    legs = [order_json(leg, assets, with_legs=False) for leg in order.legs if _is_current(leg)]
    body["legs"] = legs if with_legs and legs else None
    return body


def _is_current(leg: Order) -> bool:
    return leg.status is not Status.REPLACED


def _identity(order: Order, assets: AssetBook) -> dict[str, Any]:
    return {
        "id": order.id,
        "client_order_id": order.client_order_id,
        "asset_id": assets.named(order.symbol).id,
        "asset_class": "us_equity",
        "symbol": order.symbol,
        "source": None,
        "subtag": None,
        "replaces": order.replaces,
        "replaced_by": order.replaced_by,
    }


def _terms(order: Order) -> dict[str, Any]:
    verb = "open" if order.opens_position else "close"
    return {
        "side": order.side,
        "type": order.type,
        "order_type": order.type,
        "order_class": order.order_class,
        "position_intent": f"{order.side}_to_{verb}",
        "time_in_force": order.time_in_force,
        "qty": plain(order.quantity),
        "notional": None,
        "limit_price": plain_or_none(order.limit_price),
        "stop_price": plain_or_none(order.stop_price),
        "trail_percent": None,
        "trail_price": None,
        "hwm": None,
        "extended_hours": False,
    }


def _progress(order: Order) -> dict[str, Any]:
    average = order.average_price
    return {
        "status": order.status,
        "filled_qty": plain(order.filled),
        "filled_avg_price": None if average is None else rounded(average),
        "created_at": stamp(order.created),
        "submitted_at": stamp(order.created),
        "updated_at": stamp(order.updated),
        "expires_at": stamp(order.expires),
        "filled_at": stamp_or_none(order.filled_at),
        "canceled_at": stamp_or_none(order.canceled_at),
        "expired_at": stamp_or_none(order.expired_at),
        "failed_at": stamp_or_none(order.failed_at),
        "replaced_at": stamp_or_none(order.replaced_at),
    }


def update_json(update: Update, assets: AssetBook) -> dict[str, Any]:
    """Write a trade update as it stands in the data of the stream's message."""
    order = order_json(update.order, assets, with_legs=False)
    order["cancel_requested_at"] = stamp_or_none(update.order.cancel_requested_at)
    body: dict[str, Any] = {
        "event": update.event,
        "timestamp": stamp(update.moment),
        "order": order,
    }
    if update.execution is not None:
        body |= {
            "price": plain(update.execution.price),
            "qty": plain(update.execution.quantity),
            "position_qty": plain(update.execution.position_after),
            "execution_id": update.execution.id,
        }
    return body


def position_json(position: Position, exchange: Exchange) -> dict[str, Any]:
    """Write a position at the last known price; everything of a short is negative."""
    symbol, quantity, cost = position.symbol, position.quantity, position.average_price
    price = exchange.account.mark(symbol)
    yesterday = exchange.market.previous_close(symbol, exchange.time.now) or price
    profit = (price - cost) * quantity
    share = rounded(profit / abs(cost * quantity))
    asset = exchange.assets.named(symbol)
    return {
        "asset_id": asset.id,
        "symbol": symbol,
        "exchange": asset.exchange,
        "asset_class": "us_equity",
        "asset_marginable": True,
        "qty": plain(quantity),
        "qty_available": plain(_available(position, exchange)),
        "side": "long" if quantity > 0 else "short",
        "avg_entry_price": rounded(cost),
        "market_value": rounded(price * quantity),
        "cost_basis": rounded(cost * quantity),
        "unrealized_pl": rounded(profit),
        "unrealized_plpc": share,
        "unrealized_intraday_pl": rounded(profit),
        "unrealized_intraday_plpc": share,
        "current_price": plain(price),
        "lastday_price": plain(yesterday),
        "change_today": rounded(price / yesterday - 1),
    }


def _available(position: Position, exchange: Exchange) -> Decimal:
    side = OrderSide.SELL if position.quantity > 0 else OrderSide.BUY
    held = exchange.book.held(position.symbol, side)
    free = max(abs(position.quantity) - held, ZERO)
    return free if position.quantity > 0 else -free


def account_json(account: Account, now: int) -> dict[str, Any]:
    """Write the account."""
    equity, buying_power = rounded(account.equity), rounded(account.buying_power)
    exposure = account.long_value - account.short_value
    regular = rounded(min(account.buying_power, account.equity * 2))
    return _flags(account, now) | {
        "cash": rounded(account.holdings.cash),
        "equity": equity,
        "portfolio_value": equity,
        "last_equity": rounded(account.last_equity),
        "long_market_value": rounded(account.long_value),
        "short_market_value": rounded(account.short_value),
        "position_market_value": rounded(exposure),
        "multiplier": plain(account.multiplier),
        "buying_power": buying_power,
        "effective_buying_power": buying_power,
        "regt_buying_power": regular,
        "non_marginable_buying_power": rounded(max(account.equity - exposure, ZERO)),
        "options_buying_power": rounded(max(account.equity - exposure, ZERO)),
        "initial_margin": rounded(exposure / 2),
        "maintenance_margin": rounded(exposure * Decimal("0.3")),
        "last_maintenance_margin": "0",
        "sma": equity,
        **dict.fromkeys(("accrued_fees", "intraday_adjustments", "pending_reg_taf_fees"), "0"),
    }


def _flags(account: Account, now: int) -> dict[str, Any]:
    return {
        "id": ACCOUNT_ID,
        "account_number": account.rules.account_number,
        "admin_configurations": {},
        "user_configurations": None,
        "status": "ACTIVE",
        "crypto_status": "ACTIVE",
        "crypto_tier": 1,
        "currency": "USD",
        "created_at": "2026-01-02T15:04:05.183221Z",
        "balance_asof": as_datetime(now).date().isoformat(),
        "options_approved_level": 3,
        "options_trading_level": 3,
        "account_blocked": False,
        "trading_blocked": account.trading_blocked,
        "transfers_blocked": False,
        "trade_suspended_by_user": account.configurations["suspend_trade"],
        "shorting_enabled": account.may_short,
    }
