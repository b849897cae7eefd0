"""The form of one kind of settings: changed, reviewed, given a reason, stored."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from dash import Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from dashboard.auth import demanded
from dashboard.components.dialogs import Dialog
from dashboard.components.panels import button, panel
from dashboard.components.toasts import say
from dashboard.pages.settings.fields import changes_of, field_ids, form_field, read, shown
from dashboard.pages.settings.review import diff_table, in_force_body
from dashboard.queries.account import account_view
from dashboard.queries.settings import differences
from engine.actions.permissions import Permission
from engine.actions.trading_settings import (
    MODELS,
    change_settings,
    problems,
    settings_of,
)
from engine.desk import Desk
from engine.errors import InvalidRequestError
from engine.rules.settings_sentences import as_sentence
from models.vocabulary import SettingsKind


def stored(kind: SettingsKind) -> str:
    """Return the id of the store that holds the version on the screen."""
    return f"settings-{kind}-stored"


def box(kind: SettingsKind) -> str:
    """Return the id of the panel."""
    return f"settings-{kind}-panel"


def dialog(kind: SettingsKind) -> Dialog:
    """Return the question before a change."""
    return Dialog(f"settings-{kind}")


def layout(kind: SettingsKind, *, may_change: bool) -> Component:
    """Show the form, empty."""
    fields = [form_field(kind, name, may_change=may_change) for name in MODELS[kind].model_fields]
    review = button(_review(kind), "Review changes…", "primary", hidden=not may_change)
    question = dialog(kind).layout(
        f"Change the {kind} settings?",
        html.Div(id=_diff(kind)),
        refusal(dialog(kind)),
        does="Save",
        kind="primary",
    )
    return panel(
        kind.capitalize(),
        html.Div(fields, className="settings-form"),
        html.Ul(id=_problems(kind), className="problems", role="alert"),
        html.Div(review, className="form-end"),
        dcc.Store(id=stored(kind)),
        question,
        aside=html.Span(id=_version(kind)),
        name=f"{kind}-settings",
        id_=box(kind),
    )


def register_callbacks(app: Dash, desk: Desk, kind: SettingsKind) -> None:
    """Fill the form, review it, save it."""
    _register_filling(app, desk, kind)
    _register_review(app, desk, kind)
    _register_saving(app, desk, kind)
    dialog(kind).register(app)


def refusal(question: Dialog) -> html.P:
    """Show why nothing was stored, right above the field for the reason."""
    return html.P(id=refusal_id(question), className="problems", role="alert")


def refusal_id(question: Dialog) -> str:
    """Return the id of what `refusal` shows."""
    return f"{question.name}-refusal"


def equity_now(desk: Desk) -> Decimal | None:
    """Return the account's equity as last seen, None before it was."""
    with desk.db.read() as tx:
        account = account_view(tx, desk)
    return account.equity if account else None


def newest(desk: Desk, kind: SettingsKind) -> tuple[int, dict[str, Any]]:
    """Return the version in force and its values."""
    with desk.db.read() as tx:
        settings, version = settings_of(tx, kind)
    return version, in_force_body(kind, settings.model_dump())


def _register_filling(app: Dash, desk: Desk, kind: SettingsKind) -> None:
    @app.callback(
        Output(_version(kind), "children"),
        *(Output(field, "value") for field in field_ids(kind)),
        Input(stored(kind), "data"),
    )
    def fill(_stored: int | None) -> list[object]:
        demanded(desk, Permission.VIEW_SETTINGS, "config")
        with desk.db.read() as tx:
            settings, number = settings_of(tx, kind)
        return [version_text(number), *shown(settings)]


def _register_review(app: Dash, desk: Desk, kind: SettingsKind) -> None:
    @app.callback(
        Output(_problems(kind), "children"),
        Output(_diff(kind), "children"),
        Output(dialog(kind).box, "is_open", allow_duplicate=True),
        Output(refusal_id(dialog(kind)), "children", allow_duplicate=True),
        Input(_review(kind), "n_clicks"),
        *(State(field, "value") for field in field_ids(kind)),
        prevent_initial_call=True,
    )
    def review(clicks: int | None, *said: Any) -> tuple[object, object, object, object]:
        if not clicks:
            return no_update, no_update, no_update, no_update
        demanded(desk, Permission.CHANGE_SETTINGS, "change_settings")
        wanted, (_version, before) = read(kind, said), newest(desk, kind)
        wrong = problems(kind, wanted, in_percent=True)
        if not wrong and not differences(kind, before, wanted):
            wrong = ["Nothing was changed."]
        if wrong:
            return [html.Li(sentence) for sentence in wrong], no_update, False, ""
        return [], diff_table(kind, before, wanted, equity_now(desk)), True, ""


def _register_saving(app: Dash, desk: Desk, kind: SettingsKind) -> None:
    question = dialog(kind)

    @app.callback(
        Output(stored(kind), "data"),
        Output(question.box, "is_open", allow_duplicate=True),
        Output(refusal_id(question), "children"),
        Input(question.confirm, "n_clicks"),
        State(question.reason, "value"),
        State(_version(kind), "children"),
        *(State(field, "value") for field in field_ids(kind)),
        prevent_initial_call=True,
    )
    def save(
        clicks: int | None, reason: str | None, seen: str, *said: Any
    ) -> tuple[object, object, object]:
        if not clicks:
            return no_update, no_update, no_update
        actor = demanded(desk, Permission.CHANGE_SETTINGS, "change_settings")
        with desk.db.read() as tx:
            before, version = settings_of(tx, kind)
        if seen != version_text(version):
            raise InvalidRequestError("somebody changed these settings meanwhile: load the page")
        changes = changes_of(kind, before, read(kind, said))
        try:
            number = change_settings(desk, actor, kind, changes, reason or "")
        except InvalidRequestError as refused:  # a reason is missing
            return no_update, no_update, as_sentence(str(refused))
        say(f"The {kind} settings are at version {number}.")
        return number, False, ""


def version_text(number: int) -> str:
    """Return a version for a person."""
    return f"version {number}" if number else "the defaults"


def _review(kind: SettingsKind) -> str:
    return f"settings-{kind}-review"


def _diff(kind: SettingsKind) -> str:
    return f"settings-{kind}-diff"


def _problems(kind: SettingsKind) -> str:
    return f"settings-{kind}-problems"


def _version(kind: SettingsKind) -> str:
    return f"settings-{kind}-version"
