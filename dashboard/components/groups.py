"""Tables of trades that have something in common, each with a bar as long as what it came to."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html

from dashboard.components.figures import gain, multiple, percent
from dashboard.queries.analytics import Group

MOST_GROUPS = 24  # more than that are shown by their ends alone
ENDS = 10


def group_table(groups: Sequence[Group], *, is_whole: bool = False) -> html.Table:
    """Show groups; of many only the ends, unless the whole is wanted."""
    greatest = float(max((abs(group.pnl) for group in groups), default=0) or 1)
    best, left_out, worst = (groups, 0, ()) if is_whole else ends(groups)
    named = [html.Th(text) for text in ("Trades", "Won", "Mean R", "P&L")]
    head = html.Tr([unseen("Group"), *named, unseen("As a bar")])
    rows = [
        *(_row(group, greatest) for group in best),
        *_gap(left_out),
        *(_row(group, greatest) for group in worst),
    ]
    return html.Table([html.Thead(head), html.Tbody(rows)], className="plain groups")


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


def _row(group: Group, greatest: float) -> html.Tr:
    side = "gain-bar" if group.pnl >= 0 else "loss-bar"
    return html.Tr(
        [
            html.Td(group.name.capitalize() if group.name.islower() else group.name),
            html.Td(f"{group.trades:,}"),
            html.Td(percent(group.win_rate, 0)),
            html.Td(multiple(group.expectancy_r)),
            html.Td(gain(group.pnl)),
            html.Td(bar(side, abs(float(group.pnl)) / greatest), className="bar-cell"),
        ]
    )


def _gap(left_out: int) -> list[html.Tr]:
    words = f"{left_out:,} between the best and the worst {ENDS} are not shown"
    return [html.Tr(html.Td(words, colSpan=6, className="gap"))] if left_out else []
