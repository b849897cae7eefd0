"""Users: who may log in and as what; added, changed and shut out by admins."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dash import Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from dashboard.auth import demanded, take_proof
from dashboard.components.dialogs import Dialog, choice_field, text_field
from dashboard.components.panels import button, panel
from dashboard.components.tables import plain_table
from dashboard.components.toasts import say
from engine.actions import people
from engine.actions.logins import end_all_logins
from engine.actions.permissions import Actor, Permission
from engine.actions.proofs import GRAVE
from engine.actions.second_factor import remove_factor
from engine.desk import Desk
from engine.errors import InvalidRequestError
from models.people import User
from models.vocabulary import Role

PANEL = "settings-people-panel"
LIST = "users-list"
CHANGED = "users-changed"
ADD = "users-add"
CHANGE = "users-change"
NEW_NAME = "users-new-name"
NEW_ROLE = "users-new-role"
NEW_PASSWORD = "users-new-password"  # noqa: S105  # an id
WHOM = "users-whom"
WHAT = "users-what"
CHOSEN_PASSWORD = "users-chosen-password"  # noqa: S105  # an id

ADDING = Dialog("add-user")
CHANGING = Dialog("change-user")
TITLES = ("Name", "Role", "May log in", "Second factor", "Last login (UTC)", "Failed since")
MUST_CHANGE = "They choose a password of their own at their first login."

Change = Callable[[Desk, Actor, str, str], None]


def _to(role: Role) -> Change:
    return lambda desk, actor, name, _password: people.set_role(desk, actor, name, role)


# What can be done to somebody: the words of the list, the action's name in the audit, the action.
CHANGES: Mapping[str, tuple[str, str, Change]] = {
    "log out": (
        "Sign them out everywhere",
        "logout_everywhere",
        lambda desk, actor, name, _password: end_all_logins(desk, actor, name),
    ),
    "password": ("Give them a new password", "set_password", people.set_password),
    **{f"make {role}": (f"Make them {role}", "set_role", _to(role)) for role in Role},
    "disable": (
        "Disable them",
        "disable_user",
        lambda desk, actor, name, _password: people.disable_user(desk, actor, name),
    ),
    "enable": (
        "Enable them again",
        "enable_user",
        lambda desk, actor, name, _password: people.enable_user(desk, actor, name),
    ),
    "factor": (
        "Remove their second factor",
        "remove_second_factor",
        lambda desk, actor, name, _password: remove_factor(desk, actor, name),
    ),
}


def layout() -> Component:
    """Show the users, empty, and what can be done."""
    return panel(
        "Users",
        html.Div(id=LIST),
        html.Div(
            [button(CHANGE, "Change…"), button(ADD, "Add user…", "primary")], className="form-end"
        ),
        dcc.Store(id=CHANGED),
        _adding(),
        _changing(),
        name="users",
        id_=PANEL,
    )


def _adding() -> Component:
    return ADDING.layout(
        "Add a user",
        html.P(MUST_CHANGE),
        text_field(NEW_NAME, "Name", maxLength=64),
        choice_field(NEW_ROLE, "Role", {str(role): role.capitalize() for role in Role}),
        text_field(NEW_PASSWORD, "First password", type="password", autoComplete="new-password"),
        ADDING.proof(),
        does="Add user",
        kind="primary",
        asks=None,
    )


def _changing() -> Component:
    return CHANGING.layout(
        "Change a user",
        choice_field(WHOM, "User", {}),
        choice_field(WHAT, "What", {key: words for key, (words, _name, _do) in CHANGES.items()}),
        text_field(
            CHOSEN_PASSWORD,
            "New password, if that is what they get",
            type="password",
            autoComplete="new-password",
        ),
        CHANGING.proof(),
        does="Change",
        kind="primary",
        asks=None,
    )


def register_callbacks(app: Dash, desk: Desk) -> None:
    """Show the list anew after each change."""
    ADDING.register(app, opened_by=ADD)
    CHANGING.register(app, opened_by=CHANGE)
    _register_list(app, desk)
    _register_adding(app, desk)
    _register_changing(app, desk)


def row(user: User) -> tuple[str, ...]:
    """Return a user as a row of the table."""
    last = f"{user.last_login_at:%Y-%m-%d %H:%M}" if user.last_login_at else "never"
    is_in = "yes" if user.is_active else "no"
    factor = "yes" if user.has_second_factor else "no"
    return user.name, user.role, is_in, factor, last, str(user.failed_logins)


def _register_list(app: Dash, desk: Desk) -> None:
    @app.callback(Output(LIST, "children"), Output(WHOM, "options"), Input(CHANGED, "data"))
    def show(_changed: str | None) -> tuple[object, object]:
        actor = demanded(desk, Permission.MANAGE_USERS, "users")
        users = people.list_users(desk, actor)
        options = [{"label": user.name, "value": user.name} for user in users]
        return plain_table(TITLES, [row(user) for user in users]), options


def _register_adding(app: Dash, desk: Desk) -> None:
    typed = (NEW_NAME, NEW_PASSWORD, ADDING.password, ADDING.code)

    @app.callback(
        Output(ADDING.box, "is_open", allow_duplicate=True),
        Output(CHANGED, "data"),
        Input(ADDING.confirm, "n_clicks"),
        *(State(field, "value") for field in typed),
        State(NEW_ROLE, "value"),
        prevent_initial_call=True,
    )
    def add(clicks: int | None, *said: str | None) -> tuple[object, object]:
        if not clicks:
            return no_update, no_update
        actor = demanded(desk, Permission.MANAGE_USERS, "add_user")
        name, password, own_password, code, role = (each or "" for each in said)
        take_proof(desk, own_password, code)
        people.add_user(desk, actor, name, Role(role or Role.VIEWER), password)
        say(f"{name.casefold()} can log in.")
        return False, f"added {name} {clicks}"


def _register_changing(app: Dash, desk: Desk) -> None:
    typed = (CHOSEN_PASSWORD, CHANGING.password, CHANGING.code)

    @app.callback(
        Output(CHANGING.box, "is_open", allow_duplicate=True),
        Output(CHANGED, "data", allow_duplicate=True),
        Input(CHANGING.confirm, "n_clicks"),
        *(State(field, "value") for field in typed),
        State(WHOM, "value"),
        State(WHAT, "value"),
        prevent_initial_call=True,
    )
    def change(clicks: int | None, *said: str | None) -> tuple[object, object]:
        if not clicks:
            return no_update, no_update
        actor = demanded(desk, Permission.MANAGE_USERS, "change_user")
        password, own_password, code, whom, what = (each or "" for each in said)
        if what not in CHANGES:
            raise InvalidRequestError("choose what to change")
        words, name, do = CHANGES[what]
        if name in GRAVE:
            take_proof(desk, own_password, code)
        do(desk, actor, whom, password)
        say(f"{whom}: done ({words.casefold()}).")
        return False, f"{what} {whom} {clicks}"
