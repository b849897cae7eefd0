"""No planted secret is in anything that leaves the desk: pages, API, files, errors, logs."""

import logging
from collections.abc import Iterator
from dataclasses import replace

import pytest
import structlog
from flask import Flask
from pydantic import SecretStr

from dashboard import create_app
from engine.account_keys import AccountKeys
from engine.actions.keys import create_key
from engine.actions.permissions import SYSTEM
from engine.adapters.channels import AddressedChannel
from engine.alpaca_account import AlpacaAccounts
from engine.desk import Desk
from engine.jobs.decide_alerts import decide_alerts
from engine.jobs.deliver_alerts import deliver_alerts
from engine.logs import configure_logs
from engine.settings import Settings
from models.tables import Table
from models.vocabulary import Role, SignalStatus, TradingMode
from tests.dashboard import builders, desks
from tests.dashboard.api.conftest import Program
from tests.dashboard.conftest import SECRET
from tests.dashboard.test_reach import forged, logged_in, server_callbacks

PLANTED = {
    name: f"planted-{number}-secret-of-32-characters"
    for number, name in enumerate(
        ("alpaca_api_key", "alpaca_secret_key", "massive_api_key", "metrics_token", "sentry_dsn")
    )
}
NAMED = {name: f"planted-{name}-of-another-account" for name in ("api_key", "secret_key")}
SESSION_SECRET = "planted-for-sessions-of-32-characters"  # noqa: S105  # opens nothing
HEARTBEAT = "https://heartbeat.example/planted-token-of-the-heartbeat"
CHANNEL = "planted-token-of-a-channel"
PAGES = ("/", "/login", "/signals", "/positions", "/history", "/analytics", "/logs", "/audit")
FILES = ("/history/trades.csv", "/history/trades.json", "/_dash-layout", "/_dash-dependencies")
ERRORS = ("/nothing", "/positions/99", "/api/v1/nothing", "/api/v1/positions/99", "/assets/none")


@pytest.fixture
def quiet_again() -> Iterator[None]:
    """Leave the logs as they were."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:], root.level = handlers, level


@pytest.mark.usefixtures("quiet_again")
def test_no_secret_is_in_anything_that_leaves_the_desk(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logs(level="DEBUG", as_json=True)
    desk = replace(desk, channels=tuple(broken_channels()))
    builders.add_fact(desk, "alert", "a rejection", code="order_rejected", severity="warning")
    decide_alerts(desk)
    for channel in desk.channels:
        deliver_alerts(desk, channel)
    builders.add_account(desk, "ira", TradingMode.PAPER, "PA1")
    settings = Settings(
        **PLANTED, heartbeat_url=HEARTBEAT, alpaca_accounts=(AccountKeys(name="ira", **NAMED),)
    )
    desk = replace(desk, accounts=AlpacaAccounts(settings, desk.clock))
    app = create_app(settings, desk, SESSION_SECRET)
    key = create_key(desk, SYSTEM, "all", Role.ADMIN).secret
    told = "".join([*by_program(app, key), *by_browser(app), *by_exception(app, desk)])
    said = capsys.readouterr()
    assert "traceback" in said.out.lower() + said.err.lower()  # or it would prove nothing
    assert "ops_hook" in told
    assert '"account":"ira"' in told  # or it would prove nothing of the accounts
    secrets = (*PLANTED.values(), *NAMED.values(), SESSION_SECRET, HEARTBEAT, CHANNEL, key)
    for secret in (*secrets, desks.PASSWORD, desks.HASH):
        assert secret not in told
        assert secret not in said.out + said.err


def broken_channels() -> Iterator[AddressedChannel]:
    """Yield channels that nobody listens to, is known to, or that are no address at all."""
    for number, scheme in enumerate(("http", "jsons", "nonsense", "tgram")):
        yield AddressedChannel(f"ops_hook{number}", f"{scheme}://127.0.0.1:9/{CHANNEL}?t={CHANNEL}")


def by_program(app: Flask, key: str) -> Iterator[str]:
    """Return every answer of the API, a refused login, and the metrics."""
    program = Program(app.test_client(use_cookies=False), **{"X-API-Key": key})
    document = program.get("/openapi.json")
    yield document.text
    for path, methods in (document.json or {})["paths"].items():
        if "get" in methods:
            yield program.get(path.removeprefix("/api/v1").replace("{id}", "1")).text
    yield program.post("/auth/login", {"name": "anna", "password": "wrong one"}).text
    token = bearer(PLANTED["metrics_token"])
    yield app.test_client().get("/metrics", headers=token).text


def by_browser(app: Flask) -> Iterator[str]:
    """Return every page, file and refusal, and what each callback answers."""
    client = logged_in(app, "admin")
    for path in (*PAGES, *FILES, *ERRORS, "/settings", "/alerts", "/me", "/metrics"):
        yield client.get(path, headers={"Accept": "text/html"}).text
    for spec in server_callbacks(app):
        yield client.post("/_dash-update-component", json=forged(spec)).text


def by_exception(app: Flask, desk: Desk) -> Iterator[str]:
    """Return what is told when the database is gone in the middle of everything."""
    client = logged_in(app, "admin")
    Table.metadata.drop_all(desk.db.engine)
    for path in (*PAGES, "/api/v1/positions", "/readyz", "/api/v1/health"):
        yield client.get(path).text


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_metrics_need_their_token(desk: Desk) -> None:
    app = create_app(Settings(metrics_token=SecretStr("the-token")), desk, SECRET)
    client = app.test_client()
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers=bearer("another")).status_code == 401
    told = client.get("/metrics", headers=bearer("the-token"))
    assert "bellwether_database_up 1.0" in told.text


def test_metrics_do_not_grow_with_what_strangers_invent(desk: Desk) -> None:
    app = create_app(Settings(metrics_token=SecretStr("the-token")), desk, SECRET)
    client = app.test_client()
    for number in range(3):
        client.open("/x", method=f"INVENTED{number}")
    told = client.get("/metrics", headers=bearer("the-token")).text
    assert 'method="other",status="401"} 3.0' in told
    assert "INVENTED" not in told


def test_metrics_tell_of_the_day(desk: Desk) -> None:
    builders.add_position(desk)
    builders.add_signal(desk, 2, "UBER", SignalStatus.REFUSED, code="size")
    app = create_app(Settings(metrics_token=SecretStr("the-token")), desk, SECRET)
    told = app.test_client().get("/metrics", headers=bearer("the-token")).text
    for line in (
        'bellwether_day_orders{status="working"} 1.0',
        'bellwether_day_refusals{code="size"} 1.0',
        "bellwether_day_unprotected_seconds 0.4",
        "bellwether_open_differences 0.0",
        "bellwether_feed_readers 0.0",
    ):
        assert line in told


def test_metrics_tell_how_long_orders_took(desk: Desk) -> None:
    builders.add_chain(desk, "AAPL")
    app = create_app(Settings(metrics_token=SecretStr("the-token")), desk, SECRET)
    told = app.test_client().get("/metrics", headers=bearer("the-token")).text
    assert 'bellwether_day_order_seconds{quantile="0.5",step="answered"} 0.04' in told


def test_without_a_token_there_are_no_metrics(app: Flask) -> None:
    assert app.test_client().get("/metrics").status_code == 404


@pytest.mark.usefixtures("quiet_again")
@pytest.mark.parametrize("as_json", [True, False])
def test_a_failure_in_the_log_shows_no_variable(
    capsys: pytest.CaptureFixture[str], *, as_json: bool
) -> None:
    configure_logs(level="INFO", as_json=as_json)
    try:
        _fail_with("PLANTED-VALUE".lower())
    except ZeroDivisionError:
        structlog.get_logger("a.job").exception("job failed")
    said = capsys.readouterr().err
    assert "ZeroDivisionError" in said
    assert "planted-value" not in said


def _fail_with(secret: str) -> float:
    return len(secret) / 0
