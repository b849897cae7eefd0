"""What programs read: exact money, UTC times, pages that lead on, filters that filter."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from dashboard.queries.logs import log_facts, read_log_filter
from engine.actions import control
from engine.actions.permissions import SYSTEM
from engine.desk import Desk
from engine.log_keeper import LogKeeper
from engine.logs import configure_logs
from models.tables import Table
from models.vocabulary import SignalStatus
from tests.dashboard import builders
from tests.dashboard.api.conftest import Program

LISTS = ["/trades", "/signals", "/orders", "/fills", "/logs", "/metrics", "/commands"]


def test_money_is_text_and_moments_are_utc(desk: Desk, viewer: Program) -> None:
    builders.set_account(desk, "101000.1234")
    account = viewer.get("/account").json
    assert account is not None
    assert (account["equity"], account["day_pnl"]) == ("101000.1234", "1000.1234")
    assert account["at"].endswith("Z")


def test_without_a_session_the_day_has_gained_nothing(desk: Desk, viewer: Program) -> None:
    builders.set_account(desk, "101000.1234", session=None)
    account = viewer.get("/account").json
    assert account is not None
    assert (account["session"], account["day_pnl"]) == (None, "0.00")


def test_an_account_that_was_never_seen_is_not_found(viewer: Program) -> None:
    assert viewer.get("/account").status_code == 404


def test_positions_are_told_with_their_stop_and_gain(desk: Desk, viewer: Program) -> None:
    builders.add_position(desk, "NVDA")
    [row] = viewer.get("/positions").json["items"]  # type: ignore[index]
    assert (row["symbol"], row["pnl"], row["is_protected"]) == ("NVDA", "555.00", True)


def test_a_position_that_was_left_in_part_tells_what_of_its_gain_is_open(
    desk: Desk, viewer: Program
) -> None:
    prices = ("100", "103", "1")
    builders.add_position(desk, prices=prices, open_quantity=100, pnl=builders.D(400))
    [row] = viewer.get("/positions").json["items"]  # type: ignore[index]
    told = (row["pnl"], row["unrealised"], viewer.get("/stats").json["realised"])  # type: ignore[index]
    assert [float(amount) for amount in told] == [700, 300, 400]


def test_a_position_has_its_orders_with_it(desk: Desk, viewer: Program) -> None:
    trade = builders.add_position(desk, "NVDA")
    life = viewer.get(f"/positions/{trade.id}").json
    assert life is not None
    assert [order["purpose"] for order in life["orders"]] == ["stop"]
    assert life["now"]["id"] == life["trade"]["id"] == trade.id


@pytest.mark.parametrize("wrong", ["99", "0", "-1", "x", "9" * 30, "1.5"])
def test_a_position_that_is_not_there_is_not_found(viewer: Program, wrong: str) -> None:
    assert viewer.get(f"/positions/{wrong}").status_code == 404


@pytest.mark.parametrize(
    ("leaving", "done", "is_closing"), [(40, 0, False), (100, 0, True), (140, 40, True)]
)
def test_a_position_is_closing_when_all_of_it_is(
    desk: Desk,
    viewer: Program,
    leaving: int,
    done: int,
    is_closing: bool,  # noqa: FBT001
) -> None:
    trade = builders.add_position(desk, "NVDA", quantity=100, stop=False)
    out = builders.exit_order(desk, trade, quantity=leaving, filled_quantity=done)
    builders.add(desk, out, builders.stop_order(desk, trade, quantity=60))
    (row,) = viewer.get("/positions").json["items"]  # type: ignore[index]
    assert (row["is_protected"], row["is_closing"]) == (True, is_closing)


def test_the_allocation_adds_up(desk: Desk, viewer: Program) -> None:
    builders.add_position(desk, "NVDA")
    builders.add_position(desk, "AMD")
    shares = viewer.get("/positions/allocation").json["items"]  # type: ignore[index]
    assert sum(share["part"] for share in shares) == pytest.approx(1)


def test_the_allocation_tells_sectors_where_they_are_known(desk: Desk, viewer: Program) -> None:
    builders.add_position(desk, "NVDA")
    builders.add_position(desk, "AMD")
    builders.know_sector(desk, "Information Technology", "NVDA")
    shares = viewer.get("/positions/allocation").json["items"]  # type: ignore[index]
    found = {share["symbol"]: share["sector"] for share in shares}
    assert found == {"NVDA": "Information Technology", "AMD": None}


def test_a_list_is_read_page_by_page_without_gap_or_double(desk: Desk, viewer: Program) -> None:
    for number in range(5):
        builders.add_closed(desk, f"S{number}", "1")
    symbols, cursor = [], ""
    while cursor is not None:
        page = viewer.get(f"/trades?limit=2&cursor={cursor}").json
        assert page is not None
        symbols += [row["symbol"] for row in page["items"]]
        cursor = page["next_cursor"]
    assert symbols == ["S4", "S3", "S2", "S1", "S0"]


def test_a_page_by_time_leads_on(desk: Desk, viewer: Program) -> None:
    builders.add_snapshots(desk, [1, 2, 3])
    first = viewer.get("/account/history?limit=2").json
    assert first is not None
    rest = viewer.get(f"/account/history?limit=2&cursor={first['next_cursor']}").json
    assert rest is not None
    assert [row["day_pnl"] for row in first["items"] + rest["items"]] == ["3.00", "2.00", "1.00"]


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("cursor", ["x", "AAAA", "eyJhIjoxfQ", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OQ"])
def test_a_cursor_of_somebody_elses_making_is_refused(
    viewer: Program, path: str, cursor: str
) -> None:
    assert viewer.get(f"{path}?cursor={cursor}").status_code == 422


@pytest.mark.parametrize("asked", ["limit=0", "limit=501", "limit=x", "limt=5", "limit=1&limit=2"])
def test_a_question_that_is_not_understood_is_not_answered_with_everything(
    viewer: Program, asked: str
) -> None:
    assert viewer.get(f"/trades?{asked}").status_code == 422


def test_filters_filter(desk: Desk, viewer: Program) -> None:
    builders.add_signal(desk, 1, "NVDA", SignalStatus.WORKING)
    builders.add_signal(desk, 2, "AMD", SignalStatus.REFUSED)
    found = viewer.get("/signals?status=refused&session=2026-11-19").json
    assert found is not None
    assert [row["symbol"] for row in found["items"]] == ["AMD"]


def test_facts_are_found_by_their_correlation(operator: Program) -> None:
    told = operator.post(
        "/control/pause", {"reason": "x"}, headers={"X-Correlation-ID": "my-own-1"}
    )
    assert told.headers["X-Correlation-ID"] == "my-own-1"
    found = operator.get("/logs?correlation_id=my-own-1").json
    assert found is not None
    assert [fact["kind"] for fact in found["items"]] == ["control"]


def test_a_click_is_followed_to_its_command(operator: Program) -> None:
    told = operator.post("/control/kill-switch", {"reason": "x"})
    assert told.json is not None
    assert told.json["correlation_id"] == told.headers["X-Correlation-ID"]


def test_a_day_is_summed_up(desk: Desk, viewer: Program) -> None:
    builders.add_closed(desk, "NVDA", "10.50")
    builders.add_closed(desk, "AMD", "-4")
    [day] = viewer.get("/trades/daily-summary").json["items"]  # type: ignore[index]
    assert day == {
        "session": "2026-11-19",
        "trades": 2,
        "winners": 1,
        "losers": 1,
        "pnl": "6.50",
    }


def test_the_overview_is_of_one_moment(desk: Desk, viewer: Program) -> None:
    builders.add_position(desk, "NVDA")
    overview = viewer.get("/dashboard").json
    assert overview is not None
    assert set(overview) == {"status", "account", "today", "positions", "pause_state"}


def test_settings_are_validated_without_being_changed(operator: Program) -> None:
    good = operator.post("/config/validate", {"kind": "risk", "changes": {"max_positions": 7}})
    assert good.json is not None
    assert good.json["settings"]["max_positions"] == 7
    bad = operator.post("/config/validate", {"kind": "risk", "changes": {"max_positions": 0}})
    assert (bad.status_code, operator.get("/config").json["risk_version"]) == (422, 0)  # type: ignore[index]


def test_settings_change_as_a_version(admin: Program) -> None:
    change = {"kind": "risk", "changes": {"max_positions": 7}, "reason": "a test"}
    now = admin.put("/config", change).json
    assert now is not None
    assert (now["risk"]["max_positions"], now["risk_version"]) == (7, 1)
    [version] = admin.get("/config/versions?kind=risk").json["items"]  # type: ignore[index]
    assert (version["actor"], version["reason"]) == ("key:admin-key", "a test")


def test_the_scanner_says_what_it_has(desk: Desk, viewer: Program) -> None:
    builders.add_range(desk, 1, "NVDA")
    health = viewer.get("/scanner/health").json
    assert health is not None
    assert (health["session"], health["universe"]) == ("2026-11-19", 0)
    [row] = viewer.get("/scanner/today").json["items"]  # type: ignore[index]
    assert row["symbol"] == "NVDA"


def test_the_desks_answer_to_a_command_is_read_by_its_number(desk: Desk, viewer: Program) -> None:
    number = control.kill(desk, SYSTEM, "a test")
    command = viewer.get(f"/commands/{number}").json
    assert command is not None
    assert (command["kind"], command["status"]) == ("kill", "requested")


# ------------------------------------------------------------------------------ health
def test_health_is_for_everybody_and_names_each_part(desk: Desk, stranger: Program) -> None:
    builders.beat(desk)
    health = stranger.get("/health")
    assert health.json is not None
    assert (health.status_code, health.json["status"]) == (200, "healthy")
    assert set(health.json["checks"]) == {"database", "engine", "broker", "data"}


def test_an_engine_without_a_sign_of_life_degrades_and_does_not_fail(
    desk: Desk, stranger: Program
) -> None:
    builders.beat(desk, "broker")
    builders.beat(desk, "engine", seconds_ago=120)
    health = stranger.get("/health")
    assert health.json is not None
    assert (health.status_code, health.json["status"]) == (200, "degraded")
    assert health.json["checks"]["engine"]["age_seconds"] >= 120


def test_old_prices_matter_only_while_something_is_held(desk: Desk, stranger: Program) -> None:
    builders.beat(desk, "engine", "broker")
    builders.beat(desk, "data", seconds_ago=timedelta(hours=3).total_seconds())
    health = stranger.get("/health").json
    assert health is not None
    assert health["status"] == "healthy"
    assert health["checks"]["data"]["sentence"] == "It is at rest: nothing is held."
    builders.add_position(desk)
    assert stranger.get("/health").json["status"] == "degraded"  # type: ignore[index]


def test_a_part_that_is_not_needed_is_at_rest(desk: Desk, viewer: Program) -> None:
    assert resting(viewer) == ["data"]
    builders.add_position(desk)
    assert resting(viewer) == []


def resting(program: Program) -> list[str]:
    status = program.get("/status").json
    assert status is not None
    return [part["part"] for part in status["parts"] if part["is_at_rest"]]


def test_without_its_database_the_desk_is_unhealthy(desk: Desk, stranger: Program) -> None:
    lose_database(desk)
    health = stranger.get("/health")
    assert health.json is not None
    assert (health.status_code, health.json["status"]) == (503, "unhealthy")
    assert stranger.client.get("/readyz").status_code == 503
    assert stranger.client.get("/healthz").status_code == 200


def test_without_its_database_nothing_of_it_is_told(desk: Desk, viewer: Program) -> None:
    lose_database(desk)
    answer = viewer.get("/positions")
    assert answer.status_code == 503
    assert "sqlite" not in answer.text.lower()


def test_the_number_that_an_answer_names_finds_its_line_in_the_journal(
    desk: Desk, viewer: Program
) -> None:
    configure_logs(level="INFO", as_json=True)  # a test before this one may have silenced it
    keeper = LogKeeper(desk.db, desk.clock)
    keeper.start()
    with desk.db.write() as tx:
        tx.execute(text("ALTER TABLE fills RENAME TO spills"))
    answer = viewer.get("/fills")
    keeper.stop()
    number = answer.text.partition("the log has the details under ")[2][:8]
    with desk.db.read() as tx:
        (fact,) = log_facts(tx, read_log_filter({"text": number}))
    assert fact.text.startswith(f"a request failed ({number}): OperationalError: ")
    assert fact.correlation_id == answer.headers["X-Correlation-ID"]
    assert "no such table: fills" in fact.body["traceback"]


def test_a_desk_with_its_database_is_ready(stranger: Program) -> None:
    assert stranger.client.get("/readyz").status_code == 200


def lose_database(desk: Desk) -> None:
    """Let every table be gone, as in a database that was put in the place of another."""
    Table.metadata.drop_all(desk.db.engine)
