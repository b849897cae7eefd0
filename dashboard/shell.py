"""What surrounds every page: navigation, mode, health, clock, notices and the kill switch."""

from __future__ import annotations

from collections.abc import Sequence

import dash_bootstrap_components as dbc
from dash import ClientsideFunction, Dash, Input, Output, dcc, html
from dash.development.base_component import Component
from flask import has_request_context

from dashboard import kill_switch
from dashboard.auth import current_actor, is_logged_in
from dashboard.components import ids
from dashboard.components.panels import aria, button, data
from dashboard.page import Page
from dashboard.queries.accounts import account_text, traded_number
from engine.actions.permissions import PERMISSIONS, Actor, may
from engine.desk import Desk
from models.vocabulary import TradingMode

SECOND = 500  # milliseconds: half a second, so that the clock never skips one

ALERTS = "shell-alerts"  # how many nobody has acknowledged
CLOCK = "shell-clock"
PARTS = "shell-parts"
LINK = "shell-link"
MENU = "shell-menu"
NAVIGATION = "shell-navigation"
THEME = "shell-theme"
COMMANDS = "shell-commands"  # opens what assets/palette.js offers

MODES = {
    TradingMode.SIMULATED: ("Simulated", "A recorded or generated market: no money moves."),
    TradingMode.PAPER: ("Paper", "Orders go to the broker's paper account: no money moves."),
    TradingMode.LIVE: ("Live", "Real orders with real money."),
}


def layout(desk: Desk, pages: Sequence[Page]) -> Component:
    """Return the shell for whoever asks; Dash also calls this once with nobody there."""
    if not has_request_context() or not is_logged_in():
        return html.Div()
    actor = current_actor()
    with desk.db.read() as tx:
        number = traded_number(tx, desk) or ""
    return html.Div(
        [
            html.A("Skip to the page", href=f"#{ids.PAGE}", className="skip"),
            dcc.Location(id=ids.LOCATION, refresh="callback-nav"),
            dcc.Interval(id=ids.SECOND, interval=SECOND),  # moves clocks; asks the server nothing
            *(dcc.Store(id=store) for store in (*ids.STORES, ids.TOAST, ids.TITLE, ids.ADDRESS)),
            _header(desk, number, actor, pages),
            html.Main(id=ids.PAGE),
            kill_switch.dialogs(actor),
            html.Div(id="toasts", **aria(live="polite")),
        ],
        className=f"desk mode-{desk.mode}",
        **data(
            account=f"{desk.mode} {desk.account} {number}".strip(),
            may=" ".join(sorted(PERMISSIONS[actor.role])),
        ),
    )


def register_callbacks(app: Dash) -> None:
    """Start the feed, and let the browser keep the shell up to date."""
    for function, output, inputs in (
        ("start_feed", Output(ids.FEED, "data"), [Input(ids.FEED, "id")]),
        ("clock", Output(CLOCK, "children"), [Input(ids.SECOND, "n_intervals")]),
        ("parts", Output(PARTS, "children"), [Input(ids.SECOND, "n_intervals")]),
        ("toast", Output(ids.TOAST, "modified_timestamp"), [Input(ids.TOAST, "data")]),
        ("theme", Output(THEME, "children"), [Input(THEME, "n_clicks")]),
    ):
        app.clientside_callback(ClientsideFunction("shell", function), output, *inputs)
    for function, shown, changed in (
        ("link", LINK, Input(ids.SECOND, "n_intervals")),
        ("alerts", ALERTS, Input(ids.ALERTS, "data")),
    ):
        outputs = [Output(shown, "children"), Output(shown, "hidden")]
        app.clientside_callback(ClientsideFunction("shell", function), outputs, changed)
    app.clientside_callback(
        ClientsideFunction("shell", "menu"),
        Output(NAVIGATION, "className"),
        Output(MENU, "aria-expanded"),
        Input(MENU, "n_clicks"),
        Input(ids.LOCATION, "pathname"),
        Input(NAVIGATION, "n_clicks"),
        prevent_initial_call=True,
    )


def _header(desk: Desk, number: str, actor: Actor, pages: Sequence[Page]) -> html.Header:
    name, meaning = MODES[desk.mode]
    mark = html.Span(name, className="mode-mark", title=meaning)
    account = html.Span(
        account_text(desk, number), className="account-mark", title="The account that is traded"
    )
    shown = [page for page in pages if page.is_in_navigation and may(actor, page.permission)]
    links = [_link(page) for page in shown]
    return html.Header(
        [
            html.Span("Bellwether", className="brand"),
            html.Div([mark, account], className="mode-of"),
            button(MENU, "Menu", "menu", **aria(controls=NAVIGATION, expanded="false")),
            html.Nav(links, id=NAVIGATION, className="pages", **aria(label="Pages")),
            html.A(id=ALERTS, href="/alerts", className="alerts-mark inside", hidden=True),
            html.Div(id=PARTS, className="parts"),
            html.Time(id=CLOCK, className="clock", title="New York"),
            html.Div([_commands_button(), _theme_button(), _log_out(actor)], className="person"),
            kill_switch.switch(actor),
            html.Div(id=LINK, className="banner lost", role="alert", hidden=True),
            kill_switch.banner(actor),
        ],
        className="top",
    )


def _link(page: Page) -> dbc.NavLink:
    # One position belongs to the positions.
    return dbc.NavLink(
        page.title, href=page.path, active="exact" if page.path == "/" else "partial"
    )


def _theme_button() -> html.Button:
    return button(THEME, "Theme", "quiet", title="Light, dark, or as the system")


def _commands_button() -> html.Button:
    hint = "Pages, acts and symbols by name: Ctrl K. All shortcuts: ?"
    return button(COMMANDS, "Commands", "quiet", title=hint)


def _log_out(actor: Actor) -> html.Form:
    who = html.A([actor.name, html.Small(actor.role)], href="/me", className="who")
    out = html.Button("Log out", type="submit", className="button quiet")
    return html.Form([who, out], method="post", action="/logout")
