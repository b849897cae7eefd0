"""Settings: strategy and risk in numbered versions, accounts, real money, users and API keys."""

from __future__ import annotations

from dash import Dash, html
from dash.development.base_component import Component

from dashboard.page import Address, Page
from dashboard.pages.settings import accounts, changing, keys, live, people, versions
from engine.actions.permissions import Actor, Permission, may
from engine.desk import Desk
from models.vocabulary import SettingsKind

OWN = "Your password, second factor and logins are on "
READ_ONLY = "You see what is in force. Changing it takes an admin."


def layout(desk: Desk, actor: Actor, _address: Address) -> Component:
    """Return the empty forms; who may not change them sees them locked."""
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
        for kind in SettingsKind
    ]
    return html.Div(
        [
            note,
            html.Div(kinds, className="halves"),
            accounts.layout(desk, actor),
            live.layout(desk, actor),
            *([people.layout()] if may(actor, Permission.MANAGE_USERS) else []),
            *([keys.layout()] if may(actor, Permission.MANAGE_KEYS) else []),
            html.P([OWN, html.A("your own page", href="/me"), "."], className="empty"),
        ],
        className="page settings-page",
    )


def register_callbacks(app: Dash, desk: Desk) -> None:
    """Connect both kinds of settings."""
    for kind in SettingsKind:
        changing.register_callbacks(app, desk, kind)
        versions.register_callbacks(app, desk, kind)
    for part in (accounts, live, people, keys):
        part.register_callbacks(app, desk)


PAGE = Page(
    path="/settings",
    title="Settings",
    layout=layout,
    register_callbacks=register_callbacks,
    permission=Permission.VIEW_SETTINGS,
)
