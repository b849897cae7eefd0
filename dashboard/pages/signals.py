"""Signals: what the scan found, what was made of it, and why the rest was left."""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, html
from dash.development.base_component import Component

from dashboard.components import ids
from dashboard.components.grids import Column, grid, number_column, text_column
from dashboard.components.panels import panel
from dashboard.page import Address, Page
from dashboard.queries.signals import RangeRow, range_rows
from dashboard.wire import plain
from dashboard.wording import BASES, sentences
from engine.actions.permissions import Actor
from engine.desk import Desk

SIGNALS = "signals-signals"
SIGNAL_COUNT = "signals-count"
NO_SIGNALS = "signals-none"
RANGES = "signals-ranges"
RANGE_COUNT = "signals-range-count"
NO_RANGES = "signals-no-ranges"


def layout(_desk: Desk, _actor: Actor, _address: Address) -> Component:
    """Return the empty page."""
    signals = grid(
        SIGNALS,
        signal_columns(),
        row_id="params.data.id + ''",
        domLayout="autoHeight",
    )
    ranges = grid(RANGES, range_columns(), row_id="params.data.symbol")
    return html.Div(
        [
            panel(
                "Signals today",
                signals,
                html.P(id=NO_SIGNALS, className="empty"),
                aside=html.Span(id=SIGNAL_COUNT),
                name="signals",
            ),
            panel(
                "Opening ranges",
                html.Div(ranges, className="tall"),
                html.P(id=NO_RANGES, className="empty"),
                aside=html.Span(id=RANGE_COUNT),
                name="ranges",
            ),
        ],
        className="page signals-page",
    )


def signal_columns() -> list[Column]:
    """Return the columns of the signals."""
    return [
        number_column("rank", "#", "count", width=58),
        text_column("symbol", "Symbol", pinned="left", width=92, cellRenderer="SymbolLink"),
        text_column("side", "Side", width=86, cellRenderer="SideMark"),
        text_column("status", "Status", width=112, cellRenderer="StatusMark"),
        number_column("rvol", "RVOL", "times", width=88),
        number_column("confidence", "Conf.", "part", width=80),
        number_column("entry_level", "Entry level", width=108),
        number_column("planned_stop", "Stop", width=96),
        number_column("quantity", "Qty", "count", width=80),
        text_column("code", "Code", width=124, cellClass="code"),
        text_column("sentence", "Why", flex=1, minWidth=220, tooltipField="sentence"),
        text_column("updated_at", "Updated", width=98, valueFormatter=_clock(), cellClass="time"),
    ]


def range_columns() -> list[Column]:
    """Return the columns of the opening ranges."""
    return [
        number_column("rank", "#", "count", width=58),
        text_column("symbol", "Symbol", pinned="left", width=92, cellRenderer="SymbolLink"),
        text_column("direction", "Dir.", width=86, cellRenderer="DirectionMark"),
        number_column("rvol", "RVOL", "times", width=88, tooltipField="basis"),
        number_column("atr14", "ATR 14", width=88),
        number_column("open", "OR open", width=94),
        number_column("high", "OR high", width=94),
        number_column("low", "OR low", width=94),
        number_column("close", "OR close", width=94),
        number_column("volume", "OR volume", "count", width=110),
        number_column("entry_level", "Entry level", width=108),
        number_column("stop_distance", "Stop dist.", width=98),
        text_column(
            "failed", "Left out because", flex=1, minWidth=160, tooltipField="why", cellClass="code"
        ),
        text_column("feed", "Feed", width=90, cellClass="code"),
    ]


def range_record(row: RangeRow) -> dict[str, Any]:
    """Return a row for the table: codes joined, and their sentences for whoever hovers."""
    record: dict[str, Any] = plain(row)
    record["failed"] = ", ".join(row.failed)
    record["why"] = sentences(row.failed)
    record["basis"] = BASES[row.rvol_basis] if row.rvol_basis else "No history to compare with"
    return record


def register_callbacks(app: Dash, desk: Desk) -> None:
    """Fill the signals from the feed, and the ranges whenever there was a scan."""
    app.clientside_callback(
        ClientsideFunction("signals", "rows"),
        Output(SIGNALS, "rowData"),
        Output(SIGNALS, "rowTransaction"),
        Output(SIGNAL_COUNT, "children"),
        Input(ids.SIGNALS, "data"),
    )
    app.clientside_callback(
        ClientsideFunction("signals", "empty"),
        Output(NO_SIGNALS, "children"),
        Output(NO_RANGES, "children"),
        Input(ids.SECOND, "n_intervals"),
    )

    @app.callback(
        Output(RANGES, "rowData"), Output(RANGE_COUNT, "children"), Input(ids.SCAN, "data")
    )
    def ranges(_scanned_at: str | None) -> tuple[list[dict[str, Any]], str]:
        session = desk.session()
        with desk.db.read() as tx:
            rows = range_rows(tx, session.day if session else None)
        passed = sum(row.passed for row in rows)
        count = f"{passed} passed, {len(rows)} shown" if rows else ""
        return [range_record(row) for row in rows], count


def _clock() -> dict[str, str]:
    return {"function": "clock(params.value)"}


PAGE = Page(path="/signals", title="Signals", layout=layout, register_callbacks=register_callbacks)
