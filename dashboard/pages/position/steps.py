"""The steps of the explanation: they stand from the start, and only their contents change.

So a step that somebody opened stays open, with its focus and its scrolling, whatever happens.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from dash import Output, html
from dash.development.base_component import Component

from dashboard.components.figures import fixed
from models.money import PLACES

Cell = str | Component
Cells = Sequence[Cell]
TIMES = "\N{MULTIPLICATION SIGN}"
OVER = "\N{DIVISION SIGN}"
PNL, IN_R, FILLS, ORDERS, SIGNAL, SIZE, RANGE = TITLES = (
    "P&L",
    "In R",
    "Fills",
    "Orders",
    "Signal",
    "Size",
    "Opening range",
)


@dataclass(frozen=True, slots=True)
class Step:
    """What one step says: at its title, and when it is open."""

    fact: Cell
    content: Component


def empty_steps() -> list[Component]:
    """Return the steps without contents; the first one is open."""
    return [_empty(title) for title in TITLES]


def step_outputs() -> list[Output]:
    """Return where the contents of the steps go, in the order of `step_values`."""
    return [Output(_id(title, part), "children") for title in TITLES for part in ("fact", "body")]


def step_values(steps: Sequence[Step]) -> list[object]:
    """Return the contents of the steps, in the order of `step_outputs`."""
    return [value for step in steps for value in (step.fact, step.content)]


def unknown(why: str) -> Step:
    """Return a step of which nothing is kept."""
    return Step(why, html.P("Nothing is known of it.", className="empty"))


def table(rows: Sequence[Cells], *head: str) -> html.Table:
    """Return a table of facts; without a head one of names and values."""
    body = html.Tbody([html.Tr([html.Td(cell) for cell in row]) for row in rows])
    titles = [html.Thead(html.Tr([html.Th(title) for title in head]))] if head else []
    return html.Table([*titles, body], className="plain" if head else "plain pairs")


def exactly(value: Decimal) -> str:
    """Return a price with every place that the desk keeps of it, at least two."""
    whole, _, places = fixed(value, PLACES).partition(".")
    return f"{whole}.{places.rstrip('0').ljust(2, '0')}"


def _empty(title: str) -> html.Details:
    fact = html.Span(id=_id(title, "fact"), className="fact")
    body = html.Div(id=_id(title, "body"), className="scroll")
    return html.Details([html.Summary([html.Strong(title), fact]), body], open=title == PNL)


def _id(title: str, part: str) -> str:
    name = title.lower().replace(" ", "-").replace("&", "-")
    return f"position-{name}-{part}"
