"""What anonymous, viewer, operator and admin may each reach: every route and every callback.

The tables below are written by hand. A route or callback that nobody put into them fails.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from dashboard.api import ENDPOINTS
from dashboard.api.views import BASE
from engine.actions import control
from engine.actions.keys import create_key
from engine.actions.permissions import SYSTEM
from engine.adapters.channels import AddressedChannel
from engine.desk import Desk
from models.control import Command, TradingState
from models.journal import AuditRow
from models.vocabulary import ControlScope, Outcome, Role
from tests.dashboard import builders, desks

ANYBODY, VIEWER, OPERATOR, ADMIN = "anybody", "viewer", "operator", "admin"
WHO = (ANYBODY, VIEWER, OPERATOR, ADMIN)  # in the order of what they may
SOCKET = {"Connection": "Upgrade", "Upgrade": "websocket"}

# Each route: the least that somebody must be.
ROUTES: Mapping[str, str] = {
    "/login": ANYBODY,
    "/healthz": ANYBODY,
    "/readyz": ANYBODY,
    "/favicon.svg": ANYBODY,
    "/metrics": ANYBODY,  # asks for a token of its own
    "/login/code": ANYBODY,  # who has shown a password, and owes a code
    "/me": VIEWER,
    "/me/password": VIEWER,
    "/me/factor": VIEWER,
    "/me/factor/remove": VIEWER,
    "/me/recovery": VIEWER,
    "/me/logout-everywhere": VIEWER,
    "/logout": VIEWER,
    "/session": VIEWER,
    "/": VIEWER,
    "/<path:path>": VIEWER,
    "/assets/<path:filename>": VIEWER,
    "/bundle/<name>": VIEWER,
    "/bootstrap/<path:filename>": VIEWER,
    "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>": VIEWER,
    "/_dash-dependencies": VIEWER,
    "/_dash-layout": VIEWER,
    "/_dash-update-component": VIEWER,
    "/_favicon.ico": VIEWER,
    "/_reload-hash": VIEWER,
    "/ws/v1/feed": VIEWER,
    "/ws/live": VIEWER,
    "/history/trades.csv": VIEWER,
    "/history/trades.json": VIEWER,
    "/go/<any(order, signal):kind>/<int:number>": VIEWER,
    f"{BASE}/openapi.json": VIEWER,
    f"{BASE}/docs": VIEWER,
}
API: Mapping[str, str] = {
    "GET /health": ANYBODY,
    "POST /auth/login": ANYBODY,
    "POST /auth/refresh": ANYBODY,
    "POST /auth/logout": VIEWER,
    "POST /auth/logout-everywhere": VIEWER,
    "POST /auth/prove": VIEWER,
    "GET /auth/logins": VIEWER,
    "GET /status": VIEWER,
    "GET /stats": VIEWER,
    "GET /dashboard": VIEWER,
    "GET /metrics": VIEWER,
    "GET /account": VIEWER,
    "GET /accounts": OPERATOR,
    "GET /account/history": VIEWER,
    "GET /account/performance": VIEWER,
    "GET /positions": VIEWER,
    "GET /positions/allocation": VIEWER,
    "GET /positions/{id}": VIEWER,
    "GET /positions/{id}/history": VIEWER,
    "GET /trades": VIEWER,
    "GET /trades/daily-summary": VIEWER,
    "GET /signals": VIEWER,
    "GET /orders": VIEWER,
    "GET /fills": VIEWER,
    "GET /logs": VIEWER,
    "GET /history/pnl": VIEWER,
    "GET /history/trades": VIEWER,
    "GET /history/circuit-breakers": VIEWER,
    "GET /alerts/history": VIEWER,
    "POST /alerts/acknowledge": OPERATOR,
    "GET /alerts/config": OPERATOR,
    "PUT /alerts/config": ADMIN,
    "POST /alerts/test": ADMIN,
    "GET /analytics/win-rate": VIEWER,
    "GET /analytics/execution": VIEWER,
    "GET /analytics/latencies": VIEWER,
    "GET /opportunities/recent": VIEWER,
    "GET /opportunities/missed": VIEWER,
    "GET /opportunities/best-scores": VIEWER,
    "GET /brake/current": VIEWER,
    "GET /brake/history": VIEWER,
    "GET /analytics/wash-sales": VIEWER,
    "GET /analytics/dip-distribution": VIEWER,
    "GET /history/funding": VIEWER,
    "GET /bots": VIEWER,
    "GET /bots/{id}": VIEWER,
    "GET /bots/{id}/trades": VIEWER,
    "GET /bots/{id}/opportunities": VIEWER,
    "GET /bots/{id}/skips": VIEWER,
    "GET /bots/{id}/brakes": VIEWER,
    "GET /bots/{id}/account": VIEWER,
    "GET /bots/{id}/days": VIEWER,
    "GET /bots/{id}/positions": VIEWER,
    "GET /bots/{id}/funding": VIEWER,
    "GET /bots/{id}/odd-lines": VIEWER,
    "GET /config/current": OPERATOR,
    "GET /scanner/today": VIEWER,
    "GET /scanner/universe": VIEWER,
    "GET /scanner/health": VIEWER,
    "POST /scanner/run": OPERATOR,
    "POST /scanner/sync": OPERATOR,
    "POST /scanner/cleanup": OPERATOR,
    "GET /pause-state": VIEWER,
    "GET /commands": VIEWER,
    "GET /commands/{id}": VIEWER,
    "POST /control/pause": OPERATOR,
    "POST /control/resume": OPERATOR,
    "POST /control/kill-switch": OPERATOR,
    "DELETE /control/kill-switch": ADMIN,
    "POST /control/emergency-stop": ADMIN,
    "POST /control/close": OPERATOR,
    "GET /config": OPERATOR,
    "GET /config/risk-limits": OPERATOR,
    "PUT /config": ADMIN,
    "POST /config/validate": OPERATOR,
    "GET /config/versions": OPERATOR,
    "GET /users": ADMIN,
    "POST /users": ADMIN,
    "PUT /users/{name}/role": ADMIN,
    "PUT /users/{name}/password": VIEWER,  # their own; others' are an admin's affair
    "DELETE /users/{name}": ADMIN,
    "POST /users/{name}/enable": ADMIN,
    "POST /users/{name}/logout-everywhere": ADMIN,
    "DELETE /users/{name}/second-factor": ADMIN,
    "GET /keys": ADMIN,
    "POST /keys": ADMIN,
    "DELETE /keys/{name}": ADMIN,
    "GET /audit": ADMIN,
    "GET /audit/export": ADMIN,
}
# Each callback that the server runs: the least that somebody must be for it to do anything.
CALLBACKS: Mapping[str, str] = {
    "shell-page.children": VIEWER,
    "signals-ranges.rowData": VIEWER,
    "scanner-health.children": VIEWER,
    "scanner-candidates.getRowsResponse": VIEWER,
    "scanner-universe.getRowsResponse": VIEWER,
    "scanner-findings.getRowsResponse": VIEWER,
    "scanner-drawer-body.children": VIEWER,
    "scanner-cleaned.children": VIEWER,
    "scanner-scan.n_clicks": OPERATOR,
    "scanner-sync.n_clicks": OPERATOR,
    "clean-up-dialog.is_open": OPERATOR,
    "scanner-preview.children": OPERATOR,
    "positions-grid.getRowsResponse": VIEWER,
    "position-summary.children": VIEWER,
    "position-chart.figure": VIEWER,
    "history-metrics.children": VIEWER,
    "history-trades.getRowsResponse": VIEWER,
    "history-groups.data": VIEWER,
    "analytics-groups.data": VIEWER,
    "analytics-changed.data": VIEWER,
    "analytics-allocation.children": VIEWER,
    "alerts-rows.rowData": VIEWER,
    "alerts-seen.data": OPERATOR,
    "alerts-all-seen.data": OPERATOR,
    "bots-cards.children": VIEWER,
    "bot-head.children": VIEWER,
    "bot-equity.figure": VIEWER,
    "logs-found.data": VIEWER,
    "logs-earlier.data": VIEWER,
    "reconciliation-differences.rowData": VIEWER,
    "settings-rest.children": OPERATOR,
    "settings-strategy-version.children": OPERATOR,
    "settings-strategy-problems.children": ADMIN,
    "settings-strategy-stored.data": ADMIN,
    "versions-strategy-list.children": OPERATOR,
    "versions-strategy-diff.children": OPERATOR,
    "rollback-strategy-dialog.is_open": ADMIN,
    "settings-risk-version.children": OPERATOR,
    "settings-risk-problems.children": ADMIN,
    "settings-risk-stored.data": ADMIN,
    "versions-risk-list.children": OPERATOR,
    "versions-risk-diff.children": OPERATOR,
    "rollback-risk-dialog.is_open": ADMIN,
    "settings-alerts-version.children": OPERATOR,
    "settings-alerts-problems.children": ADMIN,
    "settings-alerts-stored.data": ADMIN,
    "versions-alerts-list.children": OPERATOR,
    "versions-alerts-diff.children": OPERATOR,
    "rollback-alerts-dialog.is_open": ADMIN,
    "channels-list.children": OPERATOR,
    "channels-tried.data": ADMIN,
    "accounts-list.children": OPERATOR,
    "accounts-sealed.data": ADMIN,
    "confirm-account-dialog.is_open": ADMIN,
    "live-switch-state.children": OPERATOR,
    "live-switch-sealed.data": ADMIN,
    "confirm-live-dialog.is_open": ADMIN,
    "end-live-dialog.is_open": OPERATOR,
    "users-list.children": ADMIN,
    "add-user-dialog.is_open": ADMIN,
    "change-user-dialog.is_open": ADMIN,
    "keys-list.children": ADMIN,
    "create-key-dialog.is_open": ADMIN,
    "revoke-key-dialog.is_open": ADMIN,
    "audit-newest.data": ADMIN,
    "audit-rows.getRowsResponse": ADMIN,
    "kill-dialog.is_open": OPERATOR,
    "lift-dialog.is_open": ADMIN,
    "pause-dialog.is_open": OPERATOR,
    "live-resume-entry.n_clicks": OPERATOR,
    "live-pause-meaning.children": VIEWER,
    "live-emergency-plan.children": VIEWER,
    "signals-signals.getRowsResponse": VIEWER,
    "emergency-dialog.is_open": ADMIN,
    "close-dialog.is_open": OPERATOR,
    "live-speed-0.n_clicks": OPERATOR,
    "live-next-event.n_clicks": OPERATOR,
}


@pytest.fixture
def desk(sqlite_url: str) -> Iterator[Desk]:
    """A desk that could tell somebody, if anybody were there."""
    channel = AddressedChannel("hook", "json://127.0.0.1:9/nobody")
    made = replace(desks.make_desk(sqlite_url), channels=(channel,))
    yield made
    made.db.close()


def test_every_route_is_known() -> None:
    assert {f"{e.method} {e.path}" for e in ENDPOINTS} == set(API)


def test_every_other_route_is_known(app: Flask) -> None:
    api = {BASE + key.split()[1].replace("{", "<").replace("}", ">") for key in API}
    assert {str(rule) for rule in app.url_map.iter_rules()} - api == set(ROUTES)


@pytest.mark.parametrize("who", WHO)
def test_who_reaches_what_in_the_api(app: Flask, desk: Desk, who: str) -> None:
    headers = key_of(desk, who)
    reached = {}
    for number, key in enumerate(API):
        method, path = key.split()
        answer = app.test_client(use_cookies=False).open(
            BASE + path.replace("{id}", "1").replace("{name}", "nobody"),
            method=method,
            headers=headers,
            environ_base={"REMOTE_ADDR": f"192.0.2.{number}"},
        )
        # Whose role is enough may still have to show their password, which a key cannot.
        refused = answer.status_code == 401 or "needs another role" in answer.text
        reached[key] = not refused
    assert reached == {key: is_enough(who, least) for key, least in API.items()}


def test_a_stranger_reaches_nothing_else(app: Flask) -> None:
    reached = set()
    for number, rule in enumerate(app.url_map.iter_rules()):
        if str(rule).startswith("/api/"):
            continue
        for method in (rule.methods or set()) - {"OPTIONS"}:
            answer = app.test_client(use_cookies=False).open(
                filled(str(rule)),
                method=method,
                headers=SOCKET if rule.websocket else {},
                environ_base={"REMOTE_ADDR": f"198.51.100.{number}"},
                buffered=True,
            )
            if answer.status_code != 401:
                reached.add(str(rule))
    anybody = {rule for rule, least in ROUTES.items() if least == ANYBODY}
    assert reached == anybody


def test_every_callback_is_known(app: Flask) -> None:
    assert sorted(name_of(spec) for spec in server_callbacks(app)) == sorted(CALLBACKS)


@pytest.mark.parametrize("name", CALLBACKS)
@pytest.mark.parametrize("who", [VIEWER, OPERATOR, ADMIN])
def test_who_can_make_a_callback_do_something(app: Flask, desk: Desk, name: str, who: str) -> None:
    builders.add_position(desk)
    control.pause(desk, SYSTEM, ControlScope.ENTRY, "so that there is something to resume")
    client = logged_in(app, who)
    spec = next(spec for spec in server_callbacks(app) if name_of(spec) == name)
    before = changes(desk)
    answer = client.post("/_dash-update-component", json=forged(spec))
    refused = "needs another role" in answer.text
    assert refused == (not is_enough(who, CALLBACKS[name]))
    if refused:
        assert changes(desk) == before
        assert refusals(desk) == 1


# ------------------------------------------------------------------------------ how
def is_enough(who: str, least: str) -> bool:
    return WHO.index(who) >= WHO.index(least)


def key_of(desk: Desk, who: str) -> dict[str, str]:
    if who == ANYBODY:
        return {}
    return {"X-API-Key": create_key(desk, SYSTEM, who, Role(who)).secret}


def logged_in(app: Flask, who: str) -> FlaskClient:
    name = next(name for name, role in desks.PEOPLE.items() if role == who)
    client = app.test_client()
    client.get("/login")
    with client.session_transaction() as session:
        token = session["form_token"]
    form = {"name": name, "password": desks.PASSWORD, "form_token": token}
    assert client.post("/login", data=form).status_code == 303
    return client


def filled(rule: str) -> str:
    return re.sub(r"<\w+:\w+>", "anything", rule)


def server_callbacks(app: Flask) -> list[dict[str, object]]:
    dash = app.extensions["dash"]
    app.test_client(use_cookies=False).get("/healthz")  # Dash sets itself up with the first request
    return [spec for spec in dash._callback_list if spec["clientside_function"] is None]


def name_of(spec: dict[str, object]) -> str:
    """Name a callback by its first output, or its first input where it has none."""
    output = str(spec["output"]).strip(".").split("...")[0].split("@")[0]
    if "." in output:
        return output
    first = spec["inputs"][0]  # type: ignore[index]
    return f"{first['id']}.{first['property']}"


def forged(spec: dict[str, object]) -> dict[str, object]:
    """What somebody sends who has read the page's dependencies: every button was clicked."""
    return {
        "output": spec["output"],
        "outputs": outputs(str(spec["output"])),
        "inputs": [valued(each) for each in spec["inputs"]],  # type: ignore[attr-defined]
        "changedPropIds": [f"{each['id']}.{each['property']}" for each in spec["inputs"]][:1],  # type: ignore[attr-defined]
        "state": [valued(each) for each in spec["state"]],  # type: ignore[attr-defined]
    }


def outputs(written: str) -> object:
    names = [each.split("@")[0] for each in written.strip(".").split("...") if each]
    if "." not in written:
        return []
    made = [dict(zip(("id", "property"), n.rsplit(".", 1), strict=True)) for n in names]
    return made if written.startswith("..") else (made[0] if made else [])


def valued(each: dict[str, str]) -> dict[str, object]:
    values: dict[str, object] = {"n_clicks": 1, "pathname": "/audit"}
    named: dict[str, object] = {
        "live-emergency-sure": ["sure"],
        "live-pause-scope": "entry",
        "close-asked": {"id": 1, "symbol": "NVDA"},
    }
    return {**each, "value": named.get(each["id"], values.get(each["property"]))}


def refusals(desk: Desk) -> int:
    with desk.db.read() as tx:
        return tx.scalar(select(func.count()).where(AuditRow.outcome == Outcome.REFUSED)) or 0


def changes(desk: Desk) -> tuple[object, ...]:
    """Everything that a click could have changed; refusals are told and change nothing."""
    done = select(func.count()).where(AuditRow.outcome == Outcome.DONE)
    with desk.db.read() as tx:
        states = tx.execute(select(TradingState.scope, TradingState.state)).all()
        return tx.scalar(select(func.count(Command.id))), tuple(states), tx.scalar(done)
