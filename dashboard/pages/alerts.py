"""Alerts: what was raised, who was told of it, and who has seen it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from dashboard.auth import demanded
from dashboard.components import ids
from dashboard.components.ages import wall_note
from dashboard.components.figures import clock, many
from dashboard.components.filters import ANY, choice, filter_bar
from dashboard.components.grids import Column, grid, row_details, text_column
from dashboard.components.panels import button, panel
from dashboard.components.toasts import say
from dashboard.page import Address, Page
from dashboard.queries.alerts import AlertFilter, AlertRecord, alert_page, open_alerts
from dashboard.queries.pages import Place
from engine.actions.alerts import acknowledge
from engine.actions.permissions import Actor, Permission, may
from engine.desk import Desk
from engine.market_hours import new_york
from models.vocabulary import DeliveryStatus, Severity, Verdict

DUE = "alerts-due"
SEE = "alerts-see"  # which alert somebody acknowledges, from its button
SEEN = "alerts-seen"
ALL_SEEN = "alerts-all-seen"
ROWS = "alerts-rows"
COUNT = "alerts-count"
OLDER = "alerts-older"
NONE = "alerts-none"
FILTERED = "alerts-filtered"
WHICH = "alerts-which"
SEVERITY = "alerts-severity"
SEE_ALL = "alerts-see-all"

SHOWN = 300
AT_LEAST = 2  # a single alert has its own button
OPEN = "open"
VERDICTS = {
    Verdict.OFF: "not told: switched off",
    Verdict.BELOW_FLOOR: "not told: below its severity",
    Verdict.THROTTLED: "held back: told just before",
    Verdict.NO_CHANNEL: "nobody to tell",
}


def layout(desk: Desk, actor: Actor, address: Address) -> Component:
    """Return the empty page; who may not acknowledge sees no way to."""
    said = address.query
    filters = filter_bar(
        choice(WHICH, "Show", (OPEN,), said.get("which", ""), "All"),
        choice(SEVERITY, "Severity", Severity, said.get("severity", ""), "Any"),
    )
    may_see = may(actor, Permission.ACKNOWLEDGE)
    rows = grid(ROWS, columns(wall_note(desk), may_see=may_see), row_id="params.data.seq + ''")
    see_all = button(SEE_ALL, "Acknowledge these", "small", hidden=True)
    return html.Div(
        panel(
            "Alerts",
            filters,
            html.Div(rows, className="tall rest"),
            row_details(ROWS),
            html.P(id=NONE, className="empty"),
            html.P(id=OLDER, className="table-note padded"),
            html.Span(id=FILTERED, hidden=True),
            dcc.Store(id=DUE),
            dcc.Store(id=SEE),
            dcc.Store(id=SEEN),
            dcc.Store(id=ALL_SEEN),
            aside=[html.Span(id=COUNT), " ", see_all],
            name="alerts",
        ),
        className="page alerts-page",
    )


def columns(note: str, *, may_see: bool) -> list[Column]:
    """Return the columns of the table; a phone shows the first alone (assets/alerts.js).

    `note` says by which clock an acknowledgement was written, where that is not the desk's.
    """
    brief: Column = {"headerName": "What", "colId": "brief", "hide": True, "flex": 1}
    seen: Column = {"headerTooltip": note} if note else {}
    told = [
        {**brief, "cellRenderer": "AlertWords", "sortable": False, "cellClass": "brief"},
        text_column("severity", "Severity", width=112, cellRenderer="StatusMark"),
        text_column("title", "Alert", width=180),
        text_column("text", "What", flex=3, minWidth=260, tooltipField="text"),
        text_column("when", "When", width=136, cellClass="time"),
        text_column("told", "Told", flex=1, minWidth=150, tooltipField="told"),
        text_column("seen", "Acknowledged", width=160, tooltipField="seen", **seen),
    ]
    see: Column = {
        "headerName": "Acknowledge",
        "colId": "see",
        "sortable": False,
        "width": 132,
        "pinned": "right",
        "cellRenderer": "SeenButton",
    }
    return [*told, see] if may_see else told


def table_row(alert: AlertRecord, *, may_see: bool) -> dict[str, Any]:
    """Return an alert as the table shows it."""
    seen = alert.acknowledged_at
    return {
        "seq": alert.seq,
        "severity": alert.severity.value,
        "when": f"{new_york(alert.at):%m-%d} {clock(alert.at)}",
        "title": alert.title,
        "text": alert.text,
        "told": told_text(alert),
        "seen": f"{alert.acknowledged_by}, {new_york(seen):%m-%d %H:%M}" if seen else "",
        "may_see": may_see and seen is None and alert.severity.rank >= Severity.WARNING.rank,
    }


def told_text(alert: AlertRecord) -> str:
    """Return who was told of an alert, or why nobody was."""
    if alert.verdict is None:
        return "not decided yet"
    if alert.verdict is not Verdict.TOLD:
        return VERDICTS[alert.verdict]
    return ", ".join(
        each.channel
        if each.status is DeliveryStatus.DELIVERED
        else f"{each.channel} ({each.status}, {each.attempts} tries)"
        for each in alert.deliveries
    )


def register_callbacks(app: Dash, desk: Desk) -> None:
    """Read the list whenever the journal tells of an alert, or somebody has seen one."""
    app.clientside_callback(
        ClientsideFunction("alerts", "due"),
        Output(DUE, "data"),
        Input(ids.LINKED, "data"),
        Input(ids.LOGS, "data"),
        Input(ids.SECOND, "n_intervals"),
        State(DUE, "data"),
    )
    app.clientside_callback(
        ClientsideFunction("alerts", "narrow"),
        Output(FILTERED, "children"),
        Input(WHICH, "value"),
        Input(SEVERITY, "value"),
    )
    _register_list(app, desk)
    _register_seeing(app, desk)


def _register_list(app: Dash, desk: Desk) -> None:
    @app.callback(
        Output(ROWS, "rowData"),
        Output(COUNT, "children"),
        Output(NONE, "children"),
        Output(OLDER, "children"),
        Output(SEE_ALL, "children"),
        Output(SEE_ALL, "hidden"),
        Input(DUE, "data"),
        Input(SEEN, "data"),
        Input(ALL_SEEN, "data"),
        Input(WHICH, "value"),
        Input(SEVERITY, "value"),
    )
    def show(*said: str | None) -> tuple[object, ...]:
        actor = demanded(desk, Permission.VIEW, "alerts_history")
        *_changed, which, severity = said
        wanted = read_filter(which, severity)
        with desk.db.read() as tx:
            page = alert_page(tx, wanted, Place(SHOWN))
            waiting = len(open_alerts(tx, SHOWN))
        may_see = may(actor, Permission.ACKNOWLEDGE)
        count = f"{waiting}{'+' if waiting == SHOWN else ''} not acknowledged" if waiting else ""
        nothing = "" if page.items else _why_none(wanted)
        older = _where_older() if page.next_cursor else ""
        rows = [table_row(each, may_see=may_see) for each in page.items]
        left = len(_to_be_seen(rows))
        return rows, count, nothing, older, f"Acknowledge these {left}", left < AT_LEAST


def _to_be_seen(rows: Sequence[Mapping[str, Any]]) -> list[int]:
    return [int(row["seq"]) for row in rows if row["may_see"]]


def _where_older() -> list[object]:
    link = html.A("the Logs page", href="/logs?kind=alert", className="inside")
    return [f"These are the {SHOWN} newest. Older ones are on ", link, "."]


def _why_none(wanted: AlertFilter) -> str:
    if wanted != AlertFilter():
        return "No alert is like this. Change a filter to see others."
    return "No alert has been raised yet."


def _register_seeing(app: Dash, desk: Desk) -> None:
    @app.callback(
        Output(SEEN, "data"),
        Input(SEE, "data"),
        prevent_initial_call=True,
    )
    def see(asked: dict[str, Any] | None) -> object:
        actor = demanded(desk, Permission.ACKNOWLEDGE, "acknowledge")
        if not asked:
            return no_update
        acknowledge(desk, actor, [int(asked["seq"])])
        return uuid4().hex

    @app.callback(
        Output(ALL_SEEN, "data"),
        Input(SEE_ALL, "n_clicks"),
        State(ROWS, "rowData"),
        prevent_initial_call=True,
    )
    def see_all(clicks: int | None, rows: list[dict[str, Any]] | None) -> object:
        if not clicks:
            return no_update
        actor = demanded(desk, Permission.ACKNOWLEDGE, "acknowledge")
        wanted = _to_be_seen(rows or ())  # what somebody has before their eyes, and nothing else
        count = acknowledge(desk, actor, wanted) if wanted else 0
        say(
            f"Acknowledged: {many(count, 'alert')}."
            if count
            else "Nothing was left to acknowledge."
        )
        return uuid4().hex


def read_filter(which: str | None, severity: str | None) -> AlertFilter:
    """Read the filters; what makes no sense leaves nothing out."""
    known = severity is not None and severity != ANY and severity in set(Severity)
    return AlertFilter(
        severity=Severity(severity) if known and severity else None,
        only_open=which == OPEN,
    )


PAGE = Page(path="/alerts", title="Alerts", layout=layout, register_callbacks=register_callbacks)
