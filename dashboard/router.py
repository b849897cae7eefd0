"""Which page an address shows."""

from __future__ import annotations

from collections.abc import Sequence

from dash import ClientsideFunction, Dash, Input, Output, html
from dash.development.base_component import Component

from dashboard.auth import current_actor
from dashboard.components import ids
from dashboard.page import Page
from engine.actions.permissions import may
from engine.desk import Desk


def find(pages: Sequence[Page], path: str) -> Page | None:
    """Return the page at a path."""
    return next((page for page in pages if page.path == path), None)


def register_callbacks(app: Dash, desk: Desk, pages: Sequence[Page]) -> None:
    """Show the page of the address, and its title in the window."""

    @app.callback(Output(ids.PAGE, "children"), Input(ids.LOCATION, "pathname"))
    def show(path: str) -> Component:
        page = find(pages, path)
        if page is None:
            return html.P("There is no such page.")
        if not may(current_actor(), page.permission):
            return html.P(f"Your role, {current_actor().role}, does not show this page.")
        return page.layout(desk, current_actor())

    app.clientside_callback(
        ClientsideFunction("shell", "title"),
        Output(ids.TITLE, "data"),
        Input(ids.LOCATION, "pathname"),
    )
