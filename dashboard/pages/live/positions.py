"""The open positions, each with a way to close it."""

from __future__ import annotations

from dash import ClientsideFunction, Dash, Input, Output, html

from dashboard.components import ids
from dashboard.components.grids import AGED, Column, gain_column, grid, number_column, text_column
from dashboard.components.panels import panel
from engine.actions.permissions import Actor, Permission, may

GRID = "live-positions"
COUNT = "live-position-count"
EMPTY = "live-no-positions"
TICKED = "live-ages"


def columns(*, may_close: bool) -> list[Column]:
    """Return the columns; the ages are computed in the browser, each second."""
    close = [_close_column()] if may_close else []
    return [
        text_column("symbol", "Symbol", pinned="left", width=76, cellRenderer="PositionLink"),
        text_column("side", "Side", cellRenderer="SideMark", **_at_least(70)),
        number_column("quantity", "Qty", "count", **_at_least(68)),
        number_column("entry_price", "Entry", **_at_least(80)),
        number_column(
            "last", "Last", "price", "last", enableCellChangeFlash=True, **AGED, **_at_least(80)
        ),
        number_column("stop_price", "Stop", **_at_least(80)),
        number_column("stop_r", "To stop", "multiple", **AGED, **_at_least(78)),
        gain_column("pnl", "P&L $", **AGED, **_at_least(114)),
        gain_column("pnl_r", "P&L R", "gainR", **AGED, **_at_least(92)),
        _age_column(),
        _protection_column(),
        *close,
    ]


def _at_least(width: int) -> Column:
    """Let it grow with the window, all in proportion; the least widths fit into 1024 pixels."""
    return {"minWidth": width, "flex": width}


def layout(actor: Actor) -> html.Section:
    """Show the panel, empty; who may not close a position is offered no way to."""
    empty = html.P(id=EMPTY, className="empty")
    table = grid(
        GRID,
        columns(may_close=may(actor, Permission.CLOSE_POSITION)),
        row_id="params.data.id + ''",
        domLayout="autoHeight",
    )
    count = html.Span(id=COUNT)
    ticked = html.Span(id=TICKED, hidden=True)
    return panel("Positions", table, empty, ticked, aside=count, name="positions")


def register_callbacks(app: Dash) -> None:
    """Fill the table from the feed."""
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


def _close_column() -> Column:
    """Keep the way out in view, however narrow the window."""
    return {
        "headerName": "Close",
        "colId": "close",
        "sortable": False,
        "width": 76,
        "pinned": "right",
        "cellRenderer": "CloseButton",
    }


def _age_column() -> Column:
    return {
        "colId": "age",
        "headerName": "Age",
        **_at_least(60),
        "type": "rightAligned",
        "valueGetter": {"function": "ageOf(params.data.opened_at)"},
        "valueFormatter": {"function": "brief(params.value)"},
    }


def _protection_column() -> Column:
    return {
        "colId": "protection",
        "headerName": "Stop live",
        "headerTooltip": "Whether a live stop covers every share, and for how long none did",
        **_at_least(94),
        "valueGetter": {"function": "protection(params.data)"},
        "cellClass": {"function": "params.data.is_protected ? 'covered' : 'naked'"},
    }
