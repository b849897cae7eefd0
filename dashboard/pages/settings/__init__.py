"""Settings: strategy, risk and alerts in versions, accounts, real money, users and API keys."""

from __future__ import annotations

from collections.abc import Iterator

from dash import Dash, Input, Output, html
from dash.development.base_component import Component

from dashboard.auth import demanded
from dashboard.components.panels import jumps
from dashboard.page import Address, Page
from dashboard.pages.settings import (
    accounts,
    alerts,
    changing,
    channels,
    keys,
    live,
    people,
    versions,
)
from engine.actions.permissions import Actor, Permission, may
from engine.actions.trading_settings import TRADING
from engine.desk import Desk
from models.vocabulary import SettingsKind

REST = "settings-rest"
OWN = "Your password, second factor and logins are on "
READ_ONLY = "You see what is in force. Changing it takes an admin."


def layout(_desk: Desk, actor: Actor, _address: Address) -> Component:
    """Return the empty forms of trading; who may not change them sees them locked."""
    may_change = may(actor, Permission.CHANGE_SETTINGS)
    note = html.P(READ_ONLY, className="empty", hidden=may_change)
    kinds = [
        html.Div(
            [
                changing.layout(kind, may_change=may_change),
                versions.layout(kind, may_change=may_change),
            ],
            className="wide",
        )
        for kind in TRADING
    ]
    contents = jumps("Sections", _places(actor))
    return html.Div(
        [contents, note, html.Div(kinds, className="halves"), html.Div(id=REST, className="wide")],
        className="page settings-page",
    )


def _places(actor: Actor) -> Iterator[tuple[str, str]]:
    """Yield the panels that somebody sees: more than a hundred stops of the Tab key."""
    yield from ((changing.box(kind), kind.capitalize()) for kind in TRADING)
    yield accounts.PANEL, "Accounts"
    yield live.PANEL, "Real money"
    yield alerts.PANEL, "Alerts"
    yield channels.PANEL, "Channels"
    if may(actor, Permission.MANAGE_USERS):
        yield people.PANEL, "Users"
    if may(actor, Permission.MANAGE_KEYS):
        yield keys.PANEL, "API keys"


def _rest(desk: Desk, actor: Actor) -> list[Component]:
    """Return what follows on the forms of trading: four hundred fields, most of them of alerts."""
    may_change = may(actor, Permission.CHANGE_SETTINGS)
    return [
        accounts.layout(desk, actor),
        live.layout(desk, actor),
        alerts.layout(desk, may_change=may_change),
        channels.layout(),
        versions.layout(SettingsKind.ALERTS, may_change=may_change),
        *([people.layout()] if may(actor, Permission.MANAGE_USERS) else []),
        *([keys.layout()] if may(actor, Permission.MANAGE_KEYS) else []),
        html.P([OWN, html.A("your own page", href="/me"), "."], className="empty"),
    ]


def register_callbacks(app: Dash, desk: Desk) -> None:
    """Connect both kinds of settings, and show the rest once they are on the screen."""

    @app.callback(Output(REST, "children"), Input(REST, "id"))
    def rest(_id: str) -> list[Component]:
        return _rest(desk, demanded(desk, Permission.VIEW_SETTINGS, "settings"))

    for kind in TRADING:
        changing.register_callbacks(app, desk, kind)
        versions.register_callbacks(app, desk, kind)
    versions.register_callbacks(app, desk, SettingsKind.ALERTS)
    for part in (accounts, live, alerts, channels, people, keys):
        part.register_callbacks(app, desk)


PAGE = Page(
    path="/settings",
    title="Settings",
    layout=layout,
    register_callbacks=register_callbacks,
    permission=Permission.VIEW_SETTINGS,
)
