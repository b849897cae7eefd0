"""Panels, figures and buttons."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dash import html
from dash.development.base_component import Component

NOTHING_YET = "\N{EN DASH}"


def panel(
    title: str, *content: Component, aside: Any = None, name: str = "", id_: str = ""
) -> html.Section:
    """Show a titled panel; `aside` stands at the right of its title. A phone can fold it."""
    fold = button("", "", "fold", **aria(expanded="true", label=f"Show {title}"))
    head = html.Header([html.H2(title), html.Div(aside, className="panel-aside"), fold])
    more: Any = {"id": id_} if id_ else {}
    return html.Section(
        [head, *content], className=f"panel {name}".strip(), **aria(label=title), **more
    )


def jumps(label: str, places: Iterable[tuple[str, str]]) -> html.Nav:
    """Show links to the panels of a long page, by their ids and titles."""
    links = [html.A(title, href=f"#{id_}", className="jump") for id_, title in places]
    return html.Nav(links, className="jumps", **aria(label=label))


def figure(id_: str, label: str, *, large: bool = False, title: str | None = None) -> html.Div:
    """Show a figure that the browser fills, with its name above it and how it is meant."""
    value = html.Span(NOTHING_YET, id=id_, className="value")
    meant: Any = {"title": title} if title else {}
    return html.Div(
        [html.Span(label, className="label"), value],
        className="figure large" if large else "figure",
        **meant,
    )


def button(id_: str, label: str, kind: str = "", **more: Any) -> html.Button:
    """Show a button."""
    named: Any = {"id": id_} if id_ else {}
    return html.Button(label, type="button", className=f"button {kind}".strip(), **named, **more)


def aria(**attributes: str) -> Any:
    """Return attributes for screen readers, which Dash takes by names that Python does not."""
    return {f"aria-{name}": value for name, value in attributes.items()}


def data(**attributes: str) -> Any:
    """Return attributes for the browser's scripts, as above."""
    return {f"data-{name}": value for name, value in attributes.items()}
