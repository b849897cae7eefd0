"""API keys: made, seen once, used, ended."""

from __future__ import annotations

from datetime import datetime, timedelta

from dash import Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from dashboard.auth import current_actor, demanded, take_proof
from dashboard.components.dialogs import Dialog, choice_field, text_field
from dashboard.components.panels import button, panel
from dashboard.components.tables import plain_table
from dashboard.components.toasts import say
from engine.actions.keys import create_key, is_usable, list_keys, revoke_key
from engine.actions.permissions import Permission
from engine.clock import wall_now
from engine.desk import Desk
from engine.errors import InvalidRequestError
from models.people import ApiKey
from models.vocabulary import Role

PANEL = "settings-keys-panel"
LIST = "keys-list"
CHANGED = "keys-changed"
SECRET = "keys-secret"  # noqa: S105  # an id
CREATE = "keys-create"
REVOKE = "keys-revoke"
NAME = "keys-name"
ROLE = "keys-role"
DAYS = "keys-days"
WHICH = "keys-which"

CREATING = Dialog("create-key")
REVOKING = Dialog("revoke-key")
TITLES = ("Name", "Begins", "Role", "Made by", "Made (UTC)", "Ends (UTC)", "Last use (UTC)", "")
MOST_DAYS = 3_650


def layout() -> Component:
    """Show the keys, empty, and what can be done."""
    return panel(
        "API keys",
        html.Div(id=LIST),
        html.Div(id=SECRET, className="secret", role="status"),
        html.Div(
            [button(REVOKE, "Revoke…", "danger"), button(CREATE, "Create key…", "primary")],
            className="form-end",
        ),
        dcc.Store(id=CHANGED),
        _creating(),
        _revoking(),
        name="keys",
        id_=PANEL,
    )


def _creating() -> Component:
    return CREATING.layout(
        "Create an API key",
        html.P("It is shown once, here. What it opens is what its role may do."),
        text_field(NAME, "Name", maxLength=48),
        choice_field(ROLE, "Role", {str(role): role.capitalize() for role in Role}),
        text_field(DAYS, "Days until it ends; empty: until it is revoked", maxLength=4),
        CREATING.proof(),
        does="Create key",
        kind="primary",
        asks=None,
    )


def _revoking() -> Component:
    return REVOKING.layout(
        "Revoke an API key?",
        html.P("Whatever uses it is refused from this moment on, open connections included."),
        choice_field(WHICH, "Key", {}),
        does="Revoke",
        asks=None,
    )


def register_callbacks(app: Dash, desk: Desk) -> None:
    """Show the list anew after each change."""
    CREATING.register(app, opened_by=CREATE)
    REVOKING.register(app, opened_by=REVOKE)
    _register_list(app, desk)
    _register_creating(app, desk)
    _register_revoking(app, desk)


def row(key: ApiKey) -> tuple[str, ...]:
    """Return a key as a row of the table."""
    used = f"{_shown(key.last_used_at)} from {key.last_used_from}" if key.last_used_at else "never"
    state = "revoked" if key.revoked_at else "" if is_usable(key) else "ended"
    ends = _shown(key.expires_at) if key.expires_at else "no end"
    made = _shown(key.created_at)
    return key.name, f"{key.start}…", key.role, key.made_by, made, ends, used, state


def days_until(text: str) -> timedelta | None:
    """Return how long a key is to last, None for no end.

    Raises:
        InvalidRequestError: that is no number of days.
    """
    text = text.strip()
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= MOST_DAYS):
        raise InvalidRequestError(f"a key lasts 1 to {MOST_DAYS} days, or until it is revoked")
    return timedelta(days=int(text))


def _register_list(app: Dash, desk: Desk) -> None:
    @app.callback(
        Output(LIST, "children"),
        Output(WHICH, "options"),
        Output(WHICH, "value"),
        Input(CHANGED, "data"),
    )
    def show(_changed: str | None) -> tuple[object, object, object]:
        actor = demanded(desk, Permission.MANAGE_KEYS, "keys")
        keys = list_keys(desk, actor)
        names = [key.name for key in keys if key.revoked_at is None]
        table = plain_table(TITLES, [row(key) for key in keys]) if keys else _none()
        return table, names, names[0] if names else None


def _register_creating(app: Dash, desk: Desk) -> None:
    typed = (NAME, DAYS, CREATING.password, CREATING.code)

    @app.callback(
        Output(CREATING.box, "is_open", allow_duplicate=True),
        Output(CHANGED, "data"),
        Output(SECRET, "children"),
        Input(CREATING.confirm, "n_clicks"),
        *(State(field, "value") for field in typed),
        State(ROLE, "value"),
        prevent_initial_call=True,
    )
    def create(clicks: int | None, *said: str | None) -> tuple[object, object, object]:
        if not clicks:
            return no_update, no_update, no_update
        actor = demanded(desk, Permission.MANAGE_KEYS, "create_key")
        name, days, password, code, role = (each or "" for each in said)
        lasts = days_until(days)
        take_proof(desk, password, code)
        ends = wall_now() + lasts if lasts else None
        made = create_key(desk, actor, name, Role(role or Role.VIEWER), ends)
        shown = [html.P(f"{made.name}, shown this once:"), html.Code(made.secret)]
        return False, f"made {name} {clicks}", shown


def _register_revoking(app: Dash, desk: Desk) -> None:
    @app.callback(
        Output(REVOKING.box, "is_open", allow_duplicate=True),
        Output(CHANGED, "data", allow_duplicate=True),
        Input(REVOKING.confirm, "n_clicks"),
        State(WHICH, "value"),
        prevent_initial_call=True,
    )
    def revoke(clicks: int | None, name: str | None) -> tuple[object, object]:
        if not clicks:
            return no_update, no_update
        revoke_key(desk, current_actor(), name or "")
        say(f"{name} opens nothing any more.")
        return False, f"revoked {name}"


def _none() -> Component:
    return html.P("There are no keys: no program can ask anything.", className="empty")


def _shown(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
