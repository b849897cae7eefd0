"""One other bot: what it told, as it tells it."""

from __future__ import annotations

from datetime import timedelta

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from dashboard.components import ids
from dashboard.components.bots import KINDS, figures, health, heard
from dashboard.components.charts import chart
from dashboard.components.panels import panel
from dashboard.page import NUMBER, Address, Page
from dashboard.pages.bot import dip, funding
from dashboard.queries.bot_cards import MONTH, dip_view
from dashboard.queries.bots import BotView, bot_view
from dashboard.queries.dip import dip_distribution, equity_points
from dashboard.queries.funding import funding_page, funding_positions
from dashboard.queries.pages import Place
from engine.actions.permissions import Actor
from engine.clock import wall_now
from engine.desk import Desk
from engine.errors import NotFoundError
from models.vocabulary import BotKind

BOT = "bot-number"
DUE = "bot-due"
DRAWN = "bot-drawn"
HEAD = "bot-head"
BODY = "bot-body"
ASIDE = "bot-aside"
EQUITY = "bot-equity"
DIPS = "bot-dips"

WEEK = timedelta(days=7)


def layout(desk: Desk, _actor: Actor, address: Address) -> Component:
    """Return the empty page of one bot; a dip bot's has charts."""
    number = address.number or 0
    try:
        with desk.db.read() as tx:
            is_dip = bot_view(tx, number).kind is BotKind.DIP
    except NotFoundError:
        return _unknown(number)
    wide: list[Component] = [html.Div(id=BODY, className="stack")]
    narrow: list[Component] = [html.Div(id=ASIDE, className="stack")]
    if is_dip:
        wide.insert(0, panel("Equity of 7 days", chart(EQUITY, "medium")))
        narrow.insert(0, panel("Dips of 30 days", chart(DIPS, "medium")))
    return html.Div(
        [
            dcc.Store(id=BOT, data=number),
            dcc.Store(id=DUE),
            dcc.Store(id=DRAWN),
            html.Section(id=HEAD, className="strip"),
            html.Div(
                [html.Div(wide, className="wide"), html.Div(narrow, className="narrow")],
                className="columns",
            ),
        ],
        className="page bot-page",
    )


def register_callbacks(app: Dash, desk: Desk) -> None:
    """Read the bot whenever the feed tells of one."""
    app.clientside_callback(
        ClientsideFunction("bots", "due"),
        Output(DUE, "data"),
        Input(ids.LINKED, "data"),
        Input(ids.BOTS, "data"),
        Input(ids.SECOND, "n_intervals"),
        State(DUE, "data"),
    )
    app.clientside_callback(
        ClientsideFunction("bots", "drawn"),
        Output(DRAWN, "data"),
        Input(DUE, "data"),
        State(DRAWN, "data"),
    )
    _register_content(app, desk)
    _register_charts(app, desk)


def _register_content(app: Dash, desk: Desk) -> None:
    @app.callback(
        Output(HEAD, "children"),
        Output(BODY, "children"),
        Output(ASIDE, "children"),
        Input(DUE, "data"),
        State(BOT, "data"),
    )
    def show(due: str | None, number: int | None) -> tuple[object, ...]:
        if due is None or number is None:
            return no_update, no_update, no_update
        try:
            return _content(desk, number)
        except NotFoundError:
            return [_unknown(number)], [], []


def _content(desk: Desk, number: int) -> tuple[list[Component], list[Component], list[Component]]:
    with desk.db.read() as tx:
        bot = bot_view(tx, number)
        if bot.kind is BotKind.DIP:
            view = dip_view(tx, number)
            return _head(bot, dip.figures(bot, view)), dip.body(view), dip.aside(view)
        held = funding_positions(tx, number)
        points = funding_page(tx, [number], Place(100)).items
    return (
        _head(bot, funding.figures(bot, held)),
        funding.body(held, points, bot),
        funding.aside(bot),
    )


def _register_charts(app: Dash, desk: Desk) -> None:
    @app.callback(
        Output(EQUITY, "figure"), Output(DIPS, "figure"), Input(DRAWN, "data"), State(BOT, "data")
    )
    def draw(drawn: str | None, number: int | None) -> tuple[object, ...]:
        if drawn is None or number is None:
            return no_update, no_update
        now = wall_now()
        with desk.db.read() as tx:
            points = equity_points(tx, number, now - WEEK)
            buckets = dip_distribution(tx, [number], now - MONTH)
        return dip.equity_figure(points), dip.dips_figure(buckets)


def _head(bot: BotView, told: list[Component]) -> list[Component]:
    back = html.A("\N{LEFTWARDS ARROW} Bots", href="/bots", className="inside back")
    title = html.H1([f"{bot.name} ", health(bot)])
    about = html.P([KINDS[bot.kind], " ", html.Code(bot.place)])
    headline = html.Div([back, title, about, heard(bot)], className="headline")
    return [headline, figures(bot, told)]


def _unknown(number: int) -> Component:
    back = html.A("All bots", href="/bots", className="inside")
    return html.P([f"There is no bot {number}. ", back], className="empty")


PAGE = Page(
    path=f"/bots/{NUMBER}", title="Bot", layout=layout, register_callbacks=register_callbacks
)
