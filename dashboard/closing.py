"""Closing one position by hand: asked with a reason, then told to the engine.

Pages that show open positions take the question in; it is asked when they fill the store.
"""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from dashboard.asking import say_asked
from dashboard.auth import current_actor
from dashboard.components.dialogs import NO_REASON, Dialog
from engine.actions import control
from engine.desk import Desk

ASKED = "close-asked"  # which position is to be closed, from its button
TEXT = "close-text"
CLOSE = Dialog("close")


def question() -> list[Component]:
    """Show the question before closing, closed, and the store that opens it."""
    asked = CLOSE.layout("Close this position?", html.P(id=TEXT), does="Close position")
    return [dcc.Store(id=ASKED), asked]


def register_callbacks(app: Dash, desk: Desk) -> None:
    """Ask before closing; tell the engine."""
    app.clientside_callback(
        ClientsideFunction("live", "ask_close"),
        Output(CLOSE.box, "is_open"),
        Output(TEXT, "children"),
        Input(ASKED, "data"),
        Input(CLOSE.cancel, "n_clicks"),
        prevent_initial_call=True,
    )
    CLOSE.register_emptying(app)

    @app.callback(
        Output(CLOSE.box, "is_open", allow_duplicate=True),
        Input(CLOSE.confirm, "n_clicks"),
        State(ASKED, "data"),
        State(CLOSE.reason, "value"),
        prevent_initial_call=True,
    )
    def close(clicks: int | None, asked: dict[str, Any] | None, reason: str | None) -> object:
        if not clicks or not asked:
            return no_update
        number = control.close_position(
            desk, current_actor(), int(asked["id"]), reason or NO_REASON
        )
        symbol = asked["symbol"]
        say_asked(
            desk,
            f"The engine closes {symbol} (command {number}).",
            f"{symbol} is NOT closed until one runs (command {number}). "
            "Close it at the broker if it cannot wait.",
        )
        return False
