"""The channels by which people are told: how each does, and a test of it. Never its address."""

from __future__ import annotations

from datetime import datetime

from dash import Dash, Input, Output, dcc, html, no_update
from dash.development.base_component import Component

from dashboard.auth import current_actor, demanded
from dashboard.components.panels import button, panel
from dashboard.components.tables import plain_table
from dashboard.components.toasts import explain_error, say
from dashboard.queries.alerts import ChannelRecord, channel_records
from engine.actions.alerts import send_test
from engine.actions.permissions import Permission, may
from engine.clock import wall_now
from engine.desk import Desk
from engine.errors import InvalidRequestError

PANEL = "settings-channels-panel"
LIST = "channels-list"
TRIED = "channels-tried"
REFRESH = "channels-refresh"
TITLES = ("Name", "Kind", "State", "Waiting", "Last delivered (UTC)", "Last failure (UTC)", "")
NONE = (
    "No channel is set up: nobody is told of anything. Put an address into the setting ",
    html.Code("BELLWETHER_ALERT_<NAME>"),
    " and start the desk again; the README says which addresses there are.",
)


def layout() -> Component:
    """Show the channels, empty."""
    return panel(
        "Channels",
        html.Div(id=LIST, className="padded"),
        dcc.Store(id=TRIED),
        aside=button(REFRESH, "Refresh", "small"),
        name="channels",
        id_=PANEL,
    )


def register_callbacks(app: Dash, desk: Desk) -> None:
    """List them anew after each test; a test waits for the channel's answer."""
    for channel in desk.channels:
        _register_test(app, desk, channel.name)

    @app.callback(
        Output(LIST, "children"),
        Input(TRIED, "data"),
        Input(REFRESH, "n_clicks"),
    )
    def show(_tried: str | None, _clicks: int | None) -> Component:
        actor = demanded(desk, Permission.VIEW_SETTINGS, "alerts_config")
        with desk.db.read() as tx:
            channels = channel_records(tx, desk)
        tries = may(actor, Permission.CHANGE_SETTINGS)
        if not channels:
            return html.P(NONE, className="empty")
        return plain_table(TITLES, [_row(channel, tries=tries) for channel in channels])


def _register_test(app: Dash, desk: Desk, name: str) -> None:
    @app.callback(
        Output(TRIED, "data", allow_duplicate=True),
        Input(test_button(name), "n_clicks"),
        prevent_initial_call=True,
    )
    def try_it(clicks: int | None) -> object:
        if not clicks:
            return no_update
        problem = send_test(desk, current_actor(), name)
        if problem:
            explain_error(InvalidRequestError(f"The test of {name} did not arrive: {problem}."))
        else:
            say(f"The test of {name} has arrived.")
        return f"{name} {wall_now().isoformat()}"


def test_button(name: str) -> str:
    """Return the id of a channel's test button."""
    return f"channel-{name}-test"


def state_of(channel: ChannelRecord) -> str:
    """Return how a channel does, in words."""
    again = f", tried again after {_time(channel.tried_again_at)}" if channel.tried_again_at else ""
    if channel.is_broken:
        return f"does not work: {channel.problem}; {channel.failures} failures in a row{again}"
    if channel.problem:
        return f"failed just now: {channel.problem}{again}"
    return "works" if channel.delivered_at else "not tried yet"


def _row(channel: ChannelRecord, *, tries: bool) -> tuple[object, ...]:
    tone = "loss" if channel.problem else "gain" if channel.delivered_at else ""
    return (
        html.Strong(channel.name),
        channel.kind,
        html.Span(state_of(channel), className=f"channel-state {tone}"),
        str(channel.waiting),
        _time(channel.delivered_at),
        _time(channel.failed_at),
        button(test_button(channel.name), f"Test {channel.name}", "small") if tries else "",
    )


def _time(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment else "never"
