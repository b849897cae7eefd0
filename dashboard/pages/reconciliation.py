"""Reconciliation: where the books differ, for how long, and what was done about it by rule."""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from dashboard.components import ids
from dashboard.components.grids import Column, gain_column, grid, number_column, text_column
from dashboard.components.panels import panel
from dashboard.page import Address, Page
from dashboard.queries.reconciliation import DayTie, DifferenceLine, day_ties, difference_lines
from dashboard.wire import plain
from engine.actions.permissions import Actor
from engine.desk import Desk
from models.vocabulary import DifferenceStatus

DUE = "reconciliation-due"
DIFFERENCES = "reconciliation-differences"
COUNT = "reconciliation-count"
NONE = "reconciliation-none"
DAYS = "reconciliation-days"
DAY_COUNT = "reconciliation-day-count"
NO_DAYS = "reconciliation-no-days"

WAITING = "Waiting for the desk…"


def layout(_desk: Desk, _actor: Actor, _address: Address) -> Component:
    """Return the empty page."""
    differences = grid(DIFFERENCES, difference_columns(), row_id="params.data.id + ''")
    days = grid(DAYS, day_columns(), row_id="params.data.session")
    return html.Div(
        [
            dcc.Store(id=DUE),
            panel(
                "Differences",
                html.Div(differences, className="table-box"),
                html.P(id=NONE, className="empty"),
                aside=html.Span(id=COUNT),
                name="differences is-empty",  # until its rows come: most days none do
            ),
            panel(
                "Each day against the broker's equity",
                html.Div(days, className="rows-box"),
                html.P(id=NO_DAYS, className="empty"),
                aside=html.Span(id=DAY_COUNT),
                name="days is-empty",
            ),
        ],
        className="page reconciliation-page",
    )


def difference_columns() -> list[Column]:
    """Return the columns of the differences; the age of one that stands grows by itself."""
    age = {
        "colId": "age",
        "headerName": "Stood for",
        "width": 110,
        "type": "rightAligned",
        "valueGetter": {"function": "standing(params.data)"},
        "valueFormatter": {"function": "lasted(params.value)"},
    }
    return [
        text_column("status", "Status", pinned="left", width=120, cellRenderer="StatusMark"),
        text_column("code", "Code", width=150, cellClass="code"),
        text_column("sentence", "What differs", flex=2, minWidth=280, tooltipField="sentence"),
        text_column("resolution", "What was done", flex=1, minWidth=200, tooltipField="resolution"),
        age,
        _moment("found_at", "Found"),
        _moment("seen_at", "Last seen"),
        _moment("ended_at", "Ended"),
    ]


def day_columns() -> list[Column]:
    """Return the columns of the days."""
    return [
        text_column("session", "Date", pinned="left", width=112),
        text_column("verdict", "Verdict", width=150, cellClass="code"),
        number_column("starting_equity", "Equity at the open", width=160),
        number_column("ending_equity", "At the close", width=140),
        gain_column("change", "Change", minWidth=130, flex=1),
        gain_column("pnl", "P&L of our fills", minWidth=140, flex=1),
        number_column("residual", "Unexplained", width=124),
        number_column("trades", "Trades", "count", width=90),
        number_column("naked_seconds", "No stop", "lasted", width=100),
    ]


def difference_record(row: DifferenceLine) -> dict[str, Any]:
    """Return a row for the table."""
    record: dict[str, Any] = plain(row)
    return record


def day_record(row: DayTie) -> dict[str, Any]:
    """Return a row for the table, with what is to be made of it."""
    flat = "flat" if row.flat else "NOT FLAT"
    verdict = f"{flat}, {'agrees' if row.reconciled else 'DIFFERS'}"
    record: dict[str, Any] = {**plain(row), "verdict": verdict}
    return record


def register_callbacks(app: Dash, desk: Desk) -> None:
    """Read both lists whenever the journal tells of a reconciliation or a day's end."""
    app.clientside_callback(
        ClientsideFunction("reconciliation", "due"),
        Output(DUE, "data"),
        Input(ids.LINKED, "data"),
        Input(ids.LOGS, "data"),
        State(DUE, "data"),
    )
    app.clientside_callback(
        ClientsideFunction("reconciliation", "tick"),
        Output(COUNT, "title"),
        Input(ids.SECOND, "n_intervals"),
        Input(NONE, "children"),
        Input(NO_DAYS, "children"),
    )

    @app.callback(
        Output(DIFFERENCES, "rowData"),
        Output(COUNT, "children"),
        Output(NONE, "children"),
        Output(DAYS, "rowData"),
        Output(DAY_COUNT, "children"),
        Output(NO_DAYS, "children"),
        Input(DUE, "data"),
    )
    def show(due: str | None) -> tuple[object, ...]:
        if due is None:
            return (no_update, "", WAITING, no_update, "", WAITING)
        with desk.db.read() as tx:
            differences, days = difference_lines(tx, desk), day_ties(tx, desk)
        return (
            [difference_record(row) for row in differences],
            _count(differences),
            "" if differences else "The desk's books and the broker's have never differed.",
            [day_record(row) for row in days],
            f"{sum(day.reconciled for day in days)} of {len(days)} agree" if days else "",
            "" if days else "No day is over yet: each is compared after its close.",
        )


def _count(differences: list[DifferenceLine]) -> str:
    standing = sum(row.status is not DifferenceStatus.RESOLVED for row in differences)
    return f"{standing} standing, {len(differences) - standing} resolved" if differences else ""


def _moment(field: str, header: str) -> Column:
    form = {"function": "moment(params.value)"}
    return text_column(field, header, width=128, valueFormatter=form, cellClass="time")


PAGE = Page(
    path="/reconciliation",
    title="Reconciliation",
    layout=layout,
    register_callbacks=register_callbacks,
)
