"""Pausing by scope: what is paused, who said so and why, and the way back."""

from __future__ import annotations

from collections.abc import Mapping

from dash import ClientsideFunction, Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component

from dashboard.auth import current_actor
from dashboard.components import ids
from dashboard.components.dialogs import NO_REASON, Dialog
from dashboard.components.panels import button
from dashboard.components.toasts import say
from engine.actions import control
from engine.actions.permissions import Actor, Permission, may
from engine.desk import Desk
from models.vocabulary import ControlScope

PAUSE = "live-pause"
RESUME = "live-resume"
SCOPE_STATE = "live-scope"
ASKED = "live-pause-scope"
MEANING = "live-pause-meaning"
PAUSING = Dialog("pause")

# Each scope: what it is called, who may pause it, and what that does.
SCOPES: Mapping[ControlScope, tuple[str, Permission, str]] = {
    ControlScope.ENTRY: (
        "Entries",
        Permission.PAUSE_ENTRY,
        "No new entry is sent until somebody resumes. Positions and stops stay as they are.",
    ),
    ControlScope.EXIT: (
        "Exits",
        Permission.PAUSE_EXIT,
        (
            "One thing is held back: the closing of all positions at the daily loss limit, where "
            "the risk settings ask for it. Stops, the flatten at the end of the session, closing "
            "by hand and the emergency stop go on."
        ),
    ),
    ControlScope.ALL: (
        "Everything",
        Permission.PAUSE_ALL,
        (
            "No new entry is sent until somebody resumes. Stops, the closing at the daily loss "
            "limit and the flatten at the end of the session go on."
        ),
    ),
}


def layout(actor: Actor) -> Component:
    """Show each scope with its state, and the question before pausing it."""
    rows = [_row(scope, allowed=may(actor, of[1])) for scope, of in SCOPES.items()]
    question = PAUSING.layout(
        "Pause?", html.P(id=MEANING), does="Pause", kind="primary", enter=True
    )
    return html.Div([*rows, dcc.Store(id=ASKED), question], className="scopes")


def _row(scope: ControlScope, *, allowed: bool) -> html.Div:
    name = SCOPES[scope][0]
    return html.Div(
        [
            html.Span(name, className="name"),
            html.Span(id=f"{SCOPE_STATE}-{scope}", className="scope-state"),
            button(f"{PAUSE}-{scope}", f"Pause {name.lower()}", "small", disabled=not allowed),
            button(
                f"{RESUME}-{scope}",
                f"Resume {name.lower()}",
                "small",
                disabled=not allowed,
                hidden=True,
            ),
        ],
        className="scope",
    )


def register_callbacks(app: Dash, desk: Desk) -> None:
    """Show the scopes as the feed tells of them; ask, then pause; resume at once."""
    app.clientside_callback(
        ClientsideFunction("live", "scopes"),
        *(Output(f"{SCOPE_STATE}-{scope}", "children") for scope in SCOPES),
        *(Output(f"{PAUSE}-{scope}", "hidden") for scope in SCOPES),
        *(Output(f"{RESUME}-{scope}", "hidden") for scope in SCOPES),
        Input(ids.PAUSE_STATE, "data"),
    )
    app.clientside_callback(
        ClientsideFunction("live", "ask_pause"),
        Output(PAUSING.box, "is_open"),
        Output(ASKED, "data"),
        *(Input(f"{PAUSE}-{scope}", "n_clicks") for scope in SCOPES),
        Input(PAUSING.cancel, "n_clicks"),
        prevent_initial_call=True,
    )
    PAUSING.register_emptying(app)
    _register_pausing(app, desk)
    _register_resuming(app, desk)


def _register_pausing(app: Dash, desk: Desk) -> None:
    @app.callback(Output(MEANING, "children"), Input(ASKED, "data"), prevent_initial_call=True)
    def explain(asked: str | None) -> str:
        if asked not in set(ControlScope):
            return ""
        name, _, meaning = SCOPES[ControlScope(asked)]
        return f"{name}: {meaning}"

    @app.callback(
        Output(PAUSING.box, "is_open", allow_duplicate=True),
        Input(PAUSING.confirm, "n_clicks"),
        State(PAUSING.reason, "value"),
        State(ASKED, "data"),
        prevent_initial_call=True,
    )
    def pause(clicks: int | None, reason: str | None, asked: str | None) -> object:
        if not clicks or asked not in set(ControlScope):
            return no_update
        scope = ControlScope(asked)
        control.pause(desk, current_actor(), scope, reason or NO_REASON)
        say(f"{SCOPES[scope][0]}: paused.")
        return False


def _register_resuming(app: Dash, desk: Desk) -> None:
    @app.callback(
        *(Input(f"{RESUME}-{scope}", "n_clicks") for scope in SCOPES), prevent_initial_call=True
    )
    def resume(*clicks: int | None) -> None:
        if not any(clicks) or not ctx.triggered_id:
            return
        scope = ControlScope(str(ctx.triggered_id).rpartition("-")[2])
        control.resume(desk, current_actor(), scope, "resumed on the Live page")
        say(f"{SCOPES[scope][0]}: active again.")
