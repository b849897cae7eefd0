"""Small tables that the server writes whole."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from dash import html


def plain_table(titles: Sequence[str], rows: Iterable[Sequence[Any]]) -> html.Div:
    """Show rows of cells under their titles; it scrolls sideways where it must."""
    head = html.Thead(html.Tr([html.Th(title) for title in titles]))
    body = html.Tbody([html.Tr([html.Td(cell) for cell in row]) for row in rows])
    return html.Div(html.Table([head, body], className="plain"), className="scroll")
