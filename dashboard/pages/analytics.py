"""Analytics: what winners and losers have in common, and how well the desk traded them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from dashboard.components import ids
from dashboard.components.charts import bare_layout, chart
from dashboard.components.figures import (
    dollars,
    duration,
    fixed,
    gain,
    multiple,
    percent,
)
from dashboard.components.filters import choice, day_field, filter_bar, search_field
from dashboard.components.panels import panel
from dashboard.page import Address, Page
from dashboard.queries.analytics import R_STEP, AnalyticsView, Group, Spread, analytics_view
from dashboard.queries.trades import read_filter
from engine.actions.permissions import Actor
from engine.desk import Desk
from models.vocabulary import Side

GROUPS = "analytics-groups"
MULTIPLES = "analytics-multiples"
EXECUTION = "analytics-execution"
EMPTY = "analytics-empty"
DUE = "analytics-due"
COUNT = "analytics-count"
FIRST = "analytics-first"
LAST = "analytics-last"
SYMBOL = "analytics-symbol"
SIDE = "analytics-side"

FILTERS = {"first": FIRST, "last": LAST, "symbol": SYMBOL, "side": SIDE}
UP, DOWN = "#16a34a", "#dc2626"


def layout(_desk: Desk, _actor: Actor, address: Address) -> Component:
    """Return the empty page with the filters of the address."""
    said = {name: address.query.get(name, "") for name in FILTERS}
    filters = filter_bar(
        day_field(FIRST, "From", said["first"]),
        day_field(LAST, "To", said["last"]),
        search_field(SYMBOL, "Symbol", said["symbol"], "All symbols"),
        choice(SIDE, "Side", Side, said["side"], "Long and short"),
    )
    empty = html.P(id=EMPTY, className="empty")
    return html.Div(
        [
            dcc.Store(id=DUE),
            panel("Finished trades", filters, empty, aside=html.Span(id=COUNT)),
            html.Div(
                [
                    panel("Distribution of R", chart(MULTIPLES, "medium")),
                    panel("Execution", html.Div(id=EXECUTION, className="scroll padded")),
                ],
                className="halves",
            ),
            html.Div(id=GROUPS, className="halves"),
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
        *(Input(field, "value") for field in FILTERS.values()),
    )

    @app.callback(
        Output(GROUPS, "children"),
        Output(MULTIPLES, "figure"),
        Output(EXECUTION, "children"),
        Output(COUNT, "children"),
        Output(EMPTY, "children"),
        Input(DUE, "data"),
        *(Input(field, "value") for field in FILTERS.values()),
    )
    def show(due: str | None, *said: str | None) -> tuple[object, ...]:
        if due is None:
            return (*(no_update,) * 4, "Waiting for the desk…")
        wanted = read_filter(dict(zip(FILTERS, said, strict=True)))
        with desk.db.read() as tx:
            view = analytics_view(tx, desk, wanted)
        why = "" if view.trades else "No trade has been finished in this period, or like this."
        return (
            [group_panel(f"By {title.lower()}", rows) for title, rows in view.groups.items()],
            multiples_figure(view),
            execution_table(view),
            f"{view.trades:,} trades",
            why,
        )


def group_panel(title: str, groups: Sequence[Group]) -> html.Section:
    """Show groups of trades, each with a bar as long as what it came to."""
    greatest = max((abs(group.pnl) for group in groups), default=0) or 1
    head = html.Tr([html.Th(text) for text in ("", "Trades", "Won", "Mean R", "P&L", "")])
    rows = [_group_row(group, float(abs(group.pnl) / greatest)) for group in groups]
    table = html.Table([html.Thead(head), html.Tbody(rows)], className="plain groups")
    return panel(title, html.Div(table, className="scroll padded limited"))


def multiples_figure(view: AnalyticsView) -> dict[str, Any]:
    """Return the chart of how many trades ended at which multiple of their risk."""
    layout_ = bare_layout()
    layout_["xaxis"] |= {"ticksuffix": " R", "nticks": 12}
    layout_["bargap"] = 0.08
    starts = [start for start, _count in view.multiples]
    bars = {
        "type": "bar",
        "x": [start + R_STEP / 2 for start in starts],
        "y": [count for _start, count in view.multiples],
        "width": R_STEP * 0.92,
        "marker": {"color": [UP if start >= 0 else DOWN for start in starts]},
        "customdata": [f"{fixed(start, 1)} to {fixed(start + R_STEP, 1)} R" for start in starts],
        "hovertemplate": "%{customdata}: %{y} trades<extra></extra>",
    }
    return {"data": [bars], "layout": layout_}


def execution_table(view: AnalyticsView) -> html.Table:
    """Show how far fills were from their levels, and how long everything took."""
    done = view.execution
    head = ("", "Measured", "Median", "95 %", "Worst")
    rows = [
        _spread_row("Entry slippage against its level, $ a share", done.slippage, dollars),
        _spread_row("Entry slippage as a part of the risk", done.slippage_r, multiple),
        _spread_row("Stop slippage against its level, $ a share", done.stop_slippage, dollars),
        _spread_row("Signal to order", done.signal_to_order, duration),
        _spread_row("Order to the broker's answer", done.order_to_answer, duration),
        _spread_row("Without a live stop", done.unprotected, duration),
    ]
    titles = html.Thead(html.Tr([html.Th(title) for title in head]))
    return html.Table([titles, html.Tbody(rows)], className="plain figures-table")


def _group_row(group: Group, part: float) -> html.Tr:
    side = "gain-bar" if group.pnl >= 0 else "loss-bar"
    bar = html.Div(className=f"bar {side}", style={"width": f"{part * 100:.1f}%"})
    cells: list[Any] = [
        html.Td(group.name.capitalize() if group.name.islower() else group.name),
        html.Td(f"{group.trades:,}"),
        html.Td(percent(group.win_rate, 0)),
        html.Td(multiple(group.expectancy_r)),
        html.Td(gain(group.pnl)),
        html.Td(bar, className="bar-cell"),
    ]
    return html.Tr(cells)


def _spread_row(title: str, found: Spread, text: Any) -> html.Tr:
    figures = [text(value) for value in (found.median, found.p95, found.worst)]
    return html.Tr([html.Td(cell) for cell in (title, f"{found.count:,}", *figures)])


PAGE = Page(
    path="/analytics", title="Analytics", layout=layout, register_callbacks=register_callbacks
)
