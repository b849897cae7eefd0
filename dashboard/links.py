"""Ways from a fact of the journal to what it concerns: `/go/order/12` and the like."""

from __future__ import annotations

from flask import Flask, abort, redirect
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
        return redirect(place, 303) if place else abort(404)


def _of_order(tx: Transaction, number: int) -> str | None:
    order = tx.get(Order, number)
    if order is None:
        return None
    if order.trade_id is not None:
        return f"/positions/{order.trade_id}"
    return _of_signal(tx, order.signal_id) if order.signal_id is not None else SIGNALS


def _of_signal(tx: Transaction, number: int) -> str | None:
    """Return the position that a signal became, or else where today's signals stand."""
    trade = tx.scalar(select(Trade.id).where(Trade.signal_id == number).limit(1))
    if trade is not None:
        return f"/positions/{trade}"
    return SIGNALS if tx.get(Signal, number) is not None else None
