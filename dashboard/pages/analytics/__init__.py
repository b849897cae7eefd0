"""Analytics: what winners and losers have in common, and how well the desk traded them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from dashboard.ahead import get_ahead
from dashboard.components import ids
from dashboard.components.charts import chart
from dashboard.components.figures import many
from dashboard.components.filters import choice, day_field, filter_bar, search_field
from dashboard.components.groups import draw_groups, group_box, group_rows
from dashboard.components.panels import panel
from dashboard.components.periods import period_field, register_period, why_empty
from dashboard.components.versions import version_fields
from dashboard.page import Address, Page
from dashboard.pages.analytics.figures import days_figure, multiples_figure
from dashboard.pages.analytics.measures import symbols_shown
from dashboard.pages.analytics.tables import allocation_table, execution_table, sector_table
from dashboard.queries.analytics import GROUPINGS, allocation_now, analytics_view, measured_view
from dashboard.queries.measures import Measure, Measured
from dashboard.queries.results import by_sector
from dashboard.queries.trades import TradeFilter, read_filter, word_of
from engine.actions.permissions import Actor
from engine.desk import Desk
from models.vocabulary import Side

GROUPS = "analytics-groups"
MULTIPLES = "analytics-multiples"
EXECUTION = "analytics-execution"
DAYS = "analytics-days"
MEASURE = "analytics-measure"
SYMBOLS = "analytics-symbols"
FOUND = "analytics-found"
CHANGED = "analytics-changed"
ALLOCATION = "analytics-allocation"
HELD = "analytics-held"
PARTS = "analytics-parts"
BY_SECTOR = "by_sector"
EMPTY = "analytics-empty"
DUE = "analytics-due"
COUNT = "analytics-count"
FIRST = "analytics-first"
LAST = "analytics-last"
SYMBOL = "analytics-symbol"
SIDE = "analytics-side"
PERIOD = "analytics-period"
STRATEGY = "analytics-strategy"
RISK = "analytics-risk"
PRICED = "analytics-priced"
AGE = "analytics-age"
NOTHING = "No trade has been finished in this period, or like this."

FILTERS = {
    "first": FIRST,
    "last": LAST,
    "symbol": SYMBOL,
    "side": SIDE,
    "strategy": STRATEGY,
    "risk": RISK,
}
CHOICES = {**FILTERS, "measure": MEASURE}
ADDRESS = {**CHOICES, "parts": PARTS}
USUAL, *OTHERS = Measure
BOXES = {title: f"analytics-by-{title.split()[0].lower()}" for title in GROUPINGS}


def layout(desk: Desk, _actor: Actor, address: Address) -> Component:
    """Return the empty page with the filters of the address."""
    said = {name: address.query.get(name, "") for name in ADDRESS}
    said["strategy"] = said["strategy"] or address.query.get("version", "")
    get_ahead().begin(analytics_view, *_wanted(said))
    filters = filter_bar(
        period_field(PERIOD, said["first"], said["last"]),
        day_field(FIRST, "From", said["first"]),
        day_field(LAST, "To", said["last"]),
        search_field(SYMBOL, "Symbol", said["symbol"], "All symbols"),
        choice(SIDE, "Side", Side, said["side"], "Long and short"),
        *version_fields(desk, (STRATEGY, said["strategy"]), (RISK, said["risk"])),
    )
    measure = filter_bar(
        choice(MEASURE, "Measure", OTHERS, said["measure"], USUAL.replace("_", " ").capitalize()),
        of="execution",
    )
    held = filter_bar(
        choice(PARTS, "Parts", (BY_SECTOR,), said["parts"], "By symbol"), of="allocation"
    )
    empty = html.P(id=EMPTY, className="empty")
    return html.Div(
        [
            dcc.Store(id=DUE),
            dcc.Store(id=HELD),
            dcc.Store(id=PRICED),
            dcc.Store(id=GROUPS),
            dcc.Store(id=FOUND),
            dcc.Store(id=CHANGED),
            panel("Finished trades", filters, empty, aside=html.Span(id=COUNT)),
            html.Div(
                [
                    panel("Distribution of R", chart(MULTIPLES, "medium")),
                    panel("Execution", html.Div(id=EXECUTION, className="scroll padded")),
                    panel("Execution day by day", measure, chart(DAYS, "medium")),
                    panel(
                        "Allocation now",
                        held,
                        html.Div(id=ALLOCATION, className="scroll padded limited"),
                        aside=html.Span(id=AGE, className="age"),
                    ),
                ],
                className="halves",
            ),
            panel(
                "Execution of each symbol", html.Div(id=SYMBOLS, className="scroll padded limited")
            ),
            html.Div(
                [panel(f"By {title.lower()}", group_box(box)) for title, box in BOXES.items()],
                className="halves",
            ),
        ],
        className="page analytics-page",
    )


def register_callbacks(app: Dash, desk: Desk) -> None:
    """Take the trades apart whenever a filter changes."""
    app.clientside_callback(
        ClientsideFunction("history", "due"),
        Output(DUE, "data"),
        Input(ids.LINKED, "data"),
        Input(ids.STATS, "data"),
        State(DUE, "data"),
    )
    app.clientside_callback(
        ClientsideFunction("analytics", "narrow"),
        Output(COUNT, "title"),
        *(Input(field, "value") for field in ADDRESS.values()),
    )
    app.clientside_callback(
        ClientsideFunction("analytics", "held"),
        Output(HELD, "data"),
        Input(ids.POSITIONS, "data"),
        Input(ids.SECOND, "n_intervals"),
        State(HELD, "data"),
    )
    app.clientside_callback(
        ClientsideFunction("analytics", "aged"),
        Output(AGE, "children"),
        Output(AGE, "className"),
        Input(ids.SECOND, "n_intervals"),
        Input(PRICED, "data"),
    )
    register_period(app, PERIOD, FIRST, LAST)
    draw_groups(app, GROUPS, BOXES[GROUPINGS[0]])
    _register_trades(app)
    _register_measure(app, desk)
    _register_allocation(app, desk)


def _register_trades(app: Dash) -> None:
    @app.callback(
        Output(GROUPS, "data"),
        Output(MULTIPLES, "figure"),
        Output(EXECUTION, "children"),
        Output(FOUND, "data"),
        Output(COUNT, "children"),
        Output(EMPTY, "children"),
        Input(DUE, "data"),
        *(Input(field, "value") for field in FILTERS.values()),
        State(MEASURE, "value"),
    )
    def show(*asked: str | None) -> tuple[object, ...]:
        if asked[0] is None:
            return (*(no_update,) * 5, "Waiting for the desk…")
        wanted, measure = _wanted(_words(asked))
        view = get_ahead().get(analytics_view, wanted, measure)
        why = "" if view.trades else why_empty(wanted.first, wanted.last, NOTHING)
        return (
            {
                BOXES[title]: group_rows(groups, wanted, title)
                for title, groups in view.groups.items()
            },
            multiples_figure(view),
            execution_table(view),
            _answer(asked, wanted, view.measured),
            many(view.trades, "trade"),
            why,
        )


def _register_measure(app: Dash, desk: Desk) -> None:
    """Take another measure apart without the rest; `assets/analytics.js` shows either answer."""
    said = [State(DUE, "data"), *(State(field, "value") for field in FILTERS.values())]

    @app.callback(
        Output(CHANGED, "data"), *said, Input(MEASURE, "value"), prevent_initial_call=True
    )
    def change(*asked: str | None) -> object:
        if asked[0] is None:
            return no_update
        wanted, measure = _wanted(_words(asked))
        with desk.db.read() as tx:
            return _answer(asked, wanted, measured_view(tx, desk, wanted, measure))

    app.clientside_callback(
        ClientsideFunction("analytics", "measured"),
        Output(DAYS, "figure"),
        Input(FOUND, "data"),
        Input(CHANGED, "data"),
        *said,
        State(MEASURE, "value"),
        prevent_initial_call=True,
    )


def _words(asked: Sequence[str | None]) -> dict[str, str | None]:
    return dict(zip(CHOICES, asked[1:], strict=True))


def _wanted(words: Mapping[str, str | None]) -> tuple[TradeFilter, Measure]:
    return read_filter(words), word_of(Measure, words["measure"]) or USUAL


def _answer(asked: Sequence[str | None], wanted: TradeFilter, found: Measured) -> dict[str, Any]:
    """Return a measure as it is shown, with what was asked: an answer may come too late."""
    return {"asked": asked, "days": days_figure(found), "symbols": symbols_shown(found, wanted)}


def _register_allocation(app: Dash, desk: Desk) -> None:
    @app.callback(
        Output(ALLOCATION, "children"),
        Output(PRICED, "data"),
        Input(HELD, "data"),
        Input(PARTS, "value"),
    )
    def show(held: dict[str, Any] | None, parts: str | None) -> tuple[object, object]:
        if held is None:
            return no_update, no_update
        with desk.db.read() as tx:
            shares = allocation_now(tx, desk)
        moments = [share.priced_at for share in shares if share.priced_at]
        priced = {"priced_at": min(moments).isoformat() if moments else None}
        by_parts = parts == BY_SECTOR
        return sector_table(by_sector(shares)) if by_parts else allocation_table(shares), priced


PAGE = Page(
    path="/analytics", title="Analytics", layout=layout, register_callbacks=register_callbacks
)
