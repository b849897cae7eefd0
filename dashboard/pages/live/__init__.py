"""Live: the account, the positions and the controls, as they are this second."""

from __future__ import annotations

from dash import Dash, html
from dash.development.base_component import Component

from dashboard import closing
from dashboard.page import Address, Page
from dashboard.pages.live import controls, overview, positions
from engine.actions.permissions import Actor
from engine.desk import Desk


def layout(desk: Desk, actor: Actor, _address: Address) -> Component:
    """Return the empty page."""
    left = html.Div([positions.layout(actor), overview.pnl_panel()], className="wide")
    right = html.Div(
        [controls.layout(desk, actor), overview.today_panel(), overview.activity_panel()],
        className="narrow",
    )
    return html.Div(
        [overview.strip(), html.Div([left, right], className="columns"), *closing.question()],
        className="page live",
    )


def register_callbacks(app: Dash, desk: Desk) -> None:
    """Connect each part of the page."""
    overview.register_callbacks(app)
    positions.register_callbacks(app)
    controls.register_callbacks(app, desk)


PAGE = Page(path="/", title="Live", layout=layout, register_callbacks=register_callbacks)
