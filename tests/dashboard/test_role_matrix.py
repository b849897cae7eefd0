"""Every permission, every way in, every role: what the tables of `test_reach` say follows from it.

There each route, endpoint and callback is tried as each role and as a stranger. Here the tables are
held against the permissions themselves, so that neither can drift from the other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import click
import pytest
from flask import Flask
from simple_websocket.ws import Client

from dashboard.api import ENDPOINTS
from dashboard.feed.messages import SAID
from engine.actions.keys import create_key
from engine.actions.permissions import PERMISSIONS, SYSTEM, Permission
from engine.cli import main
from engine.cli.command import local_actor
from engine.desk import Desk
from models.vocabulary import Role, Way
from tests.dashboard.test_feed import HANDSHAKE, Listener, hang_up
from tests.dashboard.test_reach import ADMIN, ANYBODY, API, CALLBACKS, OPERATOR, VIEWER


@dataclass(frozen=True)
class Ways:
    """The ways to use one permission; a way that is not there is not offered."""

    callbacks: tuple[str, ...] = ()
    endpoints: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()


MATRIX: Mapping[Permission, Ways] = {
    Permission.VIEW: Ways(
        ("shell-page.children", "logs-found.data"),
        ("GET /positions", "GET /logs", "GET /account", "POST /auth/prove"),
        ("check",),
    ),
    Permission.PAUSE_ENTRY: Ways(
        ("pause-dialog.is_open", "live-resume-entry.n_clicks"),
        ("POST /control/pause", "POST /control/resume"),
        ("resume",),
    ),
    Permission.PAUSE_EXIT: Ways((), ("POST /control/pause",)),
    Permission.PAUSE_ALL: Ways(),  # scope `all` of the same endpoint: see test_control
    Permission.CLOSE_POSITION: Ways(("close-dialog.is_open",), ("POST /control/close",)),
    Permission.KILL: Ways(
        ("kill-dialog.is_open", "end-live-dialog.is_open"),
        ("POST /control/kill-switch",),
        ("kill",),
    ),
    Permission.LIFT_KILL: Ways(
        ("lift-dialog.is_open",), ("DELETE /control/kill-switch",), ("resume",)
    ),
    Permission.SWITCH_LIVE: Ways(("live-switch-sealed.data", "confirm-live-dialog.is_open")),
    Permission.SWITCH_ACCOUNT: Ways(("accounts-sealed.data", "confirm-account-dialog.is_open")),
    Permission.EMERGENCY_STOP: Ways(
        ("emergency-dialog.is_open",), ("POST /control/emergency-stop",)
    ),
    Permission.FLATTEN: Ways((), (), ("flatten",)),
    Permission.SCAN: Ways(
        ("scanner-scan.n_clicks", "scanner-sync.n_clicks", "clean-up-dialog.is_open"),
        ("POST /scanner/run", "POST /scanner/sync", "POST /scanner/cleanup"),
        ("scan", "sync"),
    ),
    Permission.DRIVE_SIMULATION: Ways(("live-speed-0.n_clicks", "live-next-event.n_clicks")),
    Permission.ACKNOWLEDGE: Ways(
        ("alerts-seen.data", "alerts-all-seen.data"), ("POST /alerts/acknowledge",)
    ),
    Permission.VIEW_SETTINGS: Ways(
        ("settings-risk-version.children", "versions-risk-list.children"),
        ("GET /config", "GET /config/versions", "POST /config/validate"),
    ),
    Permission.CHANGE_SETTINGS: Ways(
        ("settings-risk-stored.data", "rollback-risk-dialog.is_open", "channels-tried.data"),
        ("PUT /config", "PUT /alerts/config", "POST /alerts/test"),
    ),
    Permission.MANAGE_USERS: Ways(
        ("users-list.children", "add-user-dialog.is_open", "change-user-dialog.is_open"),
        ("GET /users", "POST /users", "PUT /users/{name}/role", "DELETE /users/{name}"),
        ("user",),
    ),
    Permission.MANAGE_KEYS: Ways(
        ("keys-list.children", "create-key-dialog.is_open", "revoke-key-dialog.is_open"),
        ("GET /keys", "POST /keys", "DELETE /keys/{name}"),
        ("key",),
    ),
    Permission.MANAGE_BOTS: Ways(commands=("bots",)),
    Permission.VIEW_AUDIT: Ways(
        ("audit-rows.getRowsResponse",), ("GET /audit", "GET /audit/export")
    ),
}


def least(permission: Permission | None) -> str:
    """Return the least of roles that has a permission."""
    if permission is None:
        return ANYBODY
    has = {str(role) for role, allowed in PERMISSIONS.items() if permission in allowed}
    return next(role for role in (VIEWER, OPERATOR, ADMIN) if role in has)


def test_every_permission_is_in_the_matrix() -> None:
    assert set(MATRIX) == set(Permission)


def test_whoever_may_more_may_all_of_the_less() -> None:
    viewer, operator, admin = (PERMISSIONS[role] for role in Role)
    assert viewer < operator < admin == set(Permission)


@pytest.mark.parametrize("permission", Permission)
def test_every_callback_of_a_permission_takes_its_role(permission: Permission) -> None:
    asked = {CALLBACKS[name] for name in MATRIX[permission].callbacks}
    assert asked <= {least(permission)}


@pytest.mark.parametrize("permission", Permission)
def test_every_endpoint_of_a_permission_takes_its_role(permission: Permission) -> None:
    asked = {API[key] for key in MATRIX[permission].endpoints}
    assert asked <= {least(permission)}


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda each: f"{each.method} {each.path}")
def test_every_endpoint_takes_the_role_of_its_permission(endpoint: Any) -> None:
    assert API[f"{endpoint.method} {endpoint.path}"] == least(endpoint.permission)


# ------------------------------------------------------------------------------ socket
def test_a_stranger_hears_nothing(app: Flask) -> None:
    answer = app.test_client(use_cookies=False).get("/ws/v1/feed", headers=HANDSHAKE)
    assert answer.status_code == 401


@pytest.mark.parametrize("role", Role)
def test_every_role_may_listen(desk: Desk, url: str, role: Role) -> None:
    key = create_key(desk, SYSTEM, "listener", role).secret
    socket = Client(url.replace("http", "ws") + "/ws/v1/feed", headers={"X-API-Key": key})
    assert Listener(socket).subscribe("positions")["data"] == {"positions": []}
    hang_up(socket)


@pytest.mark.parametrize("said", ["kill", "pause", "flatten", "confirm_live", "add_user", ""])
def test_nothing_can_be_done_on_the_socket(said: str) -> None:
    with pytest.raises(ValueError, match="Input tag"):
        SAID.validate_python({"action": said, "reason": "x", "channels": ["logs"]})


# ------------------------------------------------------------------------------ command line
def test_the_command_line_is_an_admin_by_name() -> None:
    actor = local_actor()
    assert (actor.role, actor.way) == (Role.ADMIN, Way.COMMAND_LINE)
    assert actor.name.startswith("cli:")


@pytest.mark.parametrize("permission", Permission)
def test_every_command_of_a_permission_is_there(permission: Permission) -> None:
    there = main.list_commands(click.Context(main))
    assert set(MATRIX[permission].commands) <= set(there)
