"""The alert rules: who is told of what, reviewed before they apply, stored as versions."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from dashboard.auth import demanded
from dashboard.components.panels import button, panel
from dashboard.components.toasts import say
from dashboard.pages.settings.alert_fields import (
    changes_of,
    field_ids,
    heartbeat_field,
    read,
    rule_rows,
    shown,
)
from dashboard.pages.settings.changing import dialog, stored, version_text
from dashboard.pages.settings.review import diff_table
from dashboard.queries.settings import differences
from engine.actions.permissions import Permission
from engine.actions.trading_settings import alert_settings, change_settings, problems
from engine.desk import Desk
from engine.errors import InvalidRequestError
from models.alert_settings import AlertSettings
from models.vocabulary import SettingsKind

KIND = SettingsKind.ALERTS
PANEL = "settings-alerts-panel"
VERSION = "settings-alerts-version"
PROBLEMS = "settings-alerts-problems"
DIFF = "settings-alerts-diff"
REVIEW = "settings-alerts-review"
NOTE = (
    "An alert is told through its channels from its severity on. One about the same is held back "
    "for the seconds given; when it becomes graver it is told at once, and an emergency is never "
    "held back. Whatever is raised is in the history, told or not."
)


def layout(desk: Desk, *, may_change: bool) -> Component:
    """Show the form, empty."""
    question = dialog(KIND).layout(
        "Change the alert rules?", html.Div(id=DIFF), does="Save", kind="primary"
    )
    return panel(
        "Alerts",
        html.P(
            [NOTE, " ", html.A("The history", href="/alerts", className="inside"), "."],
            className="padded",
        ),
        rule_rows(desk.channels, may_change=may_change),
        html.Div(heartbeat_field(may_change=may_change), className="settings-form"),
        html.Ul(id=PROBLEMS, className="problems", role="alert"),
        html.Div(
            button(REVIEW, "Review changes…", "primary", hidden=not may_change),
            className="form-end",
        ),
        dcc.Store(id=stored(KIND)),
        question,
        aside=html.Span(id=VERSION),
        name="alert-rules",
        id_=PANEL,
    )


def register_callbacks(app: Dash, desk: Desk) -> None:
    """Fill the form, review it, save it."""
    _register_filling(app, desk)
    _register_review(app, desk)
    _register_saving(app, desk)
    dialog(KIND).register(app)


def _register_filling(app: Dash, desk: Desk) -> None:
    @app.callback(
        Output(VERSION, "children"),
        *(Output(field, "value") for field in field_ids()),
        Input(stored(KIND), "data"),
    )
    def fill(_stored: int | None) -> list[object]:
        demanded(desk, Permission.VIEW_SETTINGS, "alerts_config")
        with desk.db.read() as tx:
            settings, version = alert_settings(tx)
        return [version_text(version), *shown(settings)]


def _register_review(app: Dash, desk: Desk) -> None:
    @app.callback(
        Output(PROBLEMS, "children"),
        Output(DIFF, "children"),
        Output(dialog(KIND).box, "is_open", allow_duplicate=True),
        Input(REVIEW, "n_clicks"),
        *(State(field, "value") for field in field_ids()),
        prevent_initial_call=True,
    )
    def review(clicks: int | None, *said: Any) -> tuple[object, object, object]:
        if not clicks:
            return no_update, no_update, no_update
        demanded(desk, Permission.CHANGE_SETTINGS, "change_settings")
        wanted, (before, _version) = read(said), _in_force(desk)
        wrong = problems(KIND, wanted)
        after = {} if wrong else _whole(before, wanted).model_dump()
        if not wrong and not differences(KIND, before.model_dump(), after):
            wrong = ["Nothing was changed."]
        if wrong:
            return [html.Li(sentence) for sentence in wrong], no_update, False
        return [], diff_table(KIND, before.model_dump(), after), True


def _register_saving(app: Dash, desk: Desk) -> None:
    question = dialog(KIND)

    @app.callback(
        Output(stored(KIND), "data"),
        Output(question.box, "is_open", allow_duplicate=True),
        Input(question.confirm, "n_clicks"),
        State(question.reason, "value"),
        State(VERSION, "children"),
        *(State(field, "value") for field in field_ids()),
        prevent_initial_call=True,
    )
    def save(
        clicks: int | None, reason: str | None, seen: str, *said: Any
    ) -> tuple[object, object]:
        if not clicks:
            return no_update, no_update
        actor = demanded(desk, Permission.CHANGE_SETTINGS, "change_settings")
        before, version = _in_force(desk)
        if seen != version_text(version):
            raise InvalidRequestError("somebody changed these rules meanwhile: load the page")
        changes = changes_of(before, read(said))
        number = change_settings(desk, actor, KIND, changes, reason or "")
        say(f"The alert rules are at version {number}.")
        return number, False


def _in_force(desk: Desk) -> tuple[AlertSettings, int]:
    with desk.db.read() as tx:
        return alert_settings(tx)


def _whole(before: AlertSettings, wanted: dict[str, Any]) -> AlertSettings:
    """Return what the rules would be; those of bots' own types are not in the form, and stay."""
    rules = {**before.rules, **wanted["rules"]}
    return AlertSettings.model_validate({**wanted, "rules": rules})
