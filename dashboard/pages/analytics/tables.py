"""The tables of the Analytics page."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard.components.figures import dollars, duration, multiple, percent
from dashboard.components.groups import bar, unseen
from dashboard.queries.analytics import AnalyticsView
from dashboard.queries.execution import Spread


def execution_table(view: AnalyticsView) -> html.Table:
    """Show how far fills were from their levels, and how long everything took."""
    done = view.execution
    head = ("Measured", "Median", "95 %", "Worst")
    rows = [
        _spread_row("Entry slippage against its level, $ a share", done.slippage, dollars),
        _spread_row("Entry slippage as a part of the risk", done.slippage_r, multiple),
        _spread_row("Stop slippage against its level, $ a share", done.stop_slippage, dollars),
        _spread_row("End of the opening range to order", done.bar_to_order, duration),
        _spread_row("Signal to order", done.signal_to_order, duration),
        _spread_row("Order to the broker's answer", done.order_to_answer, duration),
        _spread_row("Order to fill, waiting for the level included", done.order_to_fill, duration),
        _spread_row("Fill to the desk's books", done.fill_to_books, duration),
        _spread_row("Without a live stop", done.unprotected, duration),
    ]
    titles = html.Thead(html.Tr([unseen("Measure"), *(html.Th(title) for title in head)]))
    return html.Table([titles, html.Tbody(rows)], className="plain figures-table")


def allocation_table(view: AnalyticsView) -> Component:
    """Show each open position's part of all that is held."""
    if not view.allocation:
        return html.P("Nothing is held now.", className="empty")
    named = [html.Th(text) for text in ("Side", "Value", "Part")]
    head = html.Thead(html.Tr([unseen("Symbol"), *named, unseen("As a bar")]))
    rows = [
        html.Tr(
            [
                html.Td(share.symbol),
                html.Td(share.side),
                html.Td(dollars(share.value)),
                html.Td(percent(share.part)),
                html.Td(bar("share-bar", share.part), className="bar-cell"),
            ]
        )
        for share in view.allocation
    ]
    return html.Table([head, html.Tbody(rows)], className="plain groups shares")


def _spread_row(title: str, found: Spread, text: Any) -> html.Tr:
    figures = [text(value) for value in (found.median, found.p95, found.worst)]
    return html.Tr([html.Td(cell) for cell in (title, f"{found.count:,}", *figures)])
