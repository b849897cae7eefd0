"""Several accounts are stored, one is traded: switching between them, and what forbids it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import func, select

from engine.actions import control
from engine.actions.account_switch import confirm_switch, propose_switch
from engine.actions.control import control_states
from engine.actions.live_switch import confirm_live, live_facts, propose_live
from engine.actions.permissions import SYSTEM, Actor
from engine.actions.two_steps import Confirmation
from engine.errors import (
    ConfigurationError,
    DeskError,
    InvalidRequestError,
    NotFoundError,
    NotPermittedError,
    NotProvenError,
)
from engine.lease import traded_account
from engine.scheduler import Scheduler
from engine.settings import load_settings
from models.accounts import DailyMetrics, StoredAccount
from models.journal import AuditRow, JournalRow
from models.reconciliation import DifferenceRow
from models.trading import Fill, Trade
from models.vocabulary import (
    CommandStatus,
    Control,
    DifferenceStatus,
    Outcome,
    Role,
    TradingMode,
    Way,
)
from tests.alpaca.conftest import session_of
from tests.alpaca.fragile import FragileDatabase
from tests.alpaca.two_accounts import (
    FIRST,
    SECOND,
    VAULT,
    WHY,
    TwoAccounts,
    environment,
    opened,
    sent_to,
)
from tests.builders import DAY, a_day, a_market, at
from tests.local_alpaca.faults import Edit, Respond, with_values

NEAR = (100, 101, 99, 100.9)
NEXT = date(2024, 11, 21)
MARKET = a_market(
    *(a_day("ABLE", ("09:40", 101), ("15:55", 104), opens=NEAR, on=day) for day in (DAY, NEXT))
)
UNAUTHORISED = '{"message": "unauthorized."}'
WRONG = {"ALPACA_SECRET_KEY_IRA": "wrong"}
LIVE = {"ALPACA_PAPER_IRA": "false"}
LIVE_WORDS = f"switch to live ira {SECOND}"


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as running:
        yield running


def open_desk(stack: ExitStack, folder: Path, **more: str) -> TwoAccounts:
    return stack.enter_context(opened(MARKET, folder, more=more))


@pytest.fixture
def desk(stack: ExitStack, tmp_path: Path) -> TwoAccounts:
    """A desk that trades the first account, and has seen both."""
    return open_desk(stack, tmp_path).seconds(2)


@pytest.fixture
def live(stack: ExitStack, tmp_path: Path) -> TwoAccounts:
    """A desk whose other account is of real money."""
    return open_desk(stack, tmp_path, **LIVE).seconds(2)


def refusal(desk: TwoAccounts, account: str = "ira") -> str:
    with pytest.raises(DeskError) as caught:
        desk.ask_for(account)
    return str(caught.value)


def failure(desk: TwoAccounts, number: int) -> str:
    """Let the engine try; return why it did not."""
    desk.seconds(1)
    command = desk.command(number)
    assert (command.status, traded_account(desk.db)) == (CommandStatus.FAILED, "")
    return command.answer or ""


# ------------------------------------------------------------------------------ what is known
def test_each_account_is_known_by_its_number_and_money(desk: TwoAccounts) -> None:
    first, second = desk.stored("paper"), desk.stored("ira")
    assert (first.number, first.equity) == (FIRST, Decimal(100_000))
    assert (second.number, second.equity) == (SECOND, Decimal(50_000))
    assert (second.mode, second.has_keys, second.trouble) == (TradingMode.PAPER, True, None)


def test_an_account_whose_keys_are_wrong_says_so_and_disturbs_nothing(
    stack: ExitStack, tmp_path: Path
) -> None:
    desk = open_desk(stack, tmp_path, **WRONG).seconds(2)
    assert "does not accept the keys" in (desk.stored("ira").trouble or "")
    assert "does not accept the keys" in refusal(desk)
    desk.day(session_of())
    assert len(desk.trades) == 1


def test_an_account_whose_keys_are_gone_is_remembered_without_them(desk: TwoAccounts) -> None:
    desk.settings_changed(load_settings(desk.brokers["paper"].environment()))
    desk.seconds(2)
    gone = desk.stored("ira")
    assert (gone.has_keys, gone.number) == (False, SECOND)
    assert "the keys of ira are not" in refusal(desk)


def test_keys_of_another_account_under_a_known_name_are_an_alert(desk: TwoAccounts) -> None:
    other = Edit(with_values(account_number="PA9SOMEBODY"))
    desk.brokers["ira"].faults.add(other, path="/v2/account", times=None)
    desk.seconds(301)
    (alert,) = desk.alerts("other_number")
    assert "PA9SOMEBODY, not PA1OTHERTEST" in alert.body["text"]


# ------------------------------------------------------------------------------ switching
def test_after_a_switch_the_other_account_is_traded_and_the_first_left_alone(
    desk: TwoAccounts,
) -> None:
    command = desk.switch("ira")
    assert (command.status, command.answer) == (
        CommandStatus.DONE,
        f"ira ({SECOND}) is traded from now on.",
    )
    desk.day(session_of())
    assert {trade.account for trade in desk.trades} == {"ira"}
    assert (sent_to(desk.brokers["paper"]), sent_to(desk.brokers["ira"]) > 0) == (0, True)


def test_days_of_two_accounts_are_two_books(desk: TwoAccounts) -> None:
    desk.day(session_of())
    desk.switch("ira")
    sent = sent_to(desk.brokers["paper"])
    desk.day(session_of(NEXT))
    days = {row.account: row for row in desk.all(DailyMetrics) if row.trades}
    assert {account: (row.session, row.flat) for account, row in days.items()} == {
        "paper": (DAY, True),
        "ira": (NEXT, True),
    }
    assert all(row.reconciled for row in days.values())
    for account, executions in desk.brokers.items():
        if account != "live":
            fills = [fill for fill in desk.all(Fill) if fill.account == account]
            assert len(fills) == len(executions.ledger.executions)
    assert sent_to(desk.brokers["paper"]) == sent


def test_what_an_account_may_lose_is_measured_by_its_own_money(desk: TwoAccounts) -> None:
    desk.day(session_of())
    desk.switch("ira")
    desk.day(session_of(NEXT))
    first, second = (trade.quantity for trade in desk.trades)
    assert second == pytest.approx(first / 2, abs=1)


def test_one_may_switch_there_and_back(desk: TwoAccounts) -> None:
    desk.switch("ira")
    assert desk.switch("paper").status is CommandStatus.DONE
    desk.day(session_of())
    assert {trade.account for trade in desk.trades} == {"paper"}


def test_a_new_start_goes_on_with_the_account_that_was_traded(desk: TwoAccounts) -> None:
    desk.switch("ira")
    desk.crash()
    assert (desk.desk.account, desk.local.key) == ("ira", "PKOTHERTEST")


def test_without_its_keys_the_desk_does_not_start_with_another_account(desk: TwoAccounts) -> None:
    desk.switch("ira")
    with pytest.raises(ConfigurationError, match="the account ira has no keys here: set ALPACA_"):
        desk.settings_changed(load_settings(desk.brokers["paper"].environment()))


def test_both_steps_and_the_effect_are_on_record(desk: TwoAccounts) -> None:
    desk.switch("ira")
    with desk.db.read() as tx:
        told = tx.execute(select(AuditRow.action, AuditRow.reason, AuditRow.outcome)).all()
        done = select(AuditRow).where(AuditRow.action == "switch_account")
        after = json.loads(tx.scalars(done).one().after or "")
    steps = ("propose_account", "switch_account")
    assert told == [(step, WHY, Outcome.DONE) for step in steps]
    assert (after["account"], after["number"], after["leaves"]) == ("ira", SECOND, "paper")
    (fact,) = (row for row in desk.all(JournalRow) if row.kind == "account")
    assert fact.scope == "ira"


def test_a_process_that_only_shows_pages_begins_anew_as_well(desk: TwoAccounts) -> None:
    pages, after = (Scheduler(desk.desk, may_lead=False) for _ in range(2))
    pages.trade()
    assert not pages.moved.is_set()
    desk.switch("ira")
    after.trade()
    assert after.moved.is_set()


# ------------------------------------------------------------------------------ what forbids it
def test_it_waits_while_a_position_is_open(desk: TwoAccounts) -> None:
    desk.until(at("10:00"))
    assert "positions or orders of paper are open" in refusal(desk)


def test_it_waits_while_an_order_is_working(desk: TwoAccounts) -> None:
    desk.until(at("09:37"))
    assert sent_to(desk.local) == 1
    assert "positions or orders of paper are open" in refusal(desk)


def test_it_waits_until_a_traded_day_is_counted(desk: TwoAccounts) -> None:
    desk.until(at("15:58"))
    assert "has traded today" in refusal(desk)
    desk.until(session_of().closes_at).seconds(20)
    desk.switch("ira")


def test_it_waits_while_a_difference_is_unexplained(desk: TwoAccounts) -> None:
    now = desk.now
    with desk.db.write() as tx:
        tx.add(
            DifferenceRow(
                account="paper",
                code="quantity",
                symbol="ABLE",
                sentence="ABLE: our books 1, the broker 2",
                status=DifferenceStatus.OPEN,
                found_at=now,
                seen_at=now,
            )
        )
    assert "see Reconciliation" in refusal(desk)


def test_what_somebody_else_holds_is_told_and_left_alone(desk: TwoAccounts) -> None:
    desk.local.somebody_else.trades("ZOOM", 7, Decimal(50))
    desk.seconds(130)
    facts = propose_switch(desk.desk, VAULT, SYSTEM, "ira", WHY).facts
    assert facts.left_alone == 1
    desk.switch("ira")


def test_what_came_after_the_second_step_stops_the_engine(desk: TwoAccounts) -> None:
    number = desk.ask_for("ira")
    desk.local.somebody_else.trades("ZOOM", 7, Decimal(50))  # seen once: not explained yet
    assert "see Reconciliation" in failure(desk, number)


def test_a_kill_does_not_matter_and_stays(desk: TwoAccounts) -> None:
    control.kill(desk.desk, SYSTEM, "x")
    desk.seconds(2)
    assert desk.switch("ira").status is CommandStatus.DONE
    with desk.db.read() as tx:
        assert control_states(tx, None)["all"] is Control.HALTED


def test_it_is_not_switched_to_what_is_traded_already(desk: TwoAccounts) -> None:
    assert refusal(desk, "paper") == "paper is traded already"


def test_an_account_that_nobody_knows_is_not_found(desk: TwoAccounts) -> None:
    with pytest.raises(NotFoundError):
        desk.ask_for("roth")


def test_one_account_by_two_names_is_not_traded_by_the_second(
    stack: ExitStack, tmp_path: Path
) -> None:
    desk = open_desk(stack, tmp_path)
    same = Edit(with_values(account_number=FIRST))
    desk.brokers["ira"].faults.add(same, path="/v2/account", times=None)
    assert "are the same account" in refusal(desk.seconds(2))


def test_a_second_switch_waits_for_the_first(desk: TwoAccounts) -> None:
    desk.ask_for("ira")
    assert refusal(desk) == "another switch is under way"


def test_without_an_engine_nothing_is_asked(desk: TwoAccounts) -> None:
    desk.desk.lease.release()
    assert refusal(desk) == "no engine is running to carry it out"


def test_keys_that_open_nothing_any_more_leave_everything_as_it_is(desk: TwoAccounts) -> None:
    number = desk.ask_for("ira")
    desk.brokers["ira"].faults.add(Respond(401, UNAUTHORISED), times=None)
    assert "does not accept the keys" in failure(desk, number)
    desk.day(session_of())
    assert {trade.account for trade in desk.trades} == {"paper"}


def test_keys_that_open_another_account_than_was_shown_switch_nothing(desk: TwoAccounts) -> None:
    number = desk.ask_for("ira")
    other = Edit(with_values(account_number="PA9SOMEBODY"))
    desk.brokers["ira"].faults.add(other, path="/v2/account", times=None)
    assert failure(desk, number) == "the keys of ira open PA9SOMEBODY, not PA1OTHERTEST"


def test_what_was_asked_for_long_ago_is_not_done(desk: TwoAccounts) -> None:
    number = desk.ask_for("ira")
    desk.local.advance_to(desk.now + timedelta(minutes=6))
    assert "too long ago" in failure(desk, number)


# ------------------------------------------------------------------------------ who, and how
def test_only_an_admin_may(desk: TwoAccounts) -> None:
    with pytest.raises(NotPermittedError):
        propose_switch(desk.desk, VAULT, Actor("otto", Role.OPERATOR), "ira", WHY)


def test_the_password_is_shown_again(desk: TwoAccounts) -> None:
    anna = Actor("anna", Role.ADMIN, Way.PAGE, "192.0.2.1", "a login")
    with pytest.raises(NotProvenError):
        desk.ask_for("ira", actor=anna)


def test_the_second_step_alone_asks_for_nothing(desk: TwoAccounts) -> None:
    for sealed in ("", "nonsense"):
        with pytest.raises(InvalidRequestError, match="first step"):
            confirm_switch(desk.desk, VAULT, SYSTEM, "ira", Confirmation(sealed), WHY)


def test_what_was_shown_is_what_is_confirmed(desk: TwoAccounts) -> None:
    sealed = propose_switch(desk.desk, VAULT, SYSTEM, "ira", WHY).sealed
    with desk.db.write() as tx:
        tx.get_one(StoredAccount, "ira").number = "PA9SOMEBODY"
    with pytest.raises(InvalidRequestError, match="something has changed"):
        confirm_switch(desk.desk, VAULT, SYSTEM, "ira", Confirmation(sealed), WHY)


# ------------------------------------------------------------------------------ real money
def test_a_live_account_takes_the_words_with_its_name_and_number(live: TwoAccounts) -> None:
    for words in ("", "yes", "switch to live ira"):
        with pytest.raises(InvalidRequestError, match=f"type exactly: {LIVE_WORDS}"):
            live.ask_for("ira", words)
    assert live.switch("ira", LIVE_WORDS).status is CommandStatus.DONE
    assert live.desk.mode is TradingMode.LIVE


def test_a_live_account_is_sent_nothing_before_real_money_is_confirmed(live: TwoAccounts) -> None:
    live.switch("ira", LIVE_WORDS)
    live.day(session_of())
    assert (live.trades, sent_to(live.local)) == ([], 0)
    assert {signal.code for signal in live.all_signals()} == {"live_not_confirmed"}


def confirm_real_money(live: TwoAccounts) -> None:
    sealed = propose_live(live.desk, VAULT, SYSTEM, WHY).sealed
    words = f"trade real money in ira {SECOND}"
    confirm_live(live.desk, VAULT, SYSTEM, sealed, words, WHY)


def is_confirmed(live: TwoAccounts) -> bool:
    with live.db.read() as tx:
        return live_facts(tx, live.desk).is_on


def test_after_both_confirmations_real_money_is_traded(live: TwoAccounts) -> None:
    live.switch("ira", LIVE_WORDS)
    confirm_real_money(live)
    live.day(session_of())
    assert {trade.account for trade in live.trades} == {"ira"}


def test_a_spell_on_paper_ends_the_confirmation(live: TwoAccounts) -> None:
    live.switch("ira", LIVE_WORDS)
    confirm_real_money(live)
    assert is_confirmed(live)
    live.switch("paper")
    live.switch("ira", LIVE_WORDS)
    assert not is_confirmed(live)


def test_a_spell_on_paper_by_the_environment_ends_it_as_well(
    stack: ExitStack, tmp_path: Path
) -> None:
    desk = open_desk(stack, tmp_path, ALPACA_PAPER="false").seconds(2)
    sealed = propose_live(desk.desk, VAULT, SYSTEM, WHY).sealed
    confirm_live(desk.desk, VAULT, SYSTEM, sealed, f"trade real money in live {FIRST}", WHY)
    brokers = desk.brokers["live"], desk.brokers["ira"]
    for paper in ("true", "false"):
        desk.settings_changed(load_settings(environment(*brokers) | {"ALPACA_PAPER": paper}))
        desk.seconds(2)
    assert (desk.desk.account, is_confirmed(desk)) == ("live", False)


def test_paper_trades_on_after_real_money_was_ended(live: TwoAccounts) -> None:
    live.switch("ira", LIVE_WORDS)
    confirm_real_money(live)
    live.switch("paper")
    live.day(session_of())
    assert {trade.account for trade in live.trades} == {"paper"}


def test_keys_of_another_live_account_end_the_confirmation(live: TwoAccounts) -> None:
    live.switch("ira", LIVE_WORDS)
    confirm_real_money(live)
    other = Edit(with_values(account_number="9SOMEBODY"))
    live.local.faults.add(other, path="/v2/account", times=None)
    live.seconds(30)
    assert not is_confirmed(live)


# ------------------------------------------------------------------------------ crashes
@pytest.mark.parametrize("fatal", range(1, 15))
def test_killed_at_any_step_one_account_is_traded_and_no_order_goes_astray(
    stack: ExitStack, tmp_path: Path, fatal: int
) -> None:
    played = stack.enter_context(opened(MARKET, tmp_path, kind=FragileDatabase))
    assert isinstance(played.db, FragileDatabase)
    number = played.seconds(2).ask_for("ira")
    played.db.fatal = played.db.steps + fatal
    played.seconds(3)
    if played.desk.lease.has_moved():
        played.begin_anew()
    played.seconds(3)
    assert played.command(number).status is CommandStatus.DONE
    assert (traded_account(played.db), played.desk.account) == ("ira", "ira")
    played.day(session_of())
    assert {trade.account for trade in played.trades} == {"ira"}
    assert sent_to(played.brokers["paper"]) == 0
    assert _traded_once(played)


def _traded_once(played: TwoAccounts) -> bool:
    with played.db.read() as tx:
        return tx.scalar(select(func.count(Trade.id))) == 1
