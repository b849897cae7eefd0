"""The controls of the Live page: pause, emergency stop, and the simulated market's speed."""

from __future__ import annotations

from dash import ClientsideFunction, Dash, Input, Output, ctx, html
from dash.development.base_component import Component

from dashboard.auth import current_actor
from dashboard.components import ids
from dashboard.components.panels import aria, button, panel
from dashboard.pages.live import emergency, pausing
from engine.actions import simulation
from engine.actions.permissions import Actor, Permission, may
from engine.desk import Desk
from models.vocabulary import TradingMode

STATE = "live-control-state"
COMMANDS = "live-commands"
SPEED = "live-speed"
NEXT_EVENT = "live-next-event"

SPEEDS = {0: "Pause"} | {speed: f"{speed}\N{MULTIPLICATION SIGN}" for speed in (1, 10, 30, 120)}


def layout(desk: Desk, actor: Actor) -> html.Section:
    """Show the controls that the person's role allows."""
    parts: list[Component] = [
        html.P(id=STATE, className="control-state"),
        pausing.layout(actor),
        emergency.layout(actor),
        html.Ol(id=COMMANDS, className="commands"),
    ]
    if desk.mode is TradingMode.SIMULATED:
        parts.append(_simulation(actor))
    return panel("Controls", *parts, name="controls")


def register_callbacks(app: Dash, desk: Desk) -> None:
    """Connect the controls to the engine."""
    app.clientside_callback(
        ClientsideFunction("live", "control_state"),
        Output(STATE, "children"),
        Input(ids.PAUSE_STATE, "data"),
    )
    app.clientside_callback(
        ClientsideFunction("live", "commands"),
        Output(COMMANDS, "children"),
        Input(ids.PAUSE_STATE, "data"),
        Input(ids.SECOND, "n_intervals"),
    )
    pausing.register_callbacks(app, desk)
    emergency.register_callbacks(app, desk)
    _register_simulation(app, desk)


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
