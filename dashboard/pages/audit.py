"""Audit: who did what, who was refused, from where and by which way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from dashboard.auth import demanded
from dashboard.components import ids
from dashboard.components.ages import wall_note
from dashboard.components.figures import many
from dashboard.components.filters import ANY, choice, day_field, filter_bar, search_field
from dashboard.components.grids import Column, number_column, row_details, text_column
from dashboard.components.paging import paged_grid, rows_wanted
from dashboard.components.panels import panel
from dashboard.components.periods import why_empty
from dashboard.page import Address, Page
from dashboard.queries.audit import (
    MOST_EXPORTED,
    AuditFilter,
    audit_lines,
    audited_actions,
    count_audit,
    newest_audited,
)
from dashboard.queries.records import AuditRecord
from dashboard.queries.trades import day_of, word_of
from dashboard.wire import plain, to_json
from engine.actions.permissions import Actor, Permission
from engine.desk import Desk
from engine.market_hours import day_begins, new_york
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
FILTERED = "audit-filtered"
FOLLOWED = "audit-followed"
DUE = "audit-due"
NEWEST = "audit-newest"
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
EXPORT = "/api/v1/audit/export"
LEAST = timedelta(microseconds=1)  # the moment before midnight is the last of a day
NONE_LIKE_THIS = "Nobody did anything like this."


def layout(desk: Desk, _actor: Actor, address: Address) -> Component:
    """Return the page with the filters of the address; the rows come with the first callback."""
    said = {name: address.query.get(name, "") for name in FILTERS}
    with desk.db.read() as tx:
        actions, newest = audited_actions(tx), newest_audited(tx)
    return html.Div(
        panel(
            "Audit",
            _filters(actions, said),
            html.Div(paged_grid(ROWS, columns(wall_note(desk))), className="tall rest"),
            row_details(ROWS),
            html.P(id=NONE, className="empty"),
            html.Span(id=FILTERED, hidden=True),
            html.Span(id=FOLLOWED, hidden=True),
            dcc.Store(id=DUE),
            dcc.Store(id=NEWEST, data=newest),
            aside=[html.Span(id=COUNT), " ", *_exports(read_audit_filter(said))],
            name="audit",
        ),
        className="page audit-page",
    )


def columns(note: str) -> list[Column]:
    """Return the columns of the table, whose order is the chain's: the newest row first.

    `note` says by which clock they were written, where that is not the desk's.
    """
    fixed: Column = {"sortable": False}
    when: Column = {"headerTooltip": note, **fixed} if note else fixed
    title = "When (wall clock)" if note else "When (New York)"
    return [
        number_column("seq", "#", "count", width=72, **fixed),
        text_column("at", title, width=176, cellClass="time", **when),
        text_column("actor", "Who", width=130, **fixed),
        text_column("role", "Role", width=92, **fixed),
        text_column("way", "By", width=110, **fixed),
        text_column("address", "From", width=124, cellClass="code", **fixed),
        text_column("action", "What", width=140, cellClass="code", **fixed),
        text_column("target", "On", width=150, cellClass="code", tooltipField="target", **fixed),
        text_column("outcome", "Outcome", width=100, cellRenderer="StatusMark", **fixed),
        text_column("why", "Why", flex=1, minWidth=200, tooltipField="why", **fixed),
        text_column(
            "before", "Before", width=130, cellClass="code", tooltipField="before", **fixed
        ),
        text_column("after", "After", width=130, cellClass="code", tooltipField="after", **fixed),
        text_column("correlation_id", "Correlation", width=140, cellClass="code", **fixed),
    ]


def table_row(row: AuditRecord) -> dict[str, Any]:
    """Return a row as the table shows it."""
    shown: dict[str, Any] = plain(row)
    shown["id"] = row.seq
    shown["at"] = f"{new_york(row.at):%Y-%m-%d %H:%M:%S}"
    shown["why"] = row.sentence or row.reason
    for name in ("before", "after"):
        shown[name] = to_json(shown[name]) if shown[name] is not None else ""
    return shown


def register_callbacks(app: Dash, desk: Desk) -> None:
    """Answer the table, ask it again when there is more, and give the files the same filters."""
    app.clientside_callback(
        ClientsideFunction("audit", "narrow"),
        Output(FILTERED, "children"),
        *(Input(field, "value") for field in FILTERS.values()),
    )
    app.clientside_callback(
        ClientsideFunction("audit", "follow"),
        Output(FOLLOWED, "children"),
        Input(NEWEST, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("audit", "due"),
        Output(DUE, "data"),
        Input(ids.SECOND, "n_intervals"),
        State(DUE, "data"),
    )
    _register_newest(app, desk)

    @app.callback(
        Output(ROWS, "getRowsResponse"),
        Output(COUNT, "children"),
        Output(NONE, "children"),
        *(Output(f"{FILE}-{kind}", "href") for kind in KINDS),
        Input(ROWS, "getRowsRequest"),
        State(NEWEST, "data"),
        *(State(field, "value") for field in FILTERS.values()),
        prevent_initial_call=True,
    )
    def rows(request: dict[str, Any], known: int | None, *said: str | None) -> tuple[object, ...]:
        demanded(desk, Permission.VIEW_AUDIT, "audit")
        words = dict(zip(FILTERS, said, strict=True))
        wanted, page = read_audit_filter(words), rows_wanted(request)
        with desk.db.read() as tx:
            up_to = known or newest_audited(tx)  # each look at the table has its own beginning
            count = count_audit(tx, wanted, up_to=up_to)
            found = audit_lines(tx, wanted, up_to=up_to, offset=page.offset, limit=page.limit)
        answer = {"rowData": [table_row(row) for row in found], "rowCount": count}
        return answer, _count(count), "" if count else _why_none(words), *export_links(wanted)


def _register_newest(app: Dash, desk: Desk) -> None:
    """Tell the table when there is more: not by the feed, which is for whoever may see less."""

    @app.callback(
        Output(NEWEST, "data"),
        Input(DUE, "data"),
        State(NEWEST, "data"),
        prevent_initial_call=True,
    )
    def newest(_due: int | None, known: int | None) -> object:
        demanded(desk, Permission.VIEW_AUDIT, "audit")
        with desk.db.read() as tx:
            found = newest_audited(tx)
        return no_update if found == known else found


def read_audit_filter(said: Mapping[str, str | None]) -> AuditFilter:
    """Read the filters; what makes no sense leaves nothing out. Days are New York's."""
    action = said.get("action")
    return AuditFilter(
        actor_begins=(said.get("actor") or "").strip() or None,
        action=None if action in {None, "", ANY} else action,
        outcome=word_of(Outcome, said.get("outcome")),
        way=word_of(Way, said.get("way")),
        since=_first_moment(day_of(said.get("first"))),
        until=_last_moment(day_of(said.get("last"))),
    )


def export_links(wanted: AuditFilter) -> list[str]:
    """Return where the files of the rows are that a filter leaves."""
    values = {field.name: getattr(wanted, field.name) for field in fields(wanted)}
    said = [(name, _written(value)) for name, value in values.items() if value is not None]
    return [f"{EXPORT}?{urlencode([('format', kind), *said])}" for kind in KINDS]


def _filters(actions: list[str], said: Mapping[str, str]) -> html.Div:
    return filter_bar(
        search_field(ACTOR, "Who", said["actor"], "A name, or how it begins"),
        choice(ACTION, "What", actions, said["action"], "Anything"),
        choice(OUTCOME, "Outcome", Outcome, said["outcome"], "Done and refused"),
        choice(WAY, "By", Way, said["way"], "Any way"),
        day_field(FIRST, "From", said["first"]),
        day_field(LAST, "To", said["last"]),
    )


def _exports(wanted: AuditFilter) -> list[html.A]:
    return [
        html.A(kind.upper(), id=f"{FILE}-{kind}", href=link, className="button small", download="")
        for kind, link in zip(KINDS, export_links(wanted), strict=True)
    ]


def _written(value: datetime | str) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _count(count: int) -> str:
    if count <= MOST_EXPORTED:
        return many(count, "row")
    return f"{many(count, 'row')}; files hold the {MOST_EXPORTED:,} newest"


def _why_none(words: Mapping[str, str | None]) -> str:
    return why_empty(day_of(words["first"]), day_of(words["last"]), NONE_LIKE_THIS)


def _first_moment(day: date | None) -> datetime | None:
    return day_begins(day) if day else None


def _last_moment(day: date | None) -> datetime | None:
    return day_begins(day + timedelta(days=1)) - LEAST if day and day < date.max else None


PAGE = Page(
    path="/audit",
    title="Audit",
    layout=layout,
    register_callbacks=register_callbacks,
    permission=Permission.VIEW_AUDIT,
)
