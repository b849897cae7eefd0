"""The kill switch, reachable on every page, and the banner that says it was thrown."""

from __future__ import annotations

from dash import ClientsideFunction, Dash, Input, Output, State, html, no_update

from dashboard.asking import say_asked
from dashboard.auth import current_actor, demanded, take_proof
from dashboard.components import ids
from dashboard.components.dialogs import NO_REASON, Dialog
from dashboard.components.panels import button
from dashboard.components.toasts import say
from engine.actions import control
from engine.actions.permissions import Actor, Permission, may
from engine.desk import Desk

SWITCH = "kill-switch"
LIFT = "lift-kill"
BANNER = "halt-banner"
BANNER_TEXT = "halt-text"

KILL = Dialog("kill")
LIFTING = Dialog("lift")


def switch(actor: Actor) -> html.Button:
    """Show the switch to everybody; who may not throw it sees that it is there."""
    allowed = may(actor, Permission.KILL)
    hint = "Stops every new order at once" if allowed else f"Your role is {actor.role}"
    return button(SWITCH, "Kill switch", "kill", disabled=not allowed, title=hint)


def banner(actor: Actor) -> html.Div:
    """Show who halted trading, when and why, while it is halted."""
    lift = button(LIFT, "Lift…", "on-danger", hidden=not may(actor, Permission.LIFT_KILL))
    text = html.Div(id=BANNER_TEXT)
    return html.Div([text, lift], id=BANNER, className="banner halted", role="alert", hidden=True)


def dialogs(actor: Actor) -> html.Div:
    """Show the questions before throwing and before lifting it, closed."""
    consequences = html.Ul(
        [
            html.Li("No new order leaves the desk, also not after a restart."),
            html.Li("Every working entry order is cancelled at once."),
            html.Li("Open positions stay, and so do their protective stops."),
        ]
    )
    lifting = html.P("New entries may be sent again from this moment.")
    return html.Div(
        [
            KILL.layout("Halt all trading?", consequences, does="Halt trading", enter=True),
            LIFTING.layout(
                "Lift the kill switch?",
                lifting,
                LIFTING.proof(),
                does="Allow trading",
                kind="primary",
            ),
        ],
        hidden=not may(actor, Permission.KILL),
    )


def register_callbacks(app: Dash, desk: Desk) -> None:
    """Connect the switch to the engine."""
    KILL.register(app, opened_by=SWITCH)
    LIFTING.register(app, opened_by=LIFT)
    app.clientside_callback(
        ClientsideFunction("shell", "halt"),
        Output(BANNER_TEXT, "children"),
        Output(BANNER, "hidden"),
        Input(ids.PAUSE_STATE, "data"),
    )

    @app.callback(
        Output(KILL.box, "is_open", allow_duplicate=True),
        Input(KILL.confirm, "n_clicks"),
        State(KILL.reason, "value"),
        prevent_initial_call=True,
    )
    def kill(clicks: int | None, reason: str | None) -> object:
        if not clicks:
            return no_update
        number = control.kill(desk, current_actor(), reason or NO_REASON)
        say_asked(
            desk,
            f"The engine cancels the entries (command {number}).",
            "entries at the broker are NOT cancelled; cancel them there. "
            f"Command {number} waits for an engine.",
            first="Trading is halted. ",
        )
        return False

    @app.callback(
        Output(LIFTING.box, "is_open", allow_duplicate=True),
        Input(LIFTING.confirm, "n_clicks"),
        *(State(field, "value") for field in LIFTING.fields),
        prevent_initial_call=True,
    )
    def lift(
        clicks: int | None, reason: str | None, password: str | None, code: str | None
    ) -> object:
        if not clicks:
            return no_update
        demanded(desk, Permission.LIFT_KILL, "lift_kill")
        take_proof(desk, password, code)
        control.lift_kill(desk, current_actor(), reason or NO_REASON)
        say("The kill switch is lifted.")
        return False
