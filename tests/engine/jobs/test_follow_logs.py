"""Big Dipper's log becomes rows and facts: each line once, in one transaction with its place."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from engine.actions.bots import Wanted, add_bot, remove_bot
from engine.actions.permissions import SYSTEM
from engine.adapters.bot_bridge import BotBridge
from engine.desk import Desk
from engine.errors import NotTheEngineError
from engine.jobs.follow_logs import follow_logs
from models.bots import BotState, LogMark, OddLine
from models.dip import (
    DipAccount,
    DipBrake,
    DipDay,
    DipOpportunity,
    DipPosition,
    DipSkip,
    DipTrade,
)
from models.journal import JournalRow
from models.vocabulary import BotHealth, BotKind, Severity
from tests.dashboard import desks

D = Decimal
ACCOUNT = "[ACCOUNT] equity=${} cash=$2500 margin={}% pl=$342.10 pl_pct=0.98%"


class Dipper:
    """A bot that writes a log, and the desk that follows it."""

    def __init__(self, desk: Desk, log: Path) -> None:
        self.desk = replace(desk, bots=BotBridge({}))
        self.log = log
        self.minute = 0
        wanted = Wanted(name="dipper", kind=BotKind.DIP, place=str(log))
        self.number = add_bot(self.desk, SYSTEM, wanted)

    def says(self, *lines: str) -> None:
        """Write lines of one minute, and let the desk read them."""
        self.minute += 1
        with self.log.open("a") as log:
            log.writelines(f"2025-10-17 14:{self.minute:02}:00 {line}\n" for line in lines)
        follow_logs(self.desk)

    def rows(self, model: type[Any]) -> list[Any]:
        with self.desk.db.read() as tx:
            return list(tx.scalars(select(model)))

    def state(self) -> BotState:
        [state] = self.rows(BotState)
        assert isinstance(state, BotState)
        return state

    def facts(self, event: str) -> list[JournalRow]:
        with self.desk.db.read() as tx:
            found = tx.scalars(select(JournalRow).where(JournalRow.kind == "bot"))
            return [fact for fact in found if fact.body["event"] == event]


@pytest.fixture
def desk(database_url: str) -> Iterator[Desk]:
    made = desks.make_desk(database_url)
    yield made
    made.db.close()


@pytest.fixture
def dipper(desk: Desk, tmp_path: Path) -> Dipper:
    return Dipper(desk, tmp_path / "big_dipper.log")


def test_a_trade_is_a_row_a_fact_and_part_of_its_day(dipper: Dipper) -> None:
    dipper.says("[TRADE] BUY MSFT 10 @ $483.08 = $4830.80")
    [trade] = dipper.rows(DipTrade)
    at = datetime(2025, 10, 17, 14, 1, tzinfo=UTC)
    assert (trade.symbol, trade.quantity, trade.price, trade.at) == ("MSFT", 10, D("483.08"), at)
    [fact] = dipper.facts("trade")
    assert fact.body["text"] == "dipper: bought 10 MSFT at 483.08 = $4,830.80"
    assert (fact.severity, fact.body["symbol"]) == (Severity.INFO, "MSFT")
    [day] = dipper.rows(DipDay)
    assert (day.trades, day.deployed) == (1, D("4830.8"))


def test_an_opportunity_knows_what_became_of_it(dipper: Dipper) -> None:
    dipper.says(
        "[OPPORTUNITY] TER -13.44% @ $100.10 score=1.85x",
        "[SKIP] TER -13.44% wash sale conflict",
        "[OPPORTUNITY] MSFT -5% @ $483.08 score=2.10x",
        "[TRADE] BUY MSFT 10 @ $483.08 = $4830.80",
        "[OPPORTUNITY] NVDA -4% @ $181 score=1.10x",
    )
    known = {row.symbol: (row.executed, row.skipped_for) for row in dipper.rows(DipOpportunity)}
    assert known == {
        "TER": (False, "wash_sale"),
        "MSFT": (True, None),
        "NVDA": (False, None),
    }
    [skip] = dipper.rows(DipSkip)
    assert (skip.reason, skip.dip) == ("wash_sale", D("-0.1344"))
    assert [day.wash_sales for day in dipper.rows(DipDay)] == [1]


def test_the_account_is_kept_cycle_by_cycle(dipper: Dipper) -> None:
    dipper.says("Cycle #7", "Regular", ACCOUNT.format("35,000.00", 0))
    dipper.says("Cycle #8", ACCOUNT.format("34,000.00", 15))
    now = [(row.cycle, row.market, row.equity, row.margin) for row in dipper.rows(DipAccount)]
    assert now == [(7, "Regular", 35_000, 0), (8, "Regular", 34_000, D("0.15"))]
    [day] = dipper.rows(DipDay)
    equities = (day.starting_equity, day.peak_equity, day.trough_equity, day.ending_equity)
    assert (*equities, day.max_margin) == (35_000, 35_000, 34_000, 34_000, D("0.15"))


def test_a_brake_lasts_until_a_whole_cycle_says_nothing_of_it(dipper: Dipper) -> None:
    dipper.says(ACCOUNT.format(35_000, 16), "[BRAKE] EMERGENCY Margin at 16%")
    dipper.says(ACCOUNT.format(35_000, 17), "[BRAKE] EMERGENCY Margin at 17%")
    dipper.says(ACCOUNT.format(35_000, 14))
    [brake] = dipper.rows(DipBrake)
    assert (brake.ended_at, brake.margin) == (None, D("0.17"))
    dipper.says(ACCOUNT.format(35_000, 13))
    [brake] = dipper.rows(DipBrake)
    assert brake.ended_at - brake.started_at == timedelta(minutes=2)
    assert [fact.severity for fact in dipper.facts("brake")] == ["warning", "debug", "info"]


def test_a_brake_that_is_let_go_has_ended(dipper: Dipper) -> None:
    dipper.says("[BRAKE] Margin at 16%")
    dipper.says("[BRAKE] released")
    [brake] = dipper.rows(DipBrake)
    assert brake.ended_at - brake.started_at == timedelta(minutes=1)


def test_winners_and_losers_are_positions(dipper: Dipper) -> None:
    dipper.says("Winners: MSFT +14.2%, BLV +9.8%", "Losers: KTOS -7.6%")
    found = {row.symbol: row.pl_part for row in dipper.rows(DipPosition)}
    assert found == {"MSFT": D("0.142"), "BLV": D("0.098"), "KTOS": D("-0.076")}


def test_garbage_is_counted_and_shown_and_stops_nothing(dipper: Dipper) -> None:
    dipper.log.write_bytes(b"\xff\x00[TRADE]\n[TRADE] BUY ???\n")
    dipper.says("[TRADE] BUY MSFT 10 @ $483.08 = $4830.80")
    assert len(dipper.rows(DipTrade)) == 1
    assert [(line.reason) for line in dipper.rows(OddLine)] == [
        "it is not text",
        "it is no TRADE line as they are known",
    ]
    assert (dipper.state().odd_lines, dipper.state().lines) == (2, 3)


def test_of_much_garbage_the_newest_is_kept_and_all_is_counted(dipper: Dipper) -> None:
    dipper.says(*("[SKIP]" for _ in range(250)))
    assert (len(dipper.rows(OddLine)), dipper.state().odd_lines) == (200, 250)


def test_a_log_that_is_not_there_is_said_once_and_again_when_it_comes(dipper: Dipper) -> None:
    follow_logs(dipper.desk)
    follow_logs(dipper.desk)
    assert dipper.state().health is BotHealth.AWAY
    assert len(dipper.facts("health")) == 1
    dipper.log.touch()
    dipper.says("Cycle #1")
    assert dipper.state().health is BotHealth.WELL


def test_another_log_is_read_from_its_beginning_and_the_loss_is_told(dipper: Dipper) -> None:
    dipper.says("Cycle #1")
    dipper.log.write_text("2025-10-17 15:00:00 [TRADE] BUY MSFT 1 @ $483.08 = $483.08\n")
    for _ in range(3):
        follow_logs(dipper.desk)
    assert len(dipper.rows(DipTrade)) == 1
    assert len(dipper.facts("lost")) == 1


def test_a_removed_bot_is_read_no_more_and_goes_on_where_it_stood(dipper: Dipper) -> None:
    dipper.says("[TRADE] BUY MSFT 1 @ $483.08 = $483.08")
    remove_bot(dipper.desk, SYSTEM, "dipper")
    dipper.says("[TRADE] BUY AMD 1 @ $163.08 = $163.08")
    assert len(dipper.rows(DipTrade)) == 1
    wanted = Wanted(name="dipper", kind=BotKind.DIP, place=str(dipper.log))
    assert add_bot(dipper.desk, SYSTEM, wanted) == dipper.number
    follow_logs(dipper.desk)
    assert [row.symbol for row in dipper.rows(DipTrade)] == ["MSFT", "AMD"]


def test_two_engines_never_keep_a_line_twice(dipper: Dipper) -> None:
    """The other one reads and writes between this one's reading and writing."""
    dipper.says("Cycle #1")
    other = replace(dipper.desk, bots=BotBridge({}))
    bridge = BotBridge({})

    class Overtaken(BotBridge):
        def read_log(self, path: str, place: Any) -> Any:
            piece = bridge.read_log(path, place)
            follow_logs(other)
            return piece

    slow = replace(dipper.desk, bots=Overtaken({}))
    with dipper.log.open("a") as log:
        log.write("2025-10-17 15:00:00 [TRADE] BUY MSFT 1 @ $483.08 = $483.08\n")
    with pytest.raises(NotTheEngineError, match="somebody else reads the log of dipper"):
        follow_logs(slow)
    assert len(dipper.rows(DipTrade)) == 1


def test_nothing_of_a_piece_is_kept_without_its_place(dipper: Dipper) -> None:
    dipper.says("Cycle #1")
    [before] = dipper.rows(LogMark)
    with dipper.desk.db.write() as tx:
        tx.execute(text("DROP TABLE odd_lines"))  # where the second line would go
    with pytest.raises(DBAPIError):
        dipper.says("[TRADE] BUY MSFT 1 @ $483.08 = $483.08", "[TRADE] BUY ???")
    [after] = dipper.rows(LogMark)
    assert (after.offset, dipper.rows(DipTrade), dipper.facts("trade")) == (before.offset, [], [])
