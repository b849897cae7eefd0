"""Audit: who did what, who was refused, from where and by which way."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from dash import Dash, Input, Output, dcc, html
from dash.development.base_component import Component

from dashboard.auth import demanded
from dashboard.components.grids import Column, grid, number_column, text_column
from dashboard.components.panels import panel
from dashboard.page import Address, Page
from dashboard.queries.audit import AuditFilter, audit_page, audited_actions
from dashboard.queries.pages import Place
from dashboard.queries.records import AuditRecord
from dashboard.wire import plain, to_json
from engine.actions.permissions import Actor, Permission
from engine.desk import Desk
from models.vocabulary import Outcome

ROWS = "audit-rows"
COUNT = "audit-count"
NONE = "audit-none"
ACTOR = "audit-actor"
ACTION = "audit-action"
OUTCOME = "audit-outcome"
DAYS = "audit-days"
REFRESH = "audit-refresh"

SHOWN = 500
EXPORT = "/api/v1/audit/export"


def layout(desk: Desk, _actor: Actor, _address: Address) -> Component:
    """Return the page with its filters; the rows come with the first callback."""
    with desk.db.read() as tx:
        actions = audited_actions(tx)
    rows = grid(ROWS, columns(), row_id="params.data.seq + ''")
    return html.Div(
        panel(
            "Audit",
            _filters(actions),
            html.Div(rows, className="tall"),
            html.P(id=NONE, className="empty"),
            aside=[html.Span(id=COUNT), " ", *_exports()],
            name="audit",
        ),
        className="page audit-page",
    )


def columns() -> list[Column]:
    """Return the columns of the table."""
    return [
        number_column("seq", "#", "count", width=72),
        text_column("at", "When (UTC)", width=176, cellClass="time"),
        text_column("actor", "Who", width=130),
        text_column("role", "Role", width=92),
        text_column("way", "By", width=110),
        text_column("address", "From", width=124, cellClass="code"),
        text_column("action", "What", width=140, cellClass="code"),
        text_column("target", "On", width=150, cellClass="code", tooltipField="target"),
        text_column("outcome", "Outcome", width=100, cellRenderer="StatusMark"),
        text_column("why", "Why", flex=1, minWidth=200, tooltipField="why"),
        text_column("before", "Before", width=130, cellClass="code", tooltipField="before"),
        text_column("after", "After", width=130, cellClass="code", tooltipField="after"),
        text_column("correlation_id", "Correlation", width=140, cellClass="code"),
    ]


def table_row(row: AuditRecord) -> dict[str, Any]:
    """Return a row as the table shows it."""
    shown: dict[str, Any] = plain(row)
    shown["at"] = f"{row.at:%Y-%m-%d %H:%M:%S}"
    shown["why"] = row.sentence or row.reason
    for name in ("before", "after"):
        shown[name] = to_json(shown[name]) if shown[name] is not None else ""
    return shown


def register_callbacks(app: Dash, desk: Desk) -> None:
    """Fill the table by its filters."""

    @app.callback(
        Output(ROWS, "rowData"),
        Output(COUNT, "children"),
        Output(NONE, "children"),
        Input(ACTOR, "value"),
        Input(ACTION, "value"),
        Input(OUTCOME, "value"),
        Input(DAYS, "start_date"),
        Input(DAYS, "end_date"),
        Input(REFRESH, "n_clicks"),
    )
    def rows(
        actor: str | None,
        action: str | None,
        outcome: str | None,
        first: str | None,
        last: str | None,
        *_asked: object,
    ) -> tuple[list[dict[str, Any]], str, str]:
        demanded(desk, Permission.VIEW_AUDIT, "audit")
        wanted = AuditFilter(
            actor=(actor or "").strip() or None,
            action=action or None,
            outcome=Outcome(outcome) if outcome else None,
            since=_midnight(first),
            until=_midnight(last, days=1),
        )
        with desk.db.read() as tx:
            page = audit_page(tx, wanted, Place(SHOWN))
        count = f"{len(page.items)}{' newest' if page.next_cursor else ''} rows"
        return [table_row(row) for row in page.items], count, "" if page.items else "Nothing."


def _filters(actions: list[str]) -> html.Div:
    def choice(id_: str, options: list[str], hint: str) -> dcc.Dropdown:
        return dcc.Dropdown(options, id=id_, placeholder=hint, className="filter")

    return html.Div(
        [
            dcc.Input(id=ACTOR, placeholder="Who", className="field", debounce=True, maxLength=64),
            choice(ACTION, actions, "What"),
            choice(OUTCOME, [str(each) for each in Outcome], "Outcome"),
            dcc.DatePickerRange(id=DAYS, clearable=True, display_format="YYYY-MM-DD"),
            html.Button("Refresh", id=REFRESH, type="button", className="button quiet"),
        ],
        className="filters buttons",
    )


def _exports() -> list[html.A]:
    return [
        html.A(kind.upper(), href=f"{EXPORT}?format={kind}", className="button small", download="")
        for kind in ("csv", "json")
    ]


def _midnight(day: str | None, days: int = 0) -> datetime | None:
    if not day:
        return None
    begin = datetime.combine(date.fromisoformat(day[:10]), time(), tzinfo=UTC)
    return begin + timedelta(days=days)


PAGE = Page(
    path="/audit",
    title="Audit",
    layout=layout,
    register_callbacks=register_callbacks,
    permission=Permission.VIEW_AUDIT,
)
