"""The versions of one kind of settings, and the way back to one of them."""

from __future__ import annotations

from typing import Any

import dash_bootstrap_components as dbc
from dash import Dash, Input, Output, State, html, no_update
from dash.development.base_component import Component

from dashboard.auth import current_actor, demanded
from dashboard.components.dialogs import Dialog
from dashboard.components.figures import clock
from dashboard.components.panels import button, panel
from dashboard.components.toasts import say
from dashboard.pages.settings.changing import (
    equity_now,
    newest,
    refusal,
    refusal_id,
    stored,
)
from dashboard.pages.settings.review import diff_table
from dashboard.queries.settings import VersionRow, version_rows
from engine.actions.permissions import Permission
from engine.actions.trading_settings import problems, roll_back
from engine.desk import Desk
from engine.errors import InvalidRequestError
from engine.market_hours import new_york
from engine.rules.settings_sentences import as_sentence
from models.vocabulary import SettingsKind


def dialog(kind: SettingsKind) -> Dialog:
    """Return the question before going back."""
    return Dialog(f"rollback-{kind}")


def layout(kind: SettingsKind, *, may_change: bool) -> Component:
    """Show the versions, empty."""
    back = html.Div(
        [
            html.Label([html.Span("Version", className="visually-hidden"), _select(kind)]),
            button(_open(kind), "Roll back…"),
        ],
        id=_back(kind),
        className="buttons roll-back",
        hidden=True,
    )
    question = dialog(kind).layout(
        f"Roll the {kind} settings back?",
        html.Div(id=_diff(kind)),
        refusal(dialog(kind)),
        does="Roll back",
        kind="primary",
    )
    title = f"Versions of the {kind} settings"
    return panel(
        title,
        html.Div(id=_list(kind), className="scroll versions"),
        html.Div(back, hidden=not may_change),
        question,
    )


def register_callbacks(app: Dash, desk: Desk, kind: SettingsKind) -> None:
    """List the versions anew after each change; show what going back would change."""
    dialog(kind).register(app, opened_by=_open(kind))
    _register_list(app, desk, kind)
    _register_review(app, desk, kind)
    _register_rollback(app, desk, kind)


def _register_list(app: Dash, desk: Desk, kind: SettingsKind) -> None:
    @app.callback(
        Output(_list(kind), "children"),
        Output(_choice(kind), "options"),
        Output(_choice(kind), "value"),
        Output(_back(kind), "hidden"),
        Input(stored(kind), "data"),
    )
    def show(_stored: int | None) -> tuple[object, object, object, object]:
        demanded(desk, Permission.VIEW_SETTINGS, "config_versions")
        with desk.db.read() as tx:
            rows = version_rows(tx, kind)
        options = [{"label": f"version {row.version}", "value": str(row.version)} for row in rows]
        options = [*options[1:], {"label": "the defaults", "value": "0"}] if rows else []
        first = options[0]["value"] if options else None
        return _table(rows), options, first, not options


def _register_review(app: Dash, desk: Desk, kind: SettingsKind) -> None:
    @app.callback(
        Output(_diff(kind), "children"),
        Output(refusal_id(dialog(kind)), "children", allow_duplicate=True),
        Input(dialog(kind).box, "is_open"),
        State(_choice(kind), "value"),
        prevent_initial_call=True,
    )
    def review(
        is_open: bool | None,  # noqa: FBT001  # Dash's
        chosen: str | None,
    ) -> tuple[object, object]:
        demanded(desk, Permission.VIEW_SETTINGS, "config_versions")
        if not is_open or chosen is None:
            return no_update, no_update
        after = _body(desk, kind, int(chosen))
        if wrong := problems(kind, after):
            return html.Ul([html.Li(sentence) for sentence in wrong], className="problems"), ""
        _number, before = newest(desk, kind)
        return diff_table(kind, before, after, equity_now(desk)), ""


def _register_rollback(app: Dash, desk: Desk, kind: SettingsKind) -> None:
    question = dialog(kind)

    @app.callback(
        Output(question.box, "is_open", allow_duplicate=True),
        Output(stored(kind), "data", allow_duplicate=True),
        Output(refusal_id(question), "children"),
        Input(question.confirm, "n_clicks"),
        State(question.reason, "value"),
        State(_choice(kind), "value"),
        prevent_initial_call=True,
    )
    def go_back(
        clicks: int | None, reason: str | None, chosen: str | None
    ) -> tuple[object, object, object]:
        if not clicks:
            return no_update, no_update, no_update
        demanded(desk, Permission.CHANGE_SETTINGS, "roll_back_settings")
        if chosen is None:
            raise InvalidRequestError("choose the version to go back to")
        try:
            number = roll_back(desk, current_actor(), kind, int(chosen), reason or "")
        except InvalidRequestError as refused:  # a reason is missing
            return no_update, no_update, as_sentence(str(refused))
        say(f"The {kind} settings of version {chosen} are in force again, as version {number}.")
        return False, number, ""


def _body(desk: Desk, kind: SettingsKind, version: int) -> dict[str, Any]:
    with desk.db.read() as tx:
        rows = version_rows(tx, kind)
    return next((dict(row.body) for row in rows if row.version == version), {})


def _table(rows: list[VersionRow]) -> Component:
    if not rows:
        return html.P(
            "Nobody has changed anything yet: the defaults are in force.", className="empty"
        )
    head = html.Thead(html.Tr([html.Th(x) for x in ("Version", "When", "Who", "What", "Why")]))
    return html.Table([head, html.Tbody([_row(row) for row in rows])], className="plain")


def _row(row: VersionRow) -> html.Tr:
    when = f"{new_york(row.created_at):%Y-%m-%d} {clock(row.created_at)}"
    changes = [html.Div(f"{c.title}: {c.before} → {c.after}") for c in row.changed]
    what = changes or "the same as before"
    cells = (f"{row.version}", when, row.actor, html.Div(what), html.Div(row.reason))
    return html.Tr([html.Td(cell) for cell in cells])


def _list(kind: SettingsKind) -> str:
    return f"versions-{kind}-list"


def _select(kind: SettingsKind) -> dbc.Select:
    return dbc.Select(id=_choice(kind), class_name="field", options=[])


def _choice(kind: SettingsKind) -> str:
    return f"versions-{kind}-choice"


def _back(kind: SettingsKind) -> str:
    return f"versions-{kind}-back"


def _open(kind: SettingsKind) -> str:
    return f"versions-{kind}-open"


def _diff(kind: SettingsKind) -> str:
    return f"versions-{kind}-diff"
