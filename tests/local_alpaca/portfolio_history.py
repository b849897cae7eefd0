"""The account's equity over time, computed anew from executions and prices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from tests.local_alpaca.exchange import Exchange
from tests.local_alpaca.moments import MINUTE, SECOND, as_datetime, nanoseconds
from tests.local_alpaca.positions import Holdings
from tests.local_alpaca.refusals import bad_parameter
from tests.local_alpaca.updates import Execution

STEPS = {"1Min": 1, "5Min": 5, "15Min": 15, "1H": 60}
Points = list[tuple[int, Decimal]]


def portfolio_history(
    exchange: Exchange, executions: Sequence[Execution], query: Mapping[str, str]
) -> dict[str, Any]:
    """Answer GET /v2/account/portfolio/history: today by the minute, or the closes by day."""
    if all(query.get(name) for name in ("period", "start", "end")):
        raise bad_parameter("only two of period, start and end can be set")
    timeframe = query.get("timeframe") or ("1Min" if query.get("period") == "1D" else "1D")
    if timeframe == "1D":
        return _answer(exchange, _closes(exchange), timeframe, exchange.rules.cash)
    if timeframe not in STEPS:
        raise bad_parameter(f"invalid timeframe: {timeframe}")
    points = _today(exchange, executions, STEPS[timeframe] * MINUTE)
    return _answer(exchange, points, timeframe, exchange.account.last_equity)


def _closes(exchange: Exchange) -> Points:
    return [*exchange.closing_equities, (exchange.time.now, exchange.account.equity)]


def _today(exchange: Exchange, executions: Sequence[Execution], step: int) -> Points:
    session = exchange.market.session_at(exchange.time.now)
    if session is None:
        return []
    first, last = nanoseconds(session.opens_at), nanoseconds(session.closes_at)
    moments = range(first, min(last, exchange.time.now) + 1, step)
    return [(moment, _equity_at(exchange, executions, moment)) for moment in moments]


def _equity_at(exchange: Exchange, executions: Sequence[Execution], moment: int) -> Decimal:
    holdings = Holdings(exchange.rules.cash)
    for one in executions:
        if one.booked_at <= moment:
            holdings.trade(one.symbol, one.quantity * one.side.sign, one.price)
    prices = {h.symbol: exchange.market.price(h.symbol, moment) for h in holdings.all()}
    worth = (h.quantity * (prices[h.symbol] or h.average_price) for h in holdings.all())
    return holdings.cash + sum(worth, Decimal(0))


def _answer(exchange: Exchange, points: Points, timeframe: str, base: Decimal) -> dict[str, Any]:
    gains = [float(equity - base) for _, equity in points]
    return {
        "timestamp": [moment // SECOND for moment, _ in points],
        "equity": [float(equity) for _, equity in points],
        "profit_loss": gains,
        "profit_loss_pct": [gain / float(base) if base else None for gain in gains],
        "base_value": float(base),
        "base_value_asof": as_datetime(exchange.time.now).date().isoformat(),
        "timeframe": timeframe,
        "cashflow": {},
    }
