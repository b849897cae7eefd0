"""History: what a period came to, in figures, curves, days and trades."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from dashboard.ahead import get_ahead
from dashboard.components import ids
from dashboard.components.charts import chart
from dashboard.components.figures import many
from dashboard.components.filters import choice, day_field, filter_bar, search_field
from dashboard.components.groups import draw_groups, group_box, group_rows
from dashboard.components.paging import paged_grid, rows_wanted
from dashboard.components.panels import panel
from dashboard.components.periods import period_field, register_period, why_empty
from dashboard.components.trades import trade_columns, trade_record
from dashboard.components.versions import version_fields
from dashboard.page import Address, Page
from dashboard.pages.history.calendar import calendar
from dashboard.pages.history.curves import cumulative_figure, drawdown_figure
from dashboard.pages.history.figures import conventions, metrics
from dashboard.queries.analytics import BY, grouped_by
from dashboard.queries.history import closed_only, history_view
from dashboard.queries.trades import count_trades, read_filter, trade_lines
from dashboard.queries.traits import HOURS, RVOLS, UNKNOWN, WEEKDAYS
from engine.actions.permissions import Actor
from engine.desk import Desk
from models.vocabulary import ExitReason, Side

METRICS = "history-metrics"
CUMULATIVE = "history-cumulative"
DRAWDOWN = "history-drawdown"
CALENDAR = "history-calendar"
WEEKS = "history-weeks"
EMPTY = "history-empty"
DUE = "history-due"
GRID = "history-trades"
BOX = "history-rows"
COUNT = "history-count"
CSV = "history-csv"
JSON = "history-json"
PERIOD = "history-period"
FIRST = "history-first"
LAST = "history-last"
SYMBOL = "history-symbol"
SIDE = "history-side"
REASON = "history-reason"
STRATEGY = "history-strategy"
RISK = "history-risk"
HOUR = "history-hour"
WEEKDAY = "history-weekday"
RVOL = "history-rvol"
GROUP = "history-group"
GROUPS = "history-groups"
GROUPED = "history-grouped"
NO_TRADES = "history-no-trades"
NOTHING = "No finished trade is in this period, or like this."

FILTERS = {
    "first": FIRST,
    "last": LAST,
    "symbol": SYMBOL,
    "side": SIDE,
    "reason": REASON,
    "strategy": STRATEGY,
    "risk": RISK,
    "hour": HOUR,
    "weekday": WEEKDAY,
    "rvol": RVOL,
}
IN_COMMON = ("hour", "weekday", "rvol")


def layout(desk: Desk, _actor: Actor, address: Address) -> Component:
    """Return the empty page with the filters of the address."""
    said = {name: address.query.get(name, "") for name in FILTERS}
    said["strategy"] = said["strategy"] or address.query.get("version", "")
    get_ahead().begin(history_view, read_filter(said))
    filters = filter_bar(
        period_field(PERIOD, said["first"], said["last"]),
        day_field(FIRST, "From", said["first"]),
        day_field(LAST, "To", said["last"]),
        search_field(SYMBOL, "Symbol", said["symbol"], "All symbols"),
        choice(SIDE, "Side", Side, said["side"], "Long and short"),
        choice(REASON, "Exit by", ExitReason, said["reason"], "Anything"),
        *version_fields(desk, (STRATEGY, said["strategy"]), (RISK, said["risk"])),
    )
    return html.Div(
        [
            dcc.Store(id=DUE),
            dcc.Store(id=WEEKS),
            dcc.Store(id=GROUPS),
            panel(
                "Performance",
                filters,
                _more_filters(said),
                html.Div(id=METRICS, className="metrics"),
                conventions(),
                html.P(id=EMPTY, className="empty"),
                name="performance",
            ),
            html.Div(
                [
                    panel("Cumulative P&L", chart(CUMULATIVE, "medium")),
                    panel("Drawdown", chart(DRAWDOWN, "medium")),
                ],
                className="halves",
            ),
            panel("Days", html.Div(id=CALENDAR, className="calendar-box")),
            _trade_log(address.query.get("group", "")),
        ],
        className="page history-page",
    )


def _more_filters(said: Mapping[str, str]) -> html.Details:
    """Show what a group of Analytics has in common; the rest of the time nobody asks for it."""
    hours = {str(hour): f"{hour:02}:00" for hour in HOURS}
    fields = filter_bar(
        choice(HOUR, "Hour of the entry", hours, said["hour"], "Any hour", hours),
        choice(WEEKDAY, "Weekday", WEEKDAYS, said["weekday"], "Any day"),
        choice(RVOL, "Relative volume", (*RVOLS, UNKNOWN), said["rvol"], "Any"),
        of="entries",
    )
    is_used = any(said[name] for name in IN_COMMON)
    return html.Details(
        [html.Summary("More filters"), fields], open=is_used, className="more-filters"
    )


def _trade_log(group: str) -> html.Section:
    files = [
        html.A("CSV", id=CSV, href="/history/trades.csv", className="button small", download=""),
        html.A("JSON", id=JSON, href="/history/trades.json", className="button small", download=""),
    ]
    return panel(
        "Trade log",
        filter_bar(choice(GROUP, "Group by", BY, group, "Each trade"), of="the trade log"),
        group_box(GROUPED),
        html.Div(paged_grid(GRID, trade_columns()), id=BOX, className="rows-box"),
        html.P(id=NO_TRADES, className="empty"),
        aside=[html.Span(id=COUNT), " ", *files],
        name="trade-log",
    )


def register_callbacks(app: Dash, desk: Desk) -> None:
    """Describe the period, and answer the table of its trades."""
    fields = [*FILTERS.values()]
    app.clientside_callback(
        ClientsideFunction("history", "due"),
        Output(DUE, "data"),
        Input(ids.LINKED, "data"),
        Input(ids.STATS, "data"),
        State(DUE, "data"),
    )
    app.clientside_callback(
        ClientsideFunction("history", "calendar"),
        Output(CALENDAR, "title"),
        Input(WEEKS, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("history", "narrow"),
        Output(CSV, "href"),
        Output(JSON, "href"),
        *(Input(field, "value") for field in (*fields, GROUP)),
    )
    register_period(app, PERIOD, FIRST, LAST)
    _register_numbers(app, fields)
    _register_log(app, desk, fields)
    _register_groups(app, desk, fields)


def _register_numbers(app: Dash, fields: list[str]) -> None:
    @app.callback(
        Output(METRICS, "children"),
        Output(CUMULATIVE, "figure"),
        Output(DRAWDOWN, "figure"),
        Output(WEEKS, "data"),
        Output(EMPTY, "children"),
        Input(DUE, "data"),
        *(Input(field, "value") for field in fields),
    )
    def describe(due: str | None, *said: str | None) -> tuple[object, ...]:
        if due is None:
            return (no_update,) * 4 + ("Waiting for the desk…",)
        wanted = read_filter(dict(zip(FILTERS, said, strict=True)))
        view = get_ahead().get(history_view, wanted)
        return (
            metrics(view),
            cumulative_figure(view),
            drawdown_figure(view),
            calendar(view.days),
            "" if view.trades.trades else why_empty(wanted.first, wanted.last, NOTHING),
        )


def _register_log(app: Dash, desk: Desk, fields: list[str]) -> None:
    @app.callback(
        Output(GRID, "getRowsResponse"),
        Output(COUNT, "children"),
        Output(NO_TRADES, "children"),
        Output(BOX, "style"),
        Input(GRID, "getRowsRequest"),
        *(State(field, "value") for field in fields),
        prevent_initial_call=True,
    )
    def rows(request: dict[str, Any], *said: str | None) -> tuple[object, ...]:
        wanted = closed_only(read_filter(dict(zip(FILTERS, said, strict=True))))
        page = rows_wanted(request)
        with desk.db.read() as tx:
            count = count_trades(tx, desk, wanted)
            found = trade_lines(
                tx, desk, wanted, sort=page.sort, offset=page.offset, limit=page.limit
            )
        answer = {"rowData": [trade_record(row) for row in found], "rowCount": count}
        why = "" if count else why_empty(wanted.first, wanted.last, NOTHING)
        return answer, many(count, "trade"), why, {"--rows": count}


def _register_groups(app: Dash, desk: Desk, fields: list[str]) -> None:
    draw_groups(app, GROUPS, GROUPED)

    @app.callback(
        Output(GROUPS, "data"),
        Input(DUE, "data"),
        Input(GROUP, "value"),
        *(Input(field, "value") for field in fields),
    )
    def group(due: str | None, word: str | None, *said: str | None) -> object:
        if due is None or word is None or word not in BY:
            return {GROUPED: None}  # nothing is to be grouped
        wanted = read_filter(dict(zip(FILTERS, said, strict=True)))
        with desk.db.read() as tx:
            groups = grouped_by(tx, desk, wanted, word)
        return {GROUPED: group_rows(groups, wanted, word, is_whole=True)}


PAGE = Page(path="/history", title="History", layout=layout, register_callbacks=register_callbacks)
