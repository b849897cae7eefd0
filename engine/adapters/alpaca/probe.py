"""Finds out whether an account takes entries that carry a stop, far from the market."""

from __future__ import annotations

from decimal import Decimal

from engine.adapters.alpaca.governor import Urgency
from engine.adapters.alpaca.http import AlpacaHttp
from engine.adapters.alpaca.wire import order_body
from engine.desk import Probe
from engine.errors import BrokerRejectedError
from models.broker import AttachedStop, OrderRequest
from models.money import exact
from models.vocabulary import OrderType, Side

FAR = Decimal("0.1")  # the entry is a tenth beyond the market, where one share will not trade


def probe(http: AlpacaHttp, symbol: str, price: Decimal, name: str) -> list[Probe]:
    """Place, read back and cancel one share with a stop on each side."""
    return [_probe(http, _request(symbol, price, side, f"{name}-{side}"), side) for side in Side]


def _request(symbol: str, price: Decimal, side: Side, name: str) -> OrderRequest:
    entry = price * (1 + side.sign * FAR)
    stop = price * (1 - side.sign * FAR)  # on the right side of the market as well
    attached = AttachedStop(
        client_order_id=f"{name}-stop",
        stop_price=exact(stop),
        offset=exact(abs(entry - stop)),
        tick_size=Decimal("0.01"),
    )
    return OrderRequest(
        client_order_id=name,
        symbol=symbol,
        side=side.entry,
        quantity=1,
        type=OrderType.STOP,
        stop_price=exact(entry),
        attached_stop=attached,
    )


def _probe(http: AlpacaHttp, request: OrderRequest, side: Side) -> Probe:
    try:
        placed = http.post("/orders", order_body(request), Urgency.ENTRY)
    except BrokerRejectedError as no:
        return Probe(side, accepts=False, detail=no.sentence)
    try:
        seen = http.get(f"/orders/{placed['id']}", {"nested": "true"})
    finally:
        http.delete(f"/orders/{placed['id']}")
    legs = [leg.get("status") for leg in seen.get("legs") or ()]
    taken = seen.get("status") in {"new", "accepted", "pending_new"} and len(legs) == 1
    detail = f"{request.symbol}: entry {seen.get('status')}, stop {', '.join(map(str, legs))}"
    return Probe(side, accepts=taken, detail=detail)
