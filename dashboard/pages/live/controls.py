"""The controls of the Live page: pause, emergency stop, and the simulated market's speed."""

from __future__ import annotations

from dash import ClientsideFunction, Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component

from dashboard.auth import current_actor
from dashboard.components import ids
from dashboard.components.dialogs import NO_REASON, Dialog
from dashboard.components.panels import aria, button, panel
from dashboard.components.toasts import say
from dashboard.queries.control import paused_scopes
from engine.actions import control, simulation
from engine.actions.permissions import Actor, Permission, may
from engine.desk import Desk
from models.vocabulary import ControlScope, TradingMode

STATE = "live-control-state"
COMMANDS = "live-commands"
PAUSE = "live-pause"
RESUME = "live-resume"
EMERGENCY_BUTTON = "live-emergency"
SURE = "live-emergency-sure"
PLAN = "live-emergency-plan"
SPEED = "live-speed"
NEXT_EVENT = "live-next-event"

EMERGENCY = Dialog("emergency")
PAUSING = Dialog("pause")

SPEEDS = {0: "Pause"} | {speed: f"{speed}\N{MULTIPLICATION SIGN}" for speed in (1, 10, 30, 120)}


def layout(desk: Desk, actor: Actor) -> html.Section:
    """Show the controls that the person's role allows."""
    may_pause = may(actor, Permission.PAUSE_ENTRY)
    parts: list[Component] = [
        html.P(id=STATE, className="control-state"),
        html.Div(
            [
                button(PAUSE, "Pause entries", disabled=not may_pause),
                button(RESUME, "Resume entries", disabled=not may_pause),
            ],
            className="buttons",
        ),
        _emergency(actor),
        html.Ol(id=COMMANDS, className="commands"),
    ]
    if desk.mode is TradingMode.SIMULATED:
        parts.append(_simulation(actor))
    return panel(
        "Controls",
        *parts,
        PAUSING.layout(
            "Pause entries?",
            html.P(
                "No new entry is sent until somebody resumes. Positions and stops stay as they are."
            ),
            does="Pause entries",
            kind="primary",
        ),
        name="controls",
    )


def register_callbacks(app: Dash, desk: Desk) -> None:
    """Connect the controls to the engine."""
    app.clientside_callback(
        ClientsideFunction("live", "control_state"),
        Output(STATE, "children"),
        Output(COMMANDS, "children"),
        Output(PAUSE, "hidden"),
        Output(RESUME, "hidden"),
        Input(ids.PAUSE_STATE, "data"),
    )
    PAUSING.register(app, opened_by=PAUSE)
    EMERGENCY.register(app, opened_by=EMERGENCY_BUTTON)
    app.clientside_callback(
        ClientsideFunction("live", "emergency_plan"),
        Output(PLAN, "children"),
        Output(EMERGENCY.confirm, "disabled"),
        Input(EMERGENCY.box, "is_open"),
        Input(SURE, "value"),
        Input(ids.POSITIONS, "data"),
    )
    _register_pausing(app, desk)
    _register_emergency(app, desk)
    _register_simulation(app, desk)


def _register_pausing(app: Dash, desk: Desk) -> None:
    @app.callback(
        Output(PAUSING.box, "is_open", allow_duplicate=True),
        Output(PAUSING.reason, "value"),
        Input(PAUSING.confirm, "n_clicks"),
        State(PAUSING.reason, "value"),
        prevent_initial_call=True,
    )
    def pause(clicks: int | None, reason: str | None) -> tuple[object, object]:
        if not clicks:
            return no_update, no_update
        control.pause(desk, current_actor(), ControlScope.ENTRY, reason or NO_REASON)
        say("Entries are paused.")
        return False, ""

    @app.callback(Input(RESUME, "n_clicks"), prevent_initial_call=True)
    def resume(clicks: int | None) -> None:
        if not clicks:
            return
        with desk.db.read() as tx:
            paused = paused_scopes(tx)
        for scope in paused:
            control.resume(desk, current_actor(), scope, "resumed on the Live page")
        say("Entries are allowed again." if paused else "Nothing that a person paused is left.")


def _register_emergency(app: Dash, desk: Desk) -> None:
    @app.callback(
        Output(EMERGENCY.box, "is_open", allow_duplicate=True),
        Output(EMERGENCY.reason, "value"),
        Output(SURE, "value"),
        Input(EMERGENCY.confirm, "n_clicks"),
        State(EMERGENCY.reason, "value"),
        State(SURE, "value"),
        prevent_initial_call=True,
    )
    def stop(
        clicks: int | None, reason: str | None, sure: list[str]
    ) -> tuple[object, object, object]:
        if not clicks or not sure:
            return no_update, no_update, no_update
        number = control.emergency_stop(desk, current_actor(), reason or NO_REASON)
        say(f"Emergency stop: the engine closes everything (command {number}).")
        return False, "", []


def _register_simulation(app: Dash, desk: Desk) -> None:
    if desk.mode is not TradingMode.SIMULATED:
        return
    app.clientside_callback(
        ClientsideFunction("live", "speed"),
        *(Output(_speed_id(speed), "className") for speed in SPEEDS),
        Input(ids.STATUS, "data"),
    )

    @app.callback(
        *(Input(_speed_id(speed), "n_clicks") for speed in SPEEDS), prevent_initial_call=True
    )
    def set_speed(*_clicks: int | None) -> None:
        if any(_clicks) and ctx.triggered_id:
            speed = int(str(ctx.triggered_id).rpartition("-")[2])
            simulation.set_speed(desk, current_actor(), float(speed))

    @app.callback(Input(NEXT_EVENT, "n_clicks"), prevent_initial_call=True)
    def jump(clicks: int | None) -> None:
        if clicks:
            simulation.next_event(desk, current_actor())


def _emergency(actor: Actor) -> html.Div:
    """Show the way out of everything, to those who may take it."""
    if not may(actor, Permission.EMERGENCY_STOP):
        return html.Div(
            [html.Button(id=EMERGENCY_BUTTON), html.Button(id=EMERGENCY.confirm)], hidden=True
        )
    sure = dcc.Checklist(
        [{"label": "I want all of this, now.", "value": "sure"}], [], id=SURE, className="sure"
    )
    question = EMERGENCY.layout(
        "Emergency stop?",
        html.Ol(id=PLAN, className="plan"),
        sure,
        does="Stop and close everything",
    )
    return html.Div([button(EMERGENCY_BUTTON, "Emergency stop…", "danger outline"), question])


def _simulation(actor: Actor) -> html.Div:
    allowed = may(actor, Permission.DRIVE_SIMULATION)
    speeds = [
        button(_speed_id(speed), label, disabled=not allowed) for speed, label in SPEEDS.items()
    ]
    jump = button(NEXT_EVENT, "Next event", "quiet", disabled=not allowed)
    label = html.Span("Market speed", className="label")
    choice = html.Div(speeds, className="segments", role="group", **aria(label="Market speed"))
    return html.Div([label, html.Div([choice, jump], className="buttons")], className="simulation")


def _speed_id(speed: int) -> str:
    return f"{SPEED}-{speed}"
