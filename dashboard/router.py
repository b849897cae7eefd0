"""Which page an address shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dash import ClientsideFunction, Dash, Input, Output, html
from dash.development.base_component import Component

from dashboard.auth import current_actor
from dashboard.components import ids
from dashboard.components.panels import panel
from dashboard.components.toasts import explain_error
from dashboard.page import Address, Page
from engine.actions.audit import Entry
from engine.actions.deeds import write_refusal
from engine.actions.permissions import may
from engine.desk import Desk


def find(pages: Sequence[Page], path: str, query: str = "") -> tuple[Page, Address] | None:
    """Return the page at a path, and what the address says to it."""
    for page in pages:
        if (address := page.address(path, query)) is not None:
            return page, address
    return None


def register_callbacks(app: Dash, desk: Desk, pages: Sequence[Page]) -> None:
    """Show the page of the address, and its title in the window."""
    app.clientside_callback(
        ClientsideFunction("address", "begin"),
        Output(ids.ADDRESS, "data"),
        Input(ids.ADDRESS, "id"),
    )

    @app.callback(
        Output(ids.PAGE, "children"),
        Input(ids.ADDRESS, "data"),
        prevent_initial_call=True,
    )
    def show(address: Mapping[str, str] | None) -> Component | list[Component]:
        asked = address or {}
        path = str(asked.get("path", ""))
        found = find(pages, path, str(asked.get("query", "")))
        if found is None:
            return _instead("No such page", "There is no such page.")
        page, wanted = found
        actor = current_actor()
        if not may(actor, page.permission):
            sentence = f"Your role, {actor.role}, does not show this page."
            write_refusal(desk, actor, Entry("open_page", path), sentence)
            return _instead("Not for your role", sentence)
        try:
            shown = page.layout(desk, actor, wanted)
        except Exception as problem:  # noqa: BLE001  # the page says so, whatever it was
            explain_error(problem)
            return _instead("Not read", "This page could not be read. Load it again.")
        # One position names itself; elsewhere the navigation does, but not to a screen reader.
        name = html.H1(page.title, className="visually-hidden")
        return [name, shown] if page.is_in_navigation else shown

    app.clientside_callback(
        ClientsideFunction("shell", "title"),
        Output(ids.TITLE, "data"),
        Input(ids.LOCATION, "pathname"),
    )


def _instead(title: str, sentence: str) -> html.Div:
    """Show why the page is not there, where it would be."""
    why = html.P([f"{sentence} ", html.A("To the Live page", href="/", className="inside")])
    return html.Div(panel(title, html.Div(why, className="padded")), className="page")
