"""The figures of the Live page: account, market, P&L line, today, activity."""

from __future__ import annotations

from dash import ClientsideFunction, Dash, Input, Output, State, html

from dashboard.components import ids
from dashboard.components.charts import line_chart
from dashboard.components.panels import aria, figure, panel

EQUITY = "live-equity"
CASH = "live-cash"
BUYING_POWER = "live-buying-power"
DAY_PNL = "live-day-pnl"
LEVERAGE = "live-leverage"
STRIP = "live-strip"
ACCOUNT_AGE = "live-account-age"
MARKET = "live-market"
TIMETABLE = "live-timetable"
PNL = "live-pnl"
REALISED = "live-realised"
OPEN_PNL = "live-open-pnl"
WIN_RATE = "live-win-rate"
TRADES = "live-trades"
ACTIVITY = "live-activity"

ACCOUNT_FIGURES = (EQUITY, CASH, BUYING_POWER, DAY_PNL, LEVERAGE)
TODAY_FIGURES = (REALISED, OPEN_PNL, WIN_RATE, TRADES)

# What stands on the P&L line: the mark, its class and what it says (assets/live.js draws them).
MARKS = (
    ("\N{WHITE UP-POINTING TRIANGLE}", "even", "long opened"),
    ("\N{WHITE DOWN-POINTING TRIANGLE}", "even", "short opened"),
    ("\N{BLACK CIRCLE}", "gain", "won"),
    ("\N{HEAVY MULTIPLICATION X}", "loss", "lost"),
)


def strip() -> html.Section:
    """Show the account and the market in one line."""
    figures = [
        figure(EQUITY, "Equity", large=True),
        figure(DAY_PNL, "Day P&L", large=True),
        figure(CASH, "Cash"),
        figure(
            BUYING_POWER,
            "Buying power",
            title="What is left after working entries; margin used counts positions alone",
        ),
        figure(LEVERAGE, "Margin used"),
    ]
    account = html.Div(figures, className="figures")
    age = html.Small(id=ACCOUNT_AGE, className="age")
    market = html.Div([html.Div(id=MARKET), html.Ol(id=TIMETABLE)], className="market")
    return html.Section(
        [account, age, market], id=STRIP, className="strip", **aria(label="Account")
    )


def pnl_panel() -> html.Section:
    """Show the day's P&L as a line, and what the marks on it are: a finger cannot hover."""
    key = [html.Span([html.Span(mark, className=tone), f" {says}"]) for mark, tone, says in MARKS]
    return panel("P&L today", html.P(key, className="chart-key"), line_chart(PNL), name="pnl")


def today_panel() -> html.Section:
    """Show what the finished trades came to."""
    figures = [
        figure(REALISED, "Realised"),
        figure(OPEN_PNL, "Open"),
        figure(WIN_RATE, "Win rate"),
        figure(TRADES, "Trades closed"),
    ]
    return panel("Today", html.Div(figures, className="figures"), name="today")


def activity_panel() -> html.Section:
    """Show the newest facts of the journal as sentences."""
    facts = html.Ol(id=ACTIVITY, className="activity", tabIndex="0", **aria(label="Newest facts"))
    return panel("Activity", facts, name="log")


def register_callbacks(app: Dash) -> None:
    """Let the browser fill the figures from the feed."""
    for function, outputs, inputs in (
        ("account", ACCOUNT_FIGURES, [Input(ids.ACCOUNT, "data")]),
        ("market", [MARKET, TIMETABLE], [Input(ids.SECOND, "n_intervals")]),
        ("today", TODAY_FIGURES, [Input(ids.STATS, "data"), Input(ids.POSITIONS, "data")]),
        ("activity", [ACTIVITY], [Input(ids.LOGS, "data")]),
    ):
        children = [Output(id_, "children") for id_ in outputs]
        app.clientside_callback(ClientsideFunction("live", function), children, inputs)
    app.clientside_callback(
        ClientsideFunction("live", "account_age"),
        Output(ACCOUNT_AGE, "children"),
        Output(STRIP, "className"),
        Input(ids.SECOND, "n_intervals"),
    )
    app.clientside_callback(
        ClientsideFunction("live", "pnl"),
        Output(PNL, "figure"),
        Output(PNL, "extendData"),
        Input(ids.STATS, "data"),
        Input(ids.POSITIONS, "data"),
        State(PNL, "figure"),
    )
