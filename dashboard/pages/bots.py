"""Bots: every other system that the desk watches, at a glance."""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from dashboard.components import ids
from dashboard.components.ages import age
from dashboard.components.bots import KINDS, figures, health, heard, shown
from dashboard.components.figures import dollars, gain, percent
from dashboard.components.panels import panel
from dashboard.page import Address, Page
from dashboard.queries.bot_cards import BotCard, bot_cards, total
from engine.actions.permissions import Actor
from engine.desk import Desk
from models.vocabulary import BotKind

DUE = "bots-due"
CARDS = "bots-cards"

NONE: Any = (
    "No other bot is watched. ",
    html.Code("bellwether bots add NAME dip LOG"),
    " follows Big Dipper's log, ",
    html.Code("bellwether bots add NAME funding URL"),
    " asks a delta-neutral bot.",
)


def layout(_desk: Desk, _actor: Actor, _address: Address) -> Component:
    """Return the empty page."""
    waiting = panel("Bots", html.P("Waiting for the desk…", className="empty"))
    return html.Div(
        [dcc.Store(id=DUE), html.Div([waiting], id=CARDS, className="bot-cards")],
        className="page bots-page",
    )


def cards(found: list[BotCard]) -> list[Component]:
    """Return a card for each bot, or why there is none."""
    if not found:
        return [panel("Bots", html.P(list(NONE), className="empty"))]
    return [_card(card) for card in found]


def _card(card: BotCard) -> html.Section:
    bot = card.bot
    link = html.A(f"Open {bot.name}", href=f"/bots/{bot.id}", className="inside")
    told = _funding(card) if bot.kind is BotKind.FUNDING else _dip(card)
    return panel(
        bot.name,
        html.Div(figures(bot, told), className="padded"),
        html.Div([html.P([KINDS[bot.kind], ". "]), heard(bot), link], className="padded bot-foot"),
        aside=health(bot),
        name="bot-card",
    )


def _dip(card: BotCard) -> list[Any]:
    account = card.account
    if account is None:
        return [html.P("It has not told its account yet.", className="empty")]
    brake = "on" if card.is_braking else "off"
    return [
        shown("Equity", dollars(account.equity), large=True),
        shown("P&L", gain(account.pl), large=True),
        shown("Margin", percent(account.margin)),
        shown("Brake", html.Span(brake, className=f"brake-{brake}")),
        shown("Account of", age(account.at)),
    ]


def _funding(card: BotCard) -> list[Any]:
    held = card.positions
    if not held and card.bot.heard_at is None:
        return [html.P("It has not answered yet.", className="empty")]
    return [
        shown("P&L", gain(total([position.total_pnl for position in held])), large=True),
        shown("Funding", gain(total([position.funding_pnl for position in held]))),
        shown("Deployed", dollars(total([position.deployed for position in held]))),
        shown("Positions", f"{len(held)}"),
        shown("State", str(card.bot.detail.get("state") or "not told")),
    ]


def register_callbacks(app: Dash, desk: Desk) -> None:
    """Read the bots whenever the feed tells of one."""
    app.clientside_callback(
        ClientsideFunction("bots", "due"),
        Output(DUE, "data"),
        Input(ids.LINKED, "data"),
        Input(ids.BOTS, "data"),
        Input(ids.SECOND, "n_intervals"),
        State(DUE, "data"),
    )

    @app.callback(Output(CARDS, "children"), Input(DUE, "data"))
    def show(due: str | None) -> object:
        if due is None:
            return no_update
        with desk.db.read() as tx:
            return cards(bot_cards(tx))


PAGE = Page(path="/bots", title="Bots", layout=layout, register_callbacks=register_callbacks)
