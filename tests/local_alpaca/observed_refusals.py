"""How to bring about each refusal that was observed at Alpaca, and what it says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.local_alpaca import Asset, LocalAlpaca
from tests.local_alpaca.conftest import Client
from tests.local_alpaca.played_days import minute

LEGS: dict[str, Any] = {"take_profit": {"limit_price": "105"}, "stop_loss": {"stop_price": "99"}}
BUY_STOP = {"type": "stop", "stop_price": "101"}
SELL_STOP = {"side": "sell", "type": "stop", "stop_price": "99"}

Answer = tuple[int, dict[str, Any]]
Act = Callable[[LocalAlpaca, Client], Answer]


@dataclass(frozen=True, slots=True)
class Observed:
    """One refusal: its name in the list of observed ones, its answer, and what leads to it."""

    name: str
    status: int
    code: int | None
    message: str
    act: Act


def hold_shares(broker: LocalAlpaca, client: Client) -> None:
    """Buy ten shares, which fill on the next bar."""
    client.placed()
    broker.advance_to(minute(6))


def _crosses_a_stop(_broker: LocalAlpaca, client: Client) -> Answer:
    client.placed(**BUY_STOP)
    return client.place(**SELL_STOP)


def _crosses_a_limit(_broker: LocalAlpaca, client: Client) -> Answer:
    client.placed(type="limit", limit_price="99.9")
    return client.place(side="sell", type="limit", limit_price="99.8")


def _sells_twice(broker: LocalAlpaca, client: Client) -> Answer:
    hold_shares(broker, client)
    client.placed(**SELL_STOP)
    return client.place(side="sell")


def _repeats_an_open_order(_broker: LocalAlpaca, client: Client) -> Answer:
    client.placed(**BUY_STOP, client_order_id="mine")
    return client.place(**BUY_STOP, client_order_id="mine")


def _repeats_a_cancelled_order(_broker: LocalAlpaca, client: Client) -> Answer:
    client.cancel(client.placed(**BUY_STOP, client_order_id="mine")["id"])
    return client.place(**BUY_STOP, client_order_id="mine")


def _shorts_what_cannot_be_borrowed(broker: LocalAlpaca, client: Client) -> Answer:
    broker.exchange.assets.put(Asset(symbol="AAA", shortable=False))
    return client.place(**SELL_STOP)


def _keeps_a_hard_borrow(broker: LocalAlpaca, client: Client) -> Answer:
    broker.exchange.assets.put(Asset(symbol="AAA", easy_to_borrow=False))
    return client.place(**SELL_STOP, time_in_force="gtc")


def _adds_with_a_bracket(broker: LocalAlpaca, client: Client) -> Answer:
    hold_shares(broker, client)
    return client.place(**BUY_STOP, order_class="bracket", **LEGS)


def _trades_in_a_halt(broker: LocalAlpaca, client: Client) -> Answer:
    broker.halt("AAA")
    return client.place()


def _has_the_wrong_key(_broker: LocalAlpaca, client: Client) -> Answer:
    client.session.headers["APCA-API-KEY-ID"] = "wrong"
    return _get(client, "/v2/account")


def _asks_too_often(_broker: LocalAlpaca, client: Client) -> Answer:
    for _ in range(200):
        client.get("/v2/clock")
    return _get(client, "/v2/clock")


def _get(client: Client, path: str) -> Answer:
    answer = client.ask("GET", path)
    return answer.status_code, answer.json()


def _placing(**words: Any) -> Act:
    return lambda _broker, client: client.place(**words)


def _getting(path: str) -> Act:
    return lambda _broker, client: _get(client, path)


_OTO: dict[str, Any] = {"order_class": "oto", "stop_loss": {"stop_price": "100"}}
_HALF_A_BRACKET: dict[str, Any] = {"order_class": "bracket", "stop_loss": LEGS["stop_loss"]}
_WASH = "potential wash trade detected. use complex orders"
_POSITION = "/v2/positions/AAA"
_NAMED = "/v2/orders:by_client_order_id?client_order_id=nothing"

OBSERVED = (
    Observed(
        "insufficient_buying_power",
        403,
        40310000,
        "insufficient buying power",
        _placing(qty="5000"),
    ),
    Observed("wash_trade", 403, 40310000, _WASH, _crosses_a_stop),
    Observed("wash_trade_limit_cross", 403, 40310000, _WASH, _crosses_a_limit),
    Observed(
        "insufficient_qty_held",
        403,
        40310000,
        "insufficient qty available for order (requested: 10, available: 0)",
        _sells_twice,
    ),
    Observed(
        "duplicate_client_order_id_open",
        422,
        42210000,
        "client_order_id must be unique",
        _repeats_an_open_order,
    ),
    Observed(
        "duplicate_client_order_id_terminal",
        422,
        40010001,
        "client_order_id must be unique",
        _repeats_a_cancelled_order,
    ),
    Observed(
        "not_shortable",
        422,
        42210000,
        'asset "AAA" cannot be sold short',
        _shorts_what_cannot_be_borrowed,
    ),
    Observed(
        "htb_day_only",
        422,
        42210000,
        'only day orders are allowed for hard-to-borrow asset "AAA"',
        _keeps_a_hard_borrow,
    ),
    Observed(
        "fractional_short",
        422,
        42210000,
        "fractional orders cannot be sold short",
        _placing(side="sell", qty="1.5"),
    ),
    Observed(
        "sub_penny",
        422,
        42210000,
        "invalid stop_price 290.123. sub-penny increment does not fulfill minimum pricing criteria",
        _placing(type="stop", stop_price="290.123"),
    ),
    Observed(
        "sl_base_price_buy",
        422,
        42210000,
        "stop_loss.stop_price must be <= base_price - 0.01",
        _placing(**BUY_STOP, **_OTO),
    ),
    Observed(
        "sl_base_price_sell",
        422,
        42210000,
        "stop_loss.stop_price must be >= base_price + 0.01",
        _placing(**SELL_STOP, **_OTO),
    ),
    Observed(
        "stop_wrong_side_sell",
        422,
        42210000,
        "stop price must be less than current price",
        _placing(side="sell", type="stop", stop_price="100"),
    ),
    Observed(
        "bracket_not_entry",
        422,
        42210000,
        "bracket orders must be entry orders",
        _adds_with_a_bracket,
    ),
    Observed(
        "bracket_missing_tp",
        422,
        42210000,
        "bracket orders require take_profit.limit_price",
        _placing(**BUY_STOP, **_HALF_A_BRACKET),
    ),
    Observed(
        "halt_market_order",
        422,
        42210000,
        'market order rejected due to trading halt on symbol: "AAA", please place a limit '
        "order instead",
        _trades_in_a_halt,
    ),
    Observed(
        "asset_not_found",
        422,
        42210000,
        'asset "ZZZZNOTREAL" not found',
        _placing(symbol="ZZZZNOTREAL"),
    ),
    Observed("order_not_found", 404, 40410000, "order not found for nothing", _getting(_NAMED)),
    Observed(
        "position_not_found",
        404,
        40410000,
        "position does not exist",
        _getting(_POSITION),
    ),
    Observed("unauthorized", 401, None, "unauthorized.", _has_the_wrong_key),
    Observed("rate_limited_trading", 429, 42910000, "rate limit exceeded", _asks_too_often),
)
