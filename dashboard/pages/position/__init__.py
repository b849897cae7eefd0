"""One position's life: its day in candles, its events, and where each of its figures comes from."""

from __future__ import annotations

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from dashboard import closing
from dashboard.auth import current_actor
from dashboard.components import ids
from dashboard.components.charts import CONFIG
from dashboard.components.panels import aria, button, panel
from dashboard.page import NUMBER, Address, Page
from dashboard.pages.position.chain import chain
from dashboard.pages.position.chart import AROUND, WHOLE, day_figure
from dashboard.pages.position.events import events
from dashboard.pages.position.steps import TITLES, empty_steps, step_outputs, step_values
from dashboard.pages.position.summary import summary
from dashboard.queries.trade_life import TradeLife, trade_life
from engine.actions.permissions import Actor, Permission, may
from engine.desk import Desk
from engine.errors import DeskError
from models.market import BarColumns, empty_bars

TRADE = "position-trade"
DUE = "position-due"
PRICED = "position-priced"
SUMMARY = "position-summary"
CHART = "position-chart"
NO_BARS = "position-no-bars"
VIEW = "position-view"  # which part of the day is shown, and in which turn it was asked for
VIEWS = {WHOLE: "Whole day", AROUND: "Around the trade"}
CHAIN = "position-chain"
EVENTS = "position-events"
REST = "position-rest"
HELD = "position-held"  # what would be closed, while there is something
CLOSE = "position-close"


def layout(_desk: Desk, _actor: Actor, address: Address) -> Component:
    """Return the empty page of one position."""
    chart = dcc.Graph(id=CHART, config=CONFIG, className="chart candles")
    left = html.Div(
        [
            panel(
                "The day",
                chart,
                html.P(id=NO_BARS, className="empty"),
                aside=_views(),
                name="one-day",
            ),
            panel("Where the P&L comes from", html.Div(empty_steps(), id=CHAIN, className="chain")),
        ],
        className="wide",
    )
    facts = panel(
        "Every event",
        html.Ol(id=EVENTS, className="activity whole"),
        aside="as the desk wrote them down",
        name="events",
    )
    return html.Div(
        [
            dcc.Store(id=TRADE, data=address.number),
            dcc.Store(id=DUE),
            dcc.Store(id=PRICED),
            dcc.Store(id=HELD),
            dcc.Store(id=VIEW, data=f"{WHOLE}-0"),
            html.Section([html.Div(id=SUMMARY), _close()], className="strip"),
            *closing.question(),
            html.Div([left, html.Div(facts, className="narrow")], id=REST, className="columns"),
        ],
        className="page position-page",
    )


def _views() -> html.Div:
    """Show which part of the day can be seen; a part of its own is dragged over."""
    buttons = [
        button(_view_id(name), words, "small chosen" if name == WHOLE else "small")
        for name, words in VIEWS.items()
    ]
    return html.Div(buttons, className="segments", role="group", **aria(label="What is shown"))


def _view_id(name: str) -> str:
    return f"{VIEW}-{name}"


def _close() -> html.Button:
    """Show the way out; hidden until the position is known to be open, and to whom may not."""
    return button(CLOSE, "Close position…", "danger outline", hidden=True)


def register_callbacks(app: Dash, desk: Desk) -> None:
    """Read the position's life, and again whenever something of it has happened."""
    app.clientside_callback(
        ClientsideFunction("position", "due"),
        Output(DUE, "data"),
        Output(PRICED, "data"),
        Input(ids.SECOND, "n_intervals"),
        State(TRADE, "data"),
        State(DUE, "data"),
        State(PRICED, "data"),
    )
    _register_head(app, desk)
    _register_life(app, desk)


def _register_head(app: Dash, desk: Desk) -> None:
    app.clientside_callback(
        ClientsideFunction("position", "ask_close"),
        Output(closing.ASKED, "data"),
        Input(CLOSE, "n_clicks"),
        State(HELD, "data"),
        prevent_initial_call=True,
    )

    @app.callback(
        Output(SUMMARY, "children"),
        Output(HELD, "data"),
        Output(CLOSE, "hidden"),
        Input(PRICED, "data"),
        State(TRADE, "data"),
    )
    def show_head(priced: str | None, number: int | None) -> tuple[object, object, object]:
        if priced is None or number is None:
            return no_update, no_update, no_update
        with desk.db.read() as tx:
            life = trade_life(tx, desk, number)
        if life is None:
            return _unknown(number), None, True
        held = _held(life)
        may_close = held is not None and may(current_actor(), Permission.CLOSE_POSITION)
        return summary(life, desk.clock.now()), held, not may_close


def _held(life: TradeLife) -> dict[str, object] | None:
    """Return what the question before closing speaks of."""
    row = life.position
    names = ("id", "symbol", "side", "quantity")
    return {name: getattr(row, name) for name in names} if row else None


def _register_life(app: Dash, desk: Desk) -> None:
    """Ask for bars only when a minute has ended: at a broker's they are a request each."""
    app.clientside_callback(
        ClientsideFunction("position", "view"),
        Output(CHART, "figure", allow_duplicate=True),
        Output(VIEW, "data"),
        *(Output(_view_id(name), "className") for name in VIEWS),
        *(Input(_view_id(name), "n_clicks") for name in VIEWS),
        State(CHART, "figure"),
        prevent_initial_call=True,
    )

    @app.callback(
        Output(CHART, "figure"),
        Output(NO_BARS, "children"),
        Output(EVENTS, "children"),
        Output(REST, "className"),
        *step_outputs(),
        Input(DUE, "data"),
        State(TRADE, "data"),
        State(VIEW, "data"),
    )
    def show_life(due: str | None, number: int | None, view: str) -> tuple[object, ...]:
        if due is None or number is None:
            return (no_update,) * (4 + 2 * len(TITLES))
        with desk.db.read() as tx:
            life = trade_life(tx, desk, number)
        if life is None:
            return no_update, "", [], "away", *(no_update,) * (2 * len(TITLES))
        bars, why_none = _bars(desk, life)
        steps = step_values(chain(life, len(bars)))
        return day_figure(desk, life, bars, view), why_none, events(life), "columns", *steps


def _bars(desk: Desk, life: TradeLife) -> tuple[BarColumns, str]:
    """Return the minute bars of the trade's day, or why there are none."""
    session = desk.hours.session_on(life.trade.session)
    if session is None:
        return empty_bars(), "The exchange was closed on that day."
    try:
        bars = desk.data.minute_bars(life.trade.symbol, session)
    except DeskError as silence:
        return empty_bars(), f"The bars of that day cannot be read: {silence}."
    bars = bars.between(session.opens_at, session.closes_at)
    return bars, "" if len(bars) else "The data source keeps no minute bars of that day any more."


def _unknown(number: int) -> html.P:
    back = html.A("All positions", href="/positions", className="inside")
    return html.P([f"There is no position {number}. ", back], className="empty")


PAGE = Page(
    path=f"/positions/{NUMBER}",
    title="Position",
    layout=layout,
    register_callbacks=register_callbacks,
)
