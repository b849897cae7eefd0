"""Periods: chosen by a name, or by their days; and why one shows nothing, for a person."""

from __future__ import annotations

from datetime import date

from dash import ClientsideFunction, Dash, Input, Output, html

from dashboard.components.filters import ANY, choice

BACKWARDS = "The period ends before it begins: From is after To."

ALL = "all"
PERIODS = (ALL, "today", "7 days", "30 days", "90 days", "this year")


def period_field(id_: str, first: str, last: str) -> html.Div:
    """Show a choice of periods; one that is known by its days alone is called so."""
    return choice(id_, "Period", PERIODS, ANY if first or last else ALL, "As dated")


def register_period(app: Dash, period: str, first: str, last: str) -> None:
    """Let a chosen period set its days, and other days the name of their period."""
    fields = [(id_, "value") for id_ in (period, first, last)]
    app.clientside_callback(
        ClientsideFunction("history", "period"),
        *(Output(*field) for field in fields),
        *(Input(*field) for field in fields),
        prevent_initial_call=True,
    )


def why_empty(first: date | None, last: date | None, otherwise: str) -> str:
    """Return why nothing is in a period, `otherwise` where its days are not to blame."""
    return BACKWARDS if first and last and first > last else otherwise
