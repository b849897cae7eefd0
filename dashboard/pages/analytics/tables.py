"""The tables of the Analytics page."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dash import html
from dash.development.base_component import Component

from dashboard.components.figures import dollars, hop, percent
from dashboard.components.groups import bar, unseen
from dashboard.pages.analytics.measures import WORDINGS, per_share
from dashboard.queries.analytics import AnalyticsView
from dashboard.queries.measures import Measure
from dashboard.queries.results import SectorShare, Share
from dashboard.queries.spreads import Spread

NOTHING_HELD = "Nothing is held now."
UNKNOWN = "The sector of {} of the value is not known."


def execution_table(view: AnalyticsView) -> html.Table:
    """Show how far fills were from their levels, and how long everything took."""
    done = view.execution
    head = ("Measured", "Median", "95 %", "Greatest")
    rows = [
        _spread_row("Entry slippage against its level, $ a share", done.slippage, per_share),
        _measure_row(Measure.ENTRY_SLIPPAGE, done.slippage_r),
        _measure_row(Measure.STOP_SLIPPAGE, done.stop_slippage),
        _measure_row(Measure.RANGE_TO_ORDER, done.bar_to_order),
        _spread_row("Signal to order", done.signal_to_order, hop),
        _measure_row(Measure.ORDER_TO_ANSWER, done.order_to_answer),
        _measure_row(Measure.ORDER_TO_FILL, done.order_to_fill),
        _spread_row("Fill to the desk's books", done.fill_to_books, hop),
        _measure_row(Measure.WITHOUT_STOP, done.unprotected),
    ]
    titles = html.Thead(html.Tr([unseen("Measure"), *(html.Th(title) for title in head)]))
    return html.Table([titles, html.Tbody(rows)], className="plain figures-table")


def allocation_table(shares: Sequence[Share]) -> Component:
    """Show each open position's part of all that is held."""
    if not shares:
        return html.P(NOTHING_HELD, className="empty")
    rows = [_share_row(each.symbol, each.side, each) for each in shares]
    return _shares_table("Symbol", "Side", rows)


def sector_table(sectors: Sequence[SectorShare]) -> list[Component]:
    """Show each sector's part of all that is held, and how much of it is of no known sector."""
    if not sectors:
        return [html.P(NOTHING_HELD, className="empty")]
    unknown = next((each.part for each in sectors if each.sector is None), 0.0)
    rows = [
        _share_row(each.sector or "Not known", ", ".join(each.symbols), each) for each in sectors
    ]
    note = [html.P(UNKNOWN.format(percent(unknown)), className="table-note")] if unknown else []
    return [*note, _shares_table("Sector", "Symbols", rows)]


def _shares_table(of: str, beside: str, rows: list[html.Tr]) -> html.Table:
    named = [html.Th(text) for text in (beside, "Value", "Part")]
    head = html.Thead(html.Tr([unseen(of), *named, unseen("As a bar")]))
    return html.Table([head, html.Tbody(rows)], className="plain groups shares")


def _share_row(name: str, beside: str, share: Share | SectorShare) -> html.Tr:
    cells = (name, beside, dollars(share.value), percent(share.part))
    drawn = html.Td(bar("share-bar", share.part), className="bar-cell")
    return html.Tr([*(html.Td(cell) for cell in cells), drawn])


def _measure_row(measure: Measure, found: Spread) -> html.Tr:
    words = WORDINGS[measure]
    return _spread_row(words.title, found, words.write)


def _spread_row(title: str, found: Spread, text: Callable[[float | None], str]) -> html.Tr:
    figures = [text(value) for value in (found.median, found.p95, found.worst)]
    return html.Tr([html.Td(cell) for cell in (title, f"{found.count:,}", *figures)])
