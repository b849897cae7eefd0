"""What programs read of other bots; with none, the lists are empty and the rest says so."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.desk import Desk
from models.bots import BotState
from tests.dashboard.api.conftest import Program
from tests.dashboard.bots_by_hand import CYCLE, Dipper, add_funding_bot
from tests.engine.adapters.funding_bot import FundingBot, funding_bot

LISTS = (
    *("/opportunities/recent", "/opportunities/missed", "/opportunities/best-scores"),
    *("/brake/history", "/analytics/wash-sales", "/history/funding", "/bots"),
)
OF_A_DIPPER = ("trades", "opportunities", "skips", "brakes", "account", "days", "odd-lines")


@pytest.fixture
def dipper(desk: Desk, tmp_path: Path) -> Dipper:
    made = Dipper(desk, tmp_path)
    made.says(*CYCLE)
    return made


@pytest.fixture
def funding(desk: Desk) -> Iterator[FundingBot]:
    with funding_bot() as bot:
        add_funding_bot(desk, bot)
        yield bot


def items(program: Program, path: str) -> list[dict[str, Any]]:
    answer = program.get(path)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = (answer.json or {})["items"]
    return found


@pytest.mark.parametrize("path", LISTS)
def test_with_no_bot_a_list_is_empty(viewer: Program, path: str) -> None:
    assert items(viewer, path) == []


@pytest.mark.parametrize("path", ["/brake/current", "/config/current", "/bots/1"])
def test_with_no_bot_what_is_of_one_says_so(operator: Program, path: str) -> None:
    answer = operator.get(path)
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert "bot" in (answer.json or {})["detail"]


def test_a_bot_is_told_with_its_health_and_what_was_read(viewer: Program, dipper: Dipper) -> None:
    [bot] = items(viewer, "/bots")
    assert (bot["name"], bot["kind"], bot["health"]) == ("dipper", "dip", "well")
    assert (bot["lines"], bot["odd_lines"]) == (12, 1)
    assert viewer.get(f"/bots/{dipper.number}").json == bot


def test_a_bot_that_nobody_looks_at_is_not_well(
    desk: Desk, viewer: Program, dipper: Dipper
) -> None:
    with desk.db.write() as tx:
        tx.get_one(BotState, dipper.number).looked_at -= timedelta(minutes=2)
    [bot] = items(viewer, "/bots")
    assert (bot["health"], "its engine stands still" in bot["sentence"]) == ("unknown", True)


@pytest.mark.usefixtures("dipper")
def test_dips_are_told_newest_first_or_best_first(viewer: Program) -> None:
    recent = items(viewer, "/opportunities/recent")
    assert [(dip["symbol"], dip["executed"]) for dip in recent] == [("MSFT", True), ("TER", False)]
    assert recent[1]["dip"] == "-0.1344"
    best = items(viewer, "/opportunities/best-scores?period=1d&limit=1")
    assert [(dip["symbol"], dip["score"]) for dip in best] == [("MSFT", "2.10")]


@pytest.mark.usefixtures("dipper")
def test_missed_dips_are_filtered_by_their_reason(viewer: Program) -> None:
    missed = items(viewer, "/opportunities/missed")
    assert [skip["symbol"] for skip in missed] == ["FIGR", "TER"]
    [wash] = items(viewer, "/opportunities/missed?reason=wash_sale&bot=dipper")
    assert (wash["symbol"], wash["sentence"]) == ("TER", "-13.44% wash sale conflict")


@pytest.mark.usefixtures("dipper")
def test_wash_sales_are_counted_by_symbol(viewer: Program) -> None:
    [row] = items(viewer, "/analytics/wash-sales?period=1w")
    assert (row["symbol"], row["blocked"], row["deepest"]) == ("TER", 1, "-0.1344")


@pytest.mark.usefixtures("dipper")
def test_the_distribution_of_dips_has_no_gaps(viewer: Program) -> None:
    found = viewer.get("/analytics/dip-distribution").json or {}
    assert (found["dips"], len(found["buckets"])) == (2, 9)
    assert found["buckets"][0] == {"least": "-0.14", "most": "-0.13", "count": 1, "executed": 0}
    assert found["buckets"][-1]["executed"] == 1


def test_the_brake_is_told_while_it_holds_and_after(viewer: Program, dipper: Dipper) -> None:
    now = viewer.get("/brake/current").json or {}
    assert (now["active"], now["margin"], now["last"]["margin"]) == (True, "0.15", "0.16")
    dipper.says("[BRAKE] released")
    assert (viewer.get("/brake/current").json or {})["active"] is False
    [brake] = items(viewer, "/brake/history?period=1d")
    assert brake["ended_at"] is not None


def test_the_config_is_read_without_its_secrets(operator: Program, dipper: Dipper) -> None:
    answer = operator.get("/config/current")
    config = answer.json or {}
    assert config["values"] == {"SYMBOLS": ["MSFT", "TER"], "DIP_THRESHOLD": 0.05}
    assert (config["computed"], config["withheld"]) == (
        ["MARGIN_LIMIT"],
        ["ALPACA_KEY", "ALPACA_SECRET"],
    )
    assert "planted-secret" not in answer.text
    dipper.config.write_text("def (:")
    assert "cannot be understood: line 1" in operator.get("/config/current").text


@pytest.mark.parametrize("what", OF_A_DIPPER)
def test_what_is_of_one_dip_bot_is_found_below_it(
    viewer: Program, dipper: Dipper, what: str
) -> None:
    assert items(viewer, f"/bots/{dipper.number}/{what}") != []


def test_positions_are_those_that_were_told_last(viewer: Program, dipper: Dipper) -> None:
    found = items(viewer, f"/bots/{dipper.number}/positions")
    assert [row["symbol"] for row in found] == ["MSFT", "BLV", "KTOS"]


@pytest.mark.usefixtures("funding")
def test_a_funding_bots_positions_have_both_legs(viewer: Program) -> None:
    [row] = items(viewer, "/bots/1/positions")
    assert (row["asset"], row["long_value"], row["health_factor"]) == ("SOL", "15000.00", "0.28")
    history = items(viewer, "/history/funding?asset=SOL")
    assert {(row["rate"], row["funding_pnl"]) for row in history} == {
        (-0.000125, None),
        (None, "67.50"),
    }
    assert items(viewer, "/bots/1/funding") == history


@pytest.mark.usefixtures("dipper", "funding")
def test_a_bot_tells_nothing_of_what_is_not_its_kind(viewer: Program) -> None:
    assert viewer.get("/bots/1/funding").status_code == 404
    assert viewer.get("/bots/2/trades").status_code == 404
    assert viewer.get("/opportunities/recent?bot=delta").status_code == 404


def test_a_list_of_dips_is_read_page_by_page(viewer: Program, dipper: Dipper) -> None:
    dipper.says(*(f"[SKIP] S{number} cooldown" for number in range(5)))
    symbols: list[str] = []
    cursor = ""
    while cursor is not None:
        page = viewer.get(f"/opportunities/missed?reason=cooldown&limit=2&cursor={cursor}").json
        assert page is not None
        symbols += [row["symbol"] for row in page["items"]]
        cursor = page["next_cursor"]
    assert symbols == ["S4", "S3", "S2", "S1", "S0"]
