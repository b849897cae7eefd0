"""The emergency stop: exactly what it would do now, asked twice, then done."""

from __future__ import annotations

from collections.abc import Sequence

import dash_bootstrap_components as dbc
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from dashboard.asking import say_asked
from dashboard.auth import current_actor
from dashboard.components import ids
from dashboard.components.dialogs import NO_REASON, Dialog
from dashboard.components.figures import dollars, many, price
from dashboard.components.panels import button
from dashboard.queries.orders import OrderRow, open_orders
from dashboard.queries.positions import PositionRow, open_trades, position_rows
from dashboard.queries.status import engine_trouble
from engine.actions import control
from engine.actions.permissions import Actor, Permission, may
from engine.desk import Desk
from models.vocabulary import OrderStatus, Side

BUTTON = "live-emergency"
SURE = "live-emergency-sure"
PLAN = "live-emergency-plan"
DUE = "live-emergency-due"
EMERGENCY = Dialog("emergency")
WAITS = "all but the first of this waits until one runs."


def layout(actor: Actor) -> html.Div:
    """Show the way out of everything, to those who may take it."""
    if not may(actor, Permission.EMERGENCY_STOP):
        return html.Div([html.Button(id=BUTTON), html.Button(id=EMERGENCY.confirm)], hidden=True)
    sure = dbc.Checkbox(id=SURE, label="I want all of this, now.", value=False, class_name="sure")
    steps = [dcc.Store(id=DUE), html.Ol(id=PLAN, className="plan")]
    question = EMERGENCY.layout("Emergency stop?", *steps, sure, does="Stop and close everything")
    return html.Div([button(BUTTON, "Emergency stop…", "danger outline"), question])


def register_callbacks(app: Dash, desk: Desk) -> None:
    """Open the question with its preview; do it once the person is sure."""
    EMERGENCY.register(app, opened_by=BUTTON)
    app.clientside_callback(
        ClientsideFunction("live", "is_sure"),
        Output(EMERGENCY.confirm, "disabled"),
        Input(SURE, "value"),
    )
    _register_preview(app, desk)
    _register_stop(app, desk)


def _register_preview(app: Dash, desk: Desk) -> None:
    app.clientside_callback(
        ClientsideFunction("live", "plan_due"),
        Output(DUE, "data"),
        Input(EMERGENCY.box, "is_open"),
        Input(ids.POSITIONS, "data"),
        prevent_initial_call=True,
    )

    @app.callback(
        Output(PLAN, "children"),
        Input(DUE, "data"),
        prevent_initial_call=True,
    )
    def preview(_due: float | None) -> Sequence[Component]:
        with desk.db.read() as tx:
            orders, held = open_orders(tx, desk), position_rows(tx, open_trades(tx, desk))
            trouble = engine_trouble(tx, desk)
        return plan(orders, held) + ([html.Li(f"{trouble}: {WAITS}")] if trouble else [])


def _register_stop(app: Dash, desk: Desk) -> None:
    @app.callback(
        Output(EMERGENCY.box, "is_open", allow_duplicate=True),
        Input(EMERGENCY.confirm, "n_clicks"),
        State(EMERGENCY.reason, "value"),
        State(SURE, "value"),
        prevent_initial_call=True,
    )
    def stop(
        clicks: int | None,
        reason: str | None,
        sure: bool | None,  # noqa: FBT001  # Dash's
    ) -> object:
        if not clicks or not sure:
            return no_update
        number = control.emergency_stop(desk, current_actor(), reason or NO_REASON)
        say_asked(
            desk,
            f"Emergency stop: the engine closes everything (command {number}).",
            f"nothing is cancelled or closed until one runs (command {number}). "
            "Trading is halted; cancel and close at the broker.",
        )
        return False


def plan(orders: list[OrderRow], held: list[PositionRow]) -> list[Component]:
    """Say what the stop would do now, in the order in which it does it."""
    return [
        html.Li("Throw the kill switch: no new order leaves the desk."),
        _step("Cancel", "working order", [_order(order) for order in orders]),
        _step("Close at the market", "position", [_position(row) for row in held]),
        html.Li("Ask the broker until nothing is held, and report it here."),
    ]


def _step(verb: str, noun: str, rows: list[str]) -> html.Li:
    if not rows:
        return html.Li(f"{verb} every {noun}: there is none now.")
    return html.Li([f"{verb} {many(len(rows), noun)}:", html.Ul([html.Li(row) for row in rows])])


def _order(order: OrderRow) -> str:
    left = order.quantity - order.filled_quantity
    at = order.stop_price or order.limit_price
    where = f" at {price(at)}" if at is not None else ""
    kind = order.type.replace("_", "-")
    status = "waits until its entry fills" if order.status is OrderStatus.HELD else order.status
    return f"{order.symbol} {order.purpose}: {kind} {order.side} {left:,}{where}, {status}"


def _position(row: PositionRow) -> str:
    verb = "sell" if row.side is Side.LONG else "buy back"
    value = row.quantity * (row.last or row.entry_price)
    return f"{verb} {row.quantity:,} {row.symbol}, about {dollars(value)}"
