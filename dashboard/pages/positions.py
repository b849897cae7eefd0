"""Positions: every round trip of every session, to be searched and narrowed down."""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, html
from dash.development.base_component import Component

from dashboard.components import ids
from dashboard.components.figures import many
from dashboard.components.filters import choice, day_field, filter_bar, search_field
from dashboard.components.paging import paged_grid, rows_wanted
from dashboard.components.panels import panel
from dashboard.components.trades import trade_columns, trade_record
from dashboard.page import Address, Page
from dashboard.queries.trades import TradeFilter, count_trades, read_filter, trade_lines
from engine.actions.permissions import Actor
from engine.desk import Desk
from models.vocabulary import Side, TradeStatus

GRID = "positions-grid"
COUNT = "positions-count"
EMPTY = "positions-empty"
FILTERED = "positions-filtered"
TICKED = "positions-ticked"
SYMBOL = "positions-symbol"
SIDE = "positions-side"
STATUS = "positions-status"
FIRST = "positions-first"
LAST = "positions-last"

FILTERS = {"symbol": SYMBOL, "side": SIDE, "status": STATUS, "first": FIRST, "last": LAST}


def layout(_desk: Desk, _actor: Actor, address: Address) -> Component:
    """Return the empty page with the filters of the address."""
    said = {name: address.query.get(name, "") for name in FILTERS}
    filters = filter_bar(
        search_field(SYMBOL, "Symbol", said["symbol"], "All symbols"),
        choice(SIDE, "Side", Side, said["side"], "Long and short"),
        choice(STATUS, "Status", TradeStatus, said["status"], "Open and closed"),
        day_field(FIRST, "From", said["first"]),
        day_field(LAST, "To", said["last"]),
    )
    table = html.Div(paged_grid(GRID, trade_columns()), className="tall rest")
    return html.Div(
        panel(
            "Positions",
            filters,
            table,
            html.P(id=EMPTY, className="empty"),
            html.Span(id=FILTERED, hidden=True),
            html.Span(id=TICKED, hidden=True),
            aside=html.Span(id=COUNT),
            name="list",
        ),
        className="page positions-page",
    )


def register_callbacks(app: Dash, desk: Desk) -> None:
    """Answer the table; ask it to begin anew when a filter changes or a trade opens or closes."""
    app.clientside_callback(
        ClientsideFunction("positions", "narrow"),
        Output(FILTERED, "children"),
        *(Input(field, "value") for field in FILTERS.values()),
    )
    app.clientside_callback(
        ClientsideFunction("positions", "follow"),
        Output(TICKED, "children"),
        Input(ids.POSITIONS, "data"),
        Input(ids.SECOND, "n_intervals"),
    )

    @app.callback(
        Output(GRID, "getRowsResponse"),
        Output(COUNT, "children"),
        Output(EMPTY, "children"),
        Input(GRID, "getRowsRequest"),
        *(State(field, "value") for field in FILTERS.values()),
        prevent_initial_call=True,
    )
    def rows(request: dict[str, Any], *said: str | None) -> tuple[object, object, object]:
        words = dict(zip(FILTERS, said, strict=True))
        wanted, page = read_filter(words), rows_wanted(request)
        with desk.db.read() as tx:
            count = count_trades(tx, desk, wanted)
            found = trade_lines(
                tx, desk, wanted, sort=page.sort, offset=page.offset, limit=page.limit
            )
        answer = {"rowData": [trade_record(row) for row in found], "rowCount": count}
        return answer, _count(count), "" if count else _why_none(words)


def _count(count: int) -> str:
    return "" if not count else many(count, "position")


def _why_none(words: dict[str, str | None]) -> str:
    if read_filter(words) != TradeFilter():
        return "No position is like this. Change or clear a filter to see others."
    return "Nothing has been traded yet: a position begins with the first fill of an entry."


PAGE = Page(
    path="/positions", title="Positions", layout=layout, register_callbacks=register_callbacks
)
