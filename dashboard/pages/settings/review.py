"""What a change would do, shown before it is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard.queries.settings import Difference, differences
from engine.actions.trading_settings import MODELS, raised_risk
from models.vocabulary import SettingsKind

RISES = "This lets the desk lose more than before: say why."


def diff_table(
    kind: SettingsKind, before: Mapping[str, Any], after: Mapping[str, Any]
) -> list[Component]:
    """Show what changes, and whether it raises the risk."""
    rises = raised_risk(kind, before, after)
    rows = [_row(change, rises) for change in differences(kind, before, after)]
    head = html.Thead(html.Tr([html.Th(title) for title in ("Setting", "Now", "Then", "")]))
    table = html.Table([head, html.Tbody(rows)], className="plain")
    content: list[Component] = [html.Div(table, className="scroll")]
    if rises:
        content.append(html.P(RISES, className="rises"))
    return content


def in_force_body(kind: SettingsKind, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a body with its defaults written out."""
    return MODELS[kind].model_validate(body).model_dump(mode="json")


def _row(change: Difference, rises: Sequence[str] | frozenset[str]) -> html.Tr:
    mark = html.Span("▲ more risk", className="rises") if change.name in rises else ""
    cells = (change.title, change.before, html.Strong(change.after), mark)
    return html.Tr([html.Td(cell) for cell in cells])
