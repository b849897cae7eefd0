"""Logs: the journal as it is written, and everything that was ever written into it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from dashboard.components import ids
from dashboard.components.filters import choice, filter_bar, search_field
from dashboard.components.panels import aria, button, panel
from dashboard.page import Address, Page
from dashboard.queries.logs import PAGE as AT_ONCE
from dashboard.queries.logs import SEVERITIES, log_facts, read_log_filter
from dashboard.wire import plain
from engine.actions.permissions import Actor
from engine.desk import Desk
from engine.journal import KINDS
from models.vocabulary import Severity

LINES = "logs-lines"
FOUND = "logs-found"
EARLIER = "logs-earlier"
FIRST = "logs-first"
OLDER = "logs-older"
NEWER = "logs-newer"
EMPTY = "logs-empty"
COUNT = "logs-count"
SEVERITY = "logs-severity"
KIND = "logs-kind"
TEXT = "logs-text"

KEYS = "Arrows move from line to line, Home and End to the first and the last, Enter follows."

FILTERS = {"severity": SEVERITY, "kind": KIND, "text": TEXT}


def layout(_desk: Desk, _actor: Actor, address: Address) -> Component:
    """Return the empty page with the filters of the address."""
    said = {name: address.query.get(name, "") for name in FILTERS}
    filters = filter_bar(
        choice(SEVERITY, "From severity", SEVERITIES, said["severity"] or Severity.INFO, None),
        choice(KIND, "Component", KINDS, said["kind"], "All"),
        html.Div(
            search_field(TEXT, "Search", said["text"], "Words of a line"), className="wide-field"
        ),
    )
    lines = html.Ol(
        id=LINES,
        className="activity lines",
        tabIndex="0",
        **aria(label="Lines", description=KEYS),
    )
    return html.Div(
        panel(
            "Logs",
            filters,
            html.Div(
                [
                    lines,
                    button(NEWER, "New lines", "primary newer", hidden=True),
                ],
                className="tail",
                role="log",
            ),
            html.P(id=EMPTY, className="empty", **aria(live="polite")),
            dcc.Store(id=FOUND),
            dcc.Store(id=EARLIER),
            dcc.Store(id=FIRST),
            aside=[button(OLDER, "Older lines", "small", hidden=True), " ", html.Span(id=COUNT)],
            name="logs",
        ),
        className="page logs-page",
    )


def register_callbacks(app: Dash, desk: Desk) -> None:
    """Read what matches; the browser adds what the feed tells from then on."""
    app.clientside_callback(
        ClientsideFunction("logs", "lines"),
        Output(EMPTY, "children"),
        Input(FOUND, "data"),
        Input(EARLIER, "data"),
        Input(ids.LOGS, "data"),
    )
    app.clientside_callback(
        ClientsideFunction("logs", "jump"),
        Output(NEWER, "title"),
        Input(NEWER, "n_clicks"),
        prevent_initial_call=True,
    )

    @app.callback(
        Output(FOUND, "data"),
        Input(ids.LINKED, "data"),
        *(Input(field, "value") for field in FILTERS.values()),
    )
    def find(linked: int | None, *said: str | None) -> object:
        return no_update if linked is None else _facts(desk, said)

    @app.callback(
        Output(EARLIER, "data"),
        Input(OLDER, "n_clicks"),
        State(FIRST, "data"),
        *(State(field, "value") for field in FILTERS.values()),
        prevent_initial_call=True,
    )
    def find_older(clicks: int | None, first: int | None, *said: str | None) -> object:
        return _facts(desk, said, first) if clicks and first else no_update


def _facts(desk: Desk, said: tuple[str | None, ...], before: int | None = None) -> dict[str, Any]:
    words = dict(zip(FILTERS, said, strict=True))
    wanted = read_log_filter(words)
    with desk.db.read() as tx:
        facts = log_facts(tx, wanted, before=before)
    return {
        "facts": plain(facts),
        "answer": uuid4().hex,  # the browser gets a copy each time: nothing else tells two apart
        "is_all": len(facts) < AT_ONCE,
        "filter": {**plain(wanted), "said": words},
    }


PAGE = Page(path="/logs", title="Logs", layout=layout, register_callbacks=register_callbacks)
