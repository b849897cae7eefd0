"""The open positions, each with a way to close it."""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from dashboard.auth import current_actor
from dashboard.components import ids
from dashboard.components.dialogs import NO_REASON, Dialog
from dashboard.components.grids import Column, gain_column, grid, number_column, text_column
from dashboard.components.panels import panel
from dashboard.components.toasts import say
from engine.actions import control
from engine.desk import Desk

GRID = "live-positions"
COUNT = "live-position-count"
EMPTY = "live-no-positions"
TICKED = "live-ages"
ASKED = "live-close"  # which position is to be closed, from its button
CLOSE_TEXT = "live-close-text"
CLOSE = Dialog("close")
# What stands on a price tells how old it is, and does not look live when it is not.
AGED: Column = {
    "cellClassRules": {"old": "isOld(params.data)"},
    "tooltipValueGetter": {"function": "priceOf(params.data)"},
}


def columns() -> list[Column]:
    """Return the columns; the ages are computed in the browser, each second."""
    return [
        text_column("symbol", "Symbol", pinned="left", width=84, cellRenderer="PositionLink"),
        text_column("side", "Side", width=82, cellRenderer="SideMark"),
        number_column("quantity", "Qty", "count", width=72),
        number_column("entry_price", "Entry", width=88),
        number_column(
            "last", "Last", "price", "last", width=88, enableCellChangeFlash=True, **AGED
        ),
        number_column("stop_price", "Stop", width=88),
        number_column("stop_r", "To stop", "multiple", width=84, **AGED),
        gain_column("pnl", "P&L $", minWidth=114, flex=1, **AGED),
        gain_column("pnl_r", "P&L R", "gainR", width=94, **AGED),
        _age_column(),
        _protection_column(),
        _close_column(),
    ]


def layout() -> html.Section:
    """Show the panel, empty."""
    empty = html.P(id=EMPTY, className="empty")
    table = grid(
        GRID,
        columns(),
        row_id="params.data.id + ''",
        domLayout="autoHeight",
    )
    count = html.Span(id=COUNT)
    ticked = html.Span(id=TICKED, hidden=True)
    asked = dcc.Store(id=ASKED)
    return panel("Positions", table, empty, ticked, asked, aside=count, name="positions")


def dialogs() -> list[Component]:
    """Show the question before closing, closed."""
    return [CLOSE.layout("Close this position?", html.P(id=CLOSE_TEXT), does="Close position")]


def register_callbacks(app: Dash, desk: Desk) -> None:
    """Fill the table from the feed; ask before closing; tell the engine."""
    app.clientside_callback(
        ClientsideFunction("live", "positions"),
        Output(GRID, "rowData"),
        Output(GRID, "rowTransaction"),
        Output(COUNT, "children"),
        Input(ids.POSITIONS, "data"),
    )
    app.clientside_callback(
        ClientsideFunction("live", "tick"),
        Output(EMPTY, "children"),
        Input(ids.SECOND, "n_intervals"),
    )
    app.clientside_callback(
        ClientsideFunction("live", "ask_close"),
        Output(CLOSE.box, "is_open"),
        Output(CLOSE_TEXT, "children"),
        Input(ASKED, "data"),
        Input(CLOSE.cancel, "n_clicks"),
        prevent_initial_call=True,
    )

    @app.callback(
        Output(CLOSE.box, "is_open", allow_duplicate=True),
        Output(CLOSE.reason, "value"),
        Input(CLOSE.confirm, "n_clicks"),
        State(ASKED, "data"),
        State(CLOSE.reason, "value"),
        prevent_initial_call=True,
    )
    def close(
        clicks: int | None, asked: dict[str, Any] | None, reason: str | None
    ) -> tuple[object, object]:
        if not clicks or not asked:
            return no_update, no_update
        number = control.close_position(
            desk, current_actor(), int(asked["id"]), reason or NO_REASON
        )
        say(f"The engine closes {asked['symbol']} (command {number}).")
        return False, ""


def _close_column() -> Column:
    """Keep the way out in view, however narrow the window."""
    return {
        "headerName": "Close",
        "colId": "close",
        "sortable": False,
        "width": 80,
        "pinned": "right",
        "cellRenderer": "CloseButton",
    }


def _age_column() -> Column:
    return {
        "colId": "age",
        "headerName": "Age",
        "width": 74,
        "type": "rightAligned",
        "valueGetter": {"function": "ageOf(params.data.opened_at)"},
        "valueFormatter": {"function": "brief(params.value)"},
    }


def _protection_column() -> Column:
    return {
        "colId": "protection",
        "headerName": "Stop live",
        "headerTooltip": "Whether a live stop covers every share, and for how long it did not",
        "width": 96,
        "valueGetter": {"function": "protection(params.data)"},
        "cellClass": {"function": "params.data.is_protected ? 'covered' : 'naked'"},
    }
