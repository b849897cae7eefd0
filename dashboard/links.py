"""Ways from a fact of the journal to what it concerns: `/go/order/12` and the like.

A page asks for the way as JSON and goes there by itself, so that its feed stays connected.
"""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

from flask import Flask, abort, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from models.database import Database
from models.trading import Order, Signal, Trade

SIGNALS = "/signals"


def mount_links(server: Flask, db: Database) -> None:
    """Add the ways."""

    @server.get("/go/<any(order, signal):kind>/<int:number>")
    def go(kind: str, number: int) -> ResponseReturnValue:
        with db.read() as tx:
            place = _of_order(tx, number) if kind == "order" else _of_signal(tx, number)
        if place is None:
            abort(404)
        is_asked = request.accept_mimetypes.best == "application/json"
        return {"to": place} if is_asked else redirect(place, 303)


def _of_order(tx: Transaction, number: int) -> str | None:
    order = tx.get(Order, number)
    if order is None:
        return None
    if order.trade_id is not None:
        return f"/positions/{order.trade_id}"
    signal = order.signal_id and _of_signal(tx, order.signal_id)
    return signal or _signals(order.symbol, order.session)


def _of_signal(tx: Transaction, number: int) -> str | None:
    """Return the position that a signal became, or else where it stands among its day's."""
    trade = tx.scalar(select(Trade.id).where(Trade.signal_id == number).limit(1))
    if trade is not None:
        return f"/positions/{trade}"
    signal = tx.get(Signal, number)
    return _signals(signal.symbol, signal.session) if signal is not None else None


def _signals(symbol: str, day: date) -> str:
    return f"{SIGNALS}?{urlencode({'symbol': symbol, 'first': day, 'last': day})}"
