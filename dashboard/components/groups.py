"""Tables of trades that have something in common, each with a bar as long as what it came to.

A store holds their rows by the id of the box that shows them; `assets/groups.js` draws them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from dash import ClientsideFunction, Dash, Input, Output, html

from dashboard.components.figures import dollars, multiple, percent, signed, tone
from dashboard.queries.analytics import Group
from dashboard.queries.group_filters import only
from dashboard.queries.trades import TradeFilter, filter_words

MOST_GROUPS = 24  # more than that are shown by their ends alone
ENDS = 10

Rows = list[dict[str, Any]]


def group_box(id_: str) -> html.Div:
    """Return the empty box of a table."""
    return html.Div(id=id_, className="scroll padded limited")


def draw_groups(app: Dash, store: str, box: str) -> None:
    """Draw the tables whenever their store changes; one of their boxes stands for all."""
    app.clientside_callback(
        ClientsideFunction("groups", "show"),
        Output(box, "title"),
        Input(store, "data"),
        prevent_initial_call=True,
    )


def group_rows(
    groups: Sequence[Group], wanted: TradeFilter, by: str, *, is_whole: bool = False
) -> Rows:
    """Return the rows of a table, each with the way to its trades.

    Of many groups only the ends are shown, unless the whole is wanted.
    """
    greatest = float(max((abs(group.pnl) for group in groups), default=0) or 1)
    best, left_out, worst = (groups, 0, ()) if is_whole else ends(groups)
    return [
        *(_row(group, greatest, way_to_group(wanted, by, group.name)) for group in best),
        *_gap(left_out),
        *(_row(group, greatest, way_to_group(wanted, by, group.name)) for group in worst),
    ]


def ends(groups: Sequence[Group]) -> tuple[Sequence[Group], int, Sequence[Group]]:
    """Return the best groups, how many are left out, and the worst."""
    if len(groups) <= MOST_GROUPS:
        return groups, 0, ()
    return groups[:ENDS], len(groups) - 2 * ENDS, groups[-ENDS:]


def bar(kind: str, part: float) -> html.Div:
    """Show a part of one as a bar."""
    return html.Div(className=f"bar {kind}", style={"width": f"{part * 100:.1f}%"})


def unseen(name: str) -> html.Th:
    """Name a column for screen readers alone: to the eye it explains itself."""
    return html.Th(html.Span(name, className="visually-hidden"))


def way_to_group(wanted: TradeFilter, by: str, name: str) -> str | None:
    """Return where a group's trades are listed, None where no filter leaves them alone."""
    narrowed = only(wanted, by, name)
    return f"/history?{urlencode(filter_words(narrowed))}" if narrowed else None


def _row(group: Group, greatest: float, way: str | None) -> dict[str, Any]:
    figures = [f"{group.trades:,}", percent(group.win_rate, 0), multiple(group.expectancy_r)]
    return {
        "name": group.name.capitalize() if group.name.islower() else group.name,
        "way": way,
        "figures": figures,
        "pnl": signed(group.pnl, dollars(group.pnl)),
        "tone": tone(group.pnl),
        "part": round(abs(float(group.pnl)) / greatest * 100, 1),
    }


def _gap(left_out: int) -> Rows:
    words = f"{left_out:,} between the best and the worst {ENDS} are not shown"
    return [{"gap": words}] if left_out else []
