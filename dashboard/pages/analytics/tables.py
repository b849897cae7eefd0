"""The tables of the Analytics page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard.components.figures import dollars, duration, gain, multiple, percent
from dashboard.components.panels import panel
from dashboard.queries.analytics import AnalyticsView, Group
from dashboard.queries.execution import Spread

MOST_GROUPS = 24  # more than that are shown by their ends alone
ENDS = 10


def group_panel(title: str, groups: Sequence[Group]) -> html.Section:
    """Show groups of trades, each with a bar as long as what it came to."""
    greatest = max((abs(group.pnl) for group in groups), default=0) or 1
    named = [html.Th(text) for text in ("Trades", "Won", "Mean R", "P&L")]
    head = html.Tr([_unseen("Group"), *named, _unseen("As a bar")])
    best, left_out, worst = ends(groups)
    rows = [
        *(_group_row(group, float(abs(group.pnl) / greatest)) for group in best),
        *_gap(left_out),
        *(_group_row(group, float(abs(group.pnl) / greatest)) for group in worst),
    ]
    table = html.Table([html.Thead(head), html.Tbody(rows)], className="plain groups")
    return panel(title, html.Div(table, className="scroll padded limited"))


def ends(groups: Sequence[Group]) -> tuple[Sequence[Group], int, Sequence[Group]]:
    """Return the best groups, how many are left out, and the worst."""
    if len(groups) <= MOST_GROUPS:
        return groups, 0, ()
    return groups[:ENDS], len(groups) - 2 * ENDS, groups[-ENDS:]


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
        _spread_row("Fill to the desk's books", done.fill_to_books, duration),
        _spread_row("Without a live stop", done.unprotected, duration),
    ]
    titles = html.Thead(html.Tr([_unseen("Measure"), *(html.Th(title) for title in head)]))
    return html.Table([titles, html.Tbody(rows)], className="plain figures-table")


def allocation_table(view: AnalyticsView) -> Component:
    """Show each open position's part of all that is held."""
    if not view.allocation:
        return html.P("Nothing is held now.", className="empty")
    named = [html.Th(text) for text in ("Side", "Value", "Part")]
    head = html.Thead(html.Tr([_unseen("Symbol"), *named, _unseen("As a bar")]))
    rows = [
        html.Tr(
            [
                html.Td(share.symbol),
                html.Td(share.side),
                html.Td(dollars(share.value)),
                html.Td(percent(share.part)),
                html.Td(_bar("share-bar", share.part), className="bar-cell"),
            ]
        )
        for share in view.allocation
    ]
    return html.Table([head, html.Tbody(rows)], className="plain groups shares")


def _unseen(name: str) -> html.Th:
    """Name a column for screen readers alone: to the eye it explains itself."""
    return html.Th(html.Span(name, className="visually-hidden"))


def _gap(left_out: int) -> list[html.Tr]:
    words = f"{left_out:,} between the best and the worst {ENDS} are not shown"
    return [html.Tr(html.Td(words, colSpan=6, className="gap"))] if left_out else []


def _bar(kind: str, part: float) -> html.Div:
    return html.Div(className=f"bar {kind}", style={"width": f"{part * 100:.1f}%"})


def _group_row(group: Group, part: float) -> html.Tr:
    side = "gain-bar" if group.pnl >= 0 else "loss-bar"
    cells: list[Any] = [
        html.Td(group.name.capitalize() if group.name.islower() else group.name),
        html.Td(f"{group.trades:,}"),
        html.Td(percent(group.win_rate, 0)),
        html.Td(multiple(group.expectancy_r)),
        html.Td(gain(group.pnl)),
        html.Td(_bar(side, part), className="bar-cell"),
    ]
    return html.Tr(cells)


def _spread_row(title: str, found: Spread, text: Any) -> html.Tr:
    figures = [text(value) for value in (found.median, found.p95, found.worst)]
    return html.Tr([html.Td(cell) for cell in (title, f"{found.count:,}", *figures)])
