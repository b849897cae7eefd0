"""What a change would do, shown before it is made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard.components.figures import dollars
from dashboard.queries.settings import Difference, differences
from engine.actions.trading_settings import MODELS, raised_risk
from models.trading_settings import RiskBasis, RiskSettings
from models.vocabulary import SettingsKind

RISES = "This lets the desk lose more than before: say why."
SPECIFIED = (Decimal("0.01"), Decimal("0.02"))  # risk per trade, of the equity (features ORB-6)
UNUSUAL = "The strategy is specified for a risk of 1 % to 2 % of equity per trade."


def diff_table(
    kind: SettingsKind,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    equity: Decimal | None = None,
) -> list[Component]:
    """Show what changes, what it comes to at a known equity, and whether it raises the risk."""
    changes, rises = differences(kind, before, after), raised_risk(kind, before, after)
    amounts = [_in_dollars(kind, body, equity) for body in (before, after)]
    rows = [_row(change, rises, [each.get(change.name) for each in amounts]) for change in changes]
    head = html.Thead(html.Tr([html.Th(title) for title in ("Setting", "Now", "Then", "")]))
    table = html.Table([head, html.Tbody(rows)], className="plain")
    content: list[Component] = [html.Div(table, className="scroll")]
    if any(change.name in amounts[0] for change in changes):
        content.append(html.P(f"In dollars: at today's equity of {dollars(equity)}."))
    warnings = _warnings(kind, changes, after, rises=bool(rises))
    return content + [html.P(warning, className="rises") for warning in warnings]


def in_force_body(kind: SettingsKind, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a body with its defaults written out."""
    return MODELS[kind].model_validate(body).model_dump(mode="json")


def _in_dollars(
    kind: SettingsKind, body: Mapping[str, Any], equity: Decimal | None
) -> dict[str, Decimal]:
    """Return what the risk settings' parts come to, by their names; nothing where it is unknown."""
    if kind is not SettingsKind.RISK or equity is None:
        return {}
    risk = RiskSettings.model_validate(body)
    places = risk.max_positions if risk.risk_basis is RiskBasis.SLOT else 1
    return {
        "risk_per_trade": risk.risk_per_trade * equity / places,
        "daily_loss_limit": risk.daily_loss_limit * equity,
    }


def _warnings(
    kind: SettingsKind, changes: Sequence[Difference], after: Mapping[str, Any], *, rises: bool
) -> Iterator[str]:
    if rises:
        yield RISES
    if kind is SettingsKind.RISK and any(change.name == "risk_per_trade" for change in changes):
        risk, (least, most) = RiskSettings.model_validate(after), SPECIFIED
        if risk.risk_basis is RiskBasis.EQUITY and not least <= risk.risk_per_trade <= most:
            yield UNUSUAL


def _row(change: Difference, rises: frozenset[str], amounts: Sequence[Decimal | None]) -> html.Tr:
    mark = html.Span("▲ more risk", className="rises") if change.name in rises else ""
    before, after = map(_value, (change.before, change.after), amounts)
    cells = ([change.title], before, [html.Strong(after)], [mark])
    return html.Tr([html.Td(cell) for cell in cells])


def _value(text: str, amount: Decimal | None) -> list[str | Component]:
    return [text] if amount is None else [text, html.Div(dollars(amount))]
