"""Audit: who did what, who was refused, from where and by which way."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, html
from dash.development.base_component import Component

from dashboard.auth import demanded
from dashboard.components.filters import ANY, choice, day_field, filter_bar, search_field
from dashboard.components.grids import Column, grid, number_column, text_column
from dashboard.components.panels import button, panel
from dashboard.page import Address, Page
from dashboard.queries.audit import AuditFilter, audit_page, audited_actions
from dashboard.queries.pages import Place
from dashboard.queries.records import AuditRecord
from dashboard.queries.trades import day_of, word_of
from dashboard.wire import plain, to_json
from engine.actions.permissions import Actor, Permission
from engine.desk import Desk
from models.vocabulary import Outcome, Way

ROWS = "audit-rows"
COUNT = "audit-count"
NONE = "audit-none"
ACTOR = "audit-actor"
ACTION = "audit-action"
OUTCOME = "audit-outcome"
WAY = "audit-way"
FIRST = "audit-first"
LAST = "audit-last"
REFRESH = "audit-refresh"
FILE = "audit-file"

FILTERS = {
    "actor": ACTOR,
    "action": ACTION,
    "outcome": OUTCOME,
    "way": WAY,
    "first": FIRST,
    "last": LAST,
}
KINDS = ("csv", "json")
SHOWN = 500
EXPORT = "/api/v1/audit/export"


def layout(desk: Desk, _actor: Actor, address: Address) -> Component:
    """Return the page with the filters of the address; the rows come with the first callback."""
    said = {name: address.query.get(name, "") for name in FILTERS}
    with desk.db.read() as tx:
        actions = audited_actions(tx)
    rows = grid(ROWS, columns(), row_id="params.data.seq + ''")
    return html.Div(
        panel(
            "Audit",
            _filters(actions, said),
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
    """Fill the table by its filters, and give the files the same ones."""
    app.clientside_callback(
        ClientsideFunction("audit", "narrow"),
        *(Output(f"{FILE}-{kind}", "href") for kind in KINDS),
        *(Input(field, "value") for field in FILTERS.values()),
    )

    @app.callback(
        Output(ROWS, "rowData"),
        Output(COUNT, "children"),
        Output(NONE, "children"),
        *(Input(field, "value") for field in FILTERS.values()),
        Input(REFRESH, "n_clicks"),
    )
    def rows(*said: Any) -> tuple[list[dict[str, Any]], str, str]:
        demanded(desk, Permission.VIEW_AUDIT, "audit")
        wanted = read_audit_filter(dict(zip(FILTERS, said, strict=False)))
        with desk.db.read() as tx:
            page = audit_page(tx, wanted, Place(SHOWN))
        count = f"{len(page.items)}{' newest' if page.next_cursor else ''} rows"
        nothing = "" if page.items else "Nobody did anything like this."
        return [table_row(row) for row in page.items], count, nothing


def read_audit_filter(said: Mapping[str, str | None]) -> AuditFilter:
    """Read the filters; what makes no sense leaves nothing out. Days are whole ones of UTC."""
    action = said.get("action")
    return AuditFilter(
        actor=(said.get("actor") or "").strip() or None,
        action=None if action in {None, "", ANY} else action,
        outcome=word_of(Outcome, said.get("outcome")),
        way=word_of(Way, said.get("way")),
        since=_midnight(day_of(said.get("first"))),
        until=_midnight(day_of(said.get("last")), days=1),
    )


def _filters(actions: list[str], said: Mapping[str, str]) -> html.Div:
    return filter_bar(
        search_field(ACTOR, "Who", said["actor"], "Everybody"),
        choice(ACTION, "What", actions, said["action"], "Anything"),
        choice(OUTCOME, "Outcome", Outcome, said["outcome"], "Done and refused"),
        choice(WAY, "By", Way, said["way"], "Any way"),
        day_field(FIRST, "From", said["first"]),
        day_field(LAST, "To", said["last"]),
        html.Div(button(REFRESH, "Refresh", "quiet"), className="buttons"),
    )


def _exports() -> list[html.A]:
    return [
        html.A(
            kind.upper(),
            id=f"{FILE}-{kind}",
            href=f"{EXPORT}?format={kind}",
            className="button small",
            download="",
        )
        for kind in KINDS
    ]


def _midnight(day: date | None, days: int = 0) -> datetime | None:
    if day is None:
        return None
    return datetime.combine(day, time(), tzinfo=UTC) + timedelta(days=days)


PAGE = Page(
    path="/audit",
    title="Audit",
    layout=layout,
    register_callbacks=register_callbacks,
    permission=Permission.VIEW_AUDIT,
)
