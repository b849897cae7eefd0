"""Scanner: the data that the scan rests on, what it found, and why; and its work by hand."""

from __future__ import annotations

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from dashboard.components import ids
from dashboard.components.panels import aria, panel
from dashboard.page import Address, Page
from dashboard.pages.scanner import controls, drawer, lists
from dashboard.pages.scanner.health import commands, figures, sessions_table
from dashboard.queries.scanner import scanner_commands, scanner_health
from engine.actions.permissions import Actor
from engine.desk import Desk

DUE = "scanner-due"
HEALTH = "scanner-health"
SESSIONS = "scanner-sessions"
TICKED = "scanner-ticked"


def layout(_desk: Desk, actor: Actor, address: Address) -> Component:
    """Return the empty page with the filters of the address."""
    said = {name: address.query.get(name, "") for name in lists.FIELDS}
    held = html.Div(
        id=SESSIONS,
        className="scroll sessions-box",
        tabIndex="0",
        role="region",
        **aria(label="Sessions held"),
    )
    beside = html.Div([controls.layout(actor), panel("Sessions", held)], className="narrow")
    main = html.Div([controls.preview_panel(), lists.candidates_panel(said)], className="wide")
    return html.Div(
        [
            dcc.Store(id=DUE),
            dcc.Store(id=TICKED),
            *lists.stores(),
            *drawer.layout(),
            panel("Data", html.Div(id=HEALTH, className="data-figures"), name="data"),
            html.Div([main, beside], className="columns"),
            lists.universe_panel(said),
            lists.findings_panel(said),
        ],
        className="page scanner-page",
    )


def register_callbacks(app: Dash, desk: Desk) -> None:
    """Read the data's state anew whenever something of it has changed."""
    app.clientside_callback(
        ClientsideFunction("scanner", "due"),
        Output(DUE, "data"),
        Input(ids.LINKED, "data"),
        Input(ids.STATUS, "data"),
        State(DUE, "data"),
    )
    app.clientside_callback(
        ClientsideFunction("scanner", "tick"),
        Output(TICKED, "data"),
        Input(ids.SECOND, "n_intervals"),
    )
    _register_health(app, desk)
    controls.register_callbacks(app, desk)
    lists.register_callbacks(app, desk)
    drawer.register_callbacks(app, desk, DUE)


def _register_health(app: Dash, desk: Desk) -> None:
    @app.callback(
        Output(HEALTH, "children"),
        Output(SESSIONS, "children"),
        Output(controls.COMMANDS, "children"),
        Input(DUE, "data"),
    )
    def show(due: str | None) -> tuple[object, object, object]:
        if due is None:
            return (no_update,) * 3
        with desk.db.read() as tx:
            health, asked = scanner_health(tx, desk), scanner_commands(tx)
        return figures(health), sessions_table(health.sessions), commands(asked)


PAGE = Page(path="/scanner", title="Scanner", layout=layout, register_callbacks=register_callbacks)
