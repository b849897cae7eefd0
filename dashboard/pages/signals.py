"""Signals: what the scan found, what was made of it, and why the rest was left."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html
from dash.development.base_component import Component
from sqlalchemy.orm import Session as Transaction

from dashboard.ahead import get_ahead
from dashboard.components import ids
from dashboard.components.figures import many
from dashboard.components.filters import choice, day_field, filter_bar, search_field
from dashboard.components.grids import (
    Column,
    gain_column,
    grid,
    number_column,
    row_details,
    text_column,
)
from dashboard.components.paging import paged_grid, rows_wanted
from dashboard.components.panels import panel
from dashboard.components.periods import why_empty
from dashboard.page import Address, Page
from dashboard.queries.records import CandidateRecord
from dashboard.queries.signal_chain import (
    SignalFilter,
    chain_rows,
    count_signals,
    read_signal_filter,
)
from dashboard.queries.signals import newest_ranged, range_rows
from dashboard.queries.versions import DEFAULTS
from dashboard.wire import plain
from dashboard.wording import BASES, CONFIDENCE, sentences
from engine.actions.permissions import Actor
from engine.desk import Desk
from models.vocabulary import Side, SignalStatus

SIGNALS = "signals-signals"
SIGNAL_COUNT = "signals-count"
NO_SIGNALS = "signals-none"
SHOWN = "signals-shown"
FILTERED = "signals-filtered"
FOLLOWED = "signals-followed"
SYMBOL = "signals-symbol"
SIDE = "signals-side"
STATUS = "signals-status"
FIRST = "signals-first"
LAST = "signals-last"
RANGES = "signals-ranges"
RANGE_COUNT = "signals-range-count"
NO_RANGES = "signals-no-ranges"

NONE_LIKE_THIS = "No signal is like this. Change or clear a filter to see others."
FILTERS = {"symbol": SYMBOL, "side": SIDE, "status": STATUS, "first": FIRST, "last": LAST}
OUTCOME_HEIGHT = 49  # of a row: three lines, for a sentence is to be read without a hover
PICTURE_HEIGHT = 46  # of a row: a candle must be told from a dash


def layout(_desk: Desk, _actor: Actor, address: Address) -> Component:
    """Return the empty page with the filters of the address."""
    said = {name: address.query.get(name, "") for name in FILTERS}
    get_ahead().begin(_ranges, *_days(said))
    filters = filter_bar(
        search_field(SYMBOL, "Symbol", said["symbol"], "All symbols"),
        choice(SIDE, "Side", Side, said["side"], "Long and short"),
        choice(STATUS, "Status", SignalStatus, said["status"], "Any status"),
        day_field(FIRST, "From (empty: one day)", said["first"]),
        day_field(LAST, "To (empty: today)", said["last"]),
    )
    signals = html.Div(
        paged_grid(
            SIGNALS, signal_columns(), suppressColumnVirtualisation=True, rowHeight=OUTCOME_HEIGHT
        ),
        className="rows-box signals-box",
    )
    ranges = grid(RANGES, range_columns(), row_id="params.data.symbol", rowHeight=PICTURE_HEIGHT)
    return html.Div(
        [
            panel(
                "Signals",
                filters,
                signals,
                row_details(SIGNALS),
                html.P(id=NO_SIGNALS, className="empty"),
                dcc.Store(id=SHOWN),
                html.Span(id=FILTERED, hidden=True),
                html.Span(id=FOLLOWED, hidden=True),
                aside=html.Span(id=SIGNAL_COUNT),
                name="signals",
            ),
            panel(
                "Opening ranges",
                html.Div(ranges, className="tall"),
                row_details(RANGES),
                html.P(id=NO_RANGES, className="empty"),
                aside=html.Span(id=RANGE_COUNT),
                name="ranges",
            ),
        ],
        className="page signals-page",
    )


def signal_columns() -> list[Column]:
    """Return the columns: the signal, its order, its fill, its exit, and how it ended."""
    fixed: Column = {"sortable": False}
    return [
        text_column("symbol", "Symbol", pinned="left", width=86, cellRenderer="TradeLink", **fixed),
        number_column("rank", "#", "count", width=46, **fixed),
        text_column("session", "Date", width=96, **fixed),
        text_column("side", "Side", width=70, cellRenderer="SideMark", **fixed),
        text_column("status", "Status", width=78, cellRenderer="StatusMark", **fixed),
        number_column("rvol", "RVOL", "times", width=62, **fixed),
        number_column(
            "confidence", "Conf.", "part", width=60, headerTooltip=f"{CONFIDENCE}.", **fixed
        ),
        number_column("entry_level", "Level", width=66, **fixed),
        number_column("planned_stop", "Stop", width=66, **fixed),
        number_column("quantity", "Qty", "count", width=56, **fixed),
        text_column("created_at", "Signal", width=74, valueFormatter=_clock(), cellClass="time"),
        _hop("to_order", "\N{RIGHTWARDS ARROW} sent", "From the signal to the order's sending", 70),
        _hop("to_answer", "\N{RIGHTWARDS ARROW} answer", "From sending to the broker's answer", 98),
        _hop("to_fill", "\N{RIGHTWARDS ARROW} fill", "From sending to the first fill", 84),
        _hop("to_exit", "\N{RIGHTWARDS ARROW} exit", "From the first fill to the last", 84),
        gain_column("pnl_r", "R", "gainR", width=86, **fixed),
        _versions(),
        _outcome(),
    ]


def _outcome() -> Column:
    """Show the code and sentence of what was refused, rejected or cancelled; or how it ended."""
    value = {"function": "outcome(params.data)"}
    return text_column(
        "outcome",
        "Outcome",
        flex=1,
        minWidth=168,
        valueGetter=value,
        tooltipValueGetter=value,
        cellClass="outcome",
        wrapText=True,
    )


def _versions() -> Column:
    """Show the versions of the settings that a signal was made and judged by."""
    meaning = f"Versions of the settings: strategy / risk; {DEFAULTS} is the defaults"
    value = {"function": "versions(params.data)"}
    return text_column(
        "versions",
        "Ver.",
        width=52,
        sortable=False,
        headerTooltip=meaning,
        valueGetter=value,
        tooltipValueGetter={"function": "versionsInWords(params.data)"},
    )


def _hop(field: str, header: str, meaning: str, width: int) -> Column:
    return number_column(
        field, header, "hop", "time", width=width, headerTooltip=meaning, sortable=False
    )


def range_columns() -> list[Column]:
    """Return the columns of the opening ranges."""
    return [
        number_column("rank", "#", "count", width=58),
        text_column("symbol", "Symbol", pinned="left", width=92, cellRenderer="SymbolLink"),
        {
            "headerName": "Bar",
            "colId": "picture",
            "width": 62,
            "cellRenderer": "Candle",
            "sortable": False,
        },
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


def range_line(row: CandidateRecord) -> dict[str, Any]:
    """Return a row for the table: codes joined, and their sentences for whoever asks for more."""
    record: dict[str, Any] = plain(row)
    record["failed"] = ", ".join(row.failed)
    record["why"] = sentences(row.failed)
    record["basis"] = BASES[row.rvol_basis] if row.rvol_basis else "No history to compare with"
    return record


def register_callbacks(app: Dash, desk: Desk) -> None:
    """Answer the table of signals, and show the ranges whenever there was a scan."""
    app.clientside_callback(
        ClientsideFunction("signals", "narrow"),
        Output(FILTERED, "children"),
        *(Input(field, "value") for field in FILTERS.values()),
    )
    app.clientside_callback(
        ClientsideFunction("signals", "follow"),
        Output(FOLLOWED, "children"),
        Input(ids.SIGNALS, "data"),
        Input(ids.POSITIONS, "data"),
    )
    app.clientside_callback(
        ClientsideFunction("signals", "empty"),
        Output(NO_SIGNALS, "children"),
        Output(NO_RANGES, "children"),
        Input(ids.SECOND, "n_intervals"),
        Input(SHOWN, "data"),
        Input(RANGE_COUNT, "children"),
    )
    _register_signals(app, desk)
    _register_ranges(app)


def _register_signals(app: Dash, desk: Desk) -> None:
    @app.callback(
        Output(SIGNALS, "getRowsResponse"),
        Output(SIGNAL_COUNT, "children"),
        Output(SHOWN, "data"),
        Input(SIGNALS, "getRowsRequest"),
        *(State(field, "value") for field in FILTERS.values()),
        prevent_initial_call=True,
    )
    def rows(request: dict[str, Any], *said: str | None) -> tuple[object, ...]:
        wanted = read_signal_filter(dict(zip(FILTERS, said, strict=True)))
        page = rows_wanted(request)
        with desk.db.read() as tx:
            count = count_signals(tx, desk, wanted)
            found = chain_rows(tx, desk, wanted, offset=page.offset, limit=page.limit)
        answer = {"rowData": plain(found), "rowCount": count}
        shown = {
            "count": count,
            "filtered": wanted != SignalFilter(),
            "why": why_empty(wanted.first, wanted.last, NONE_LIKE_THIS),
            "days": not wanted.is_today,
        }
        return answer, many(count, "signal") if count else "", shown


def _register_ranges(app: Dash) -> None:
    @app.callback(
        Output(RANGES, "rowData"),
        Output(RANGE_COUNT, "children"),
        Input(ids.SCAN, "data"),
        Input(FIRST, "value"),
        Input(LAST, "value"),
    )
    def ranges(
        _scanned_at: str | None, first: str | None, last: str | None
    ) -> tuple[list[dict[str, Any]], str]:
        rows = get_ahead().get(_ranges, *_days({"first": first, "last": last}))
        passed = sum(row.passed for row in rows)
        day = rows[0].session if rows else None
        count = f"{day:%b} {day.day}: {passed} passed, {len(rows)} shown" if day else ""
        return [range_line(row) for row in rows], count


def _days(said: Mapping[str, str | None]) -> tuple[date | None, date | None]:
    wanted = read_signal_filter({"first": said["first"], "last": said["last"]})
    return wanted.first, wanted.last


def _ranges(
    tx: Transaction, desk: Desk, first: date | None, last: date | None
) -> list[CandidateRecord]:
    """Return the opening ranges of the last day in a period that has any; of today without one."""
    if first is None and last is None:
        session = desk.session()
        return range_rows(tx, session.day if session else None)
    return range_rows(tx, newest_ranged(tx, first, last))


def _clock() -> dict[str, str]:
    return {"function": "clock(params.value)"}


PAGE = Page(path="/signals", title="Signals", layout=layout, register_callbacks=register_callbacks)
