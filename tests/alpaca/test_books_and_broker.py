"""Somebody else uses the account, orders go missing, the engine was away: the books agree again."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from engine.actions import control
from engine.actions.permissions import SYSTEM
from models.control import Command
from models.journal import JournalRow
from models.reconciliation import DifferenceRow
from models.trading import Trade
from models.vocabulary import (
    CommandStatus,
    DifferenceStatus,
    ExitReason,
    OrderStatus,
    Side,
    TradeStatus,
)
from tests.alpaca.conftest import Open, session_of
from tests.alpaca.lockstep import Lockstep
from tests.builders import LONG, a_day, a_market, at
from tests.local_alpaca import Rules
from tests.local_alpaca.faults import Edit, Reset, Respond, with_values, without
from tests.local_alpaca.orders import Order

NEAR = (100, 101, 99, 100.9)
ABLE = a_day("ABLE", ("09:40", 101), *[(f"15:{m}", 104) for m in range(54, 60)], opens=NEAR)
LATER = a_day("BAKE", ("12:00", 101), ("15:55", 104), opens=NEAR)
MARKET = a_market(ABLE)
UNKNOWN = '{"code":40410000,"message":"order not found"}'


def differences(played: Lockstep, code: str) -> list[DifferenceRow]:
    return [row for row in played.all(DifferenceRow) if row.code == code]


def test_a_position_of_somebody_else_is_quarantined_and_left_alone(open_desk: Open) -> None:
    played = open_desk(MARKET, Rules())
    played.local.somebody_else.trades("ZOOM", 7, Decimal(50))
    played.day(session_of())
    (row,) = differences(played, "foreign_position")
    assert (row.symbol, row.status) == ("ZOOM", DifferenceStatus.QUARANTINED)
    assert [p.symbol for p in played.local.exchange.holdings.all()] == ["ZOOM"]
    assert played.trade("ABLE").exit_reason is ExitReason.FLATTEN


def test_an_exit_that_cannot_be_looked_up_is_not_taken_for_somebody_elses(open_desk: Open) -> None:
    played = open_desk(MARKET, Rules()).until(at("10:00"))
    played.local.faults.add(Reset(acts=True), method="POST", client_order_id="*-exit-1")
    silent = played.local.faults.add(
        Respond(503), method="GET", path="/v2/orders:by_client_order_id", times=None
    )
    control.flatten(played.desk, SYSTEM, "enough")
    played.seconds(5)
    played.local.somebody_else.fills(
        played.local.exchange.order_named("orb-20241120-ABLE-exit-1"), Decimal(102)
    )
    played.seconds(70)  # it is reconciled meanwhile
    played.local.faults.remove(silent)
    played.seconds(130)
    assert {row.status for row in played.all(DifferenceRow)} <= {DifferenceStatus.RESOLVED}
    assert played.trade("ABLE").exit_reason is ExitReason.MANUAL


def test_a_day_is_flat_although_somebody_else_holds_what_was_traded_last_week(
    open_desk: Open,
) -> None:
    played = open_desk(MARKET, Rules())
    trade_last_week(played, "ZOOM")
    played.local.somebody_else.trades("ZOOM", 7, Decimal(50))
    played.day(session_of())
    assert played.alerts("not_flat") == []
    assert [row for row in played.all(JournalRow) if row.kind == "flat"]


def test_what_somebody_else_buys_of_a_symbol_that_is_closed_keeps_no_flatten_from_its_end(
    open_desk: Open,
) -> None:
    played = open_desk(MARKET, Rules()).until(at("10:00"))
    played.local.somebody_else.trades("ABLE", -LONG, Decimal("101.50"))
    played.seconds(70)
    assert played.trade("ABLE").status is TradeStatus.CLOSED
    played.local.somebody_else.trades("ABLE", 7, Decimal("101.50"))
    number = control.flatten(played.desk, SYSTEM, "to be sure")
    played.seconds(10)
    assert status(played, number) is CommandStatus.RUNNING  # it may be a share of the desk's
    played.seconds(140)
    assert differences(played, "foreign_position")
    assert status(played, number) is CommandStatus.DONE
    assert "still holds ABLE" in (command(played, number).answer or "")
    played.day(session_of())
    assert played.alerts("not_flat")  # traded today, and held in the evening: whoever's it is


def status(played: Lockstep, number: int) -> CommandStatus:
    return command(played, number).status


def command(played: Lockstep, number: int) -> Command:
    with played.db.read() as tx:
        return tx.get_one(Command, number)


def trade_last_week(played: Lockstep, symbol: str) -> None:
    then = played.now - timedelta(days=7)
    with played.db.write() as tx:
        tx.add(
            Trade(
                account=played.desk.account,
                session=then.date(),
                symbol=symbol,
                side=Side.LONG,
                status=TradeStatus.CLOSED,
                quantity=5,
                open_quantity=0,
                entry_price=Decimal(50),
                pnl=Decimal(0),
                opened_at=then,
                closed_at=then,
            )
        )


def test_an_order_of_somebody_else_is_quarantined_and_left_alone(open_desk: Open) -> None:
    played = open_desk(MARKET, Rules()).until(at("09:50"))
    foreign = played.local.somebody_else.orders(
        symbol="ABLE", side="buy", qty="1", type="limit", limit_price="50"
    )
    played.seconds(130).until(session_of().closes_at - timedelta(minutes=1))
    assert foreign.is_open
    (row,) = differences(played, "foreign_order")
    assert row.status is DifferenceStatus.QUARANTINED


def test_what_somebody_else_has_closed_is_adopted_and_its_stop_is_taken_back(
    open_desk: Open,
) -> None:
    played = open_desk(MARKET, Rules()).until(at("10:00"))
    played.local.somebody_else.trades("ABLE", -LONG, Decimal("101.50"))
    played.seconds(70)
    trade = played.trade("ABLE")
    assert (trade.status, trade.exit_reason) == (TradeStatus.CLOSED, ExitReason.EXTERNAL)
    assert trade.pnl == played.broker_profit()
    assert played.local.exchange.book.open() == []


def test_a_stop_that_somebody_else_has_cancelled_is_placed_again(open_desk: Open) -> None:
    played = open_desk(MARKET, Rules()).until(at("10:00"))
    (stop,) = played.local.exchange.book.open("ABLE")
    played.local.somebody_else.cancels(stop.client_order_id)
    played.seconds(4)
    assert played.orders("ABLE")["stop-2"].status is OrderStatus.WORKING


def test_a_stop_that_the_broker_has_lost_is_given_up_and_placed_again(open_desk: Open) -> None:
    played = open_desk(MARKET, Rules()).until(at("10:00"))
    (stop,) = played.local.exchange.book.open("ABLE")
    _lose(played, stop)
    played.seconds(130)
    lost = played.orders("ABLE")["stop-1"]
    assert (lost.status, lost.code) == (OrderStatus.CANCELLED, "missing")
    assert played.orders("ABLE")["stop-2"].status is OrderStatus.WORKING


def _lose(played: Lockstep, order: Order) -> None:
    """Let the broker forget an order: its listing, its id, and the shares that it held."""
    with played.local.somebody_else._turn() as exchange:
        exchange.life._cancel_now(order)
    played.local.faults.add(
        Respond(404, UNKNOWN), method="GET", path=f"/v2/orders/{order.id}", times=None
    )


def test_no_entry_while_a_difference_is_unexplained(open_desk: Open) -> None:
    played = open_desk(a_market(ABLE, LATER), Rules())
    _leave_unexplained(played)
    played.until(at("09:37"))
    assert played.all_signals() != []
    assert played.orders("BAKE") == {}


def _leave_unexplained(played: Lockstep) -> None:
    """Write a difference down, and let the broker be silent when it is to be compared again."""
    with played.db.write() as tx:
        tx.add(
            DifferenceRow(
                account=played.desk.account,
                code="quantity",
                symbol="GONE",
                sentence="GONE: our books 0, the broker 3",
                status=DifferenceStatus.OPEN,
                found_at=played.now,
                seen_at=played.now,
            )
        )
    played.local.faults.add(Respond(504), method="GET", path="/v2/orders", times=None)


def test_an_engine_that_starts_at_1557_closes_what_is_open(open_desk: Open) -> None:
    played = open_desk(MARKET, Rules()).until(at("15:54"))
    played.local.advance_to(at("15:57"))
    played.crash()
    played.round()
    played.until(session_of().closes_at)
    assert played.local.exchange.holdings.all() == []
    assert played.trade("ABLE").pnl == played.broker_profit()


def test_an_account_whose_equity_is_not_told_is_traded_no_further(open_desk: Open) -> None:
    played = open_desk(MARKET, Rules())
    played.until(at("09:34"))
    played.local.faults.add(Edit(without("equity")), path="/v2/account", times=None)
    played.until(at("09:37"))
    (signal,) = played.all_signals()
    assert signal.code == "account_unreadable"
    assert played.alerts("daily_loss") == []


def test_a_clock_that_differs_closes_the_gate(open_desk: Open) -> None:
    played = open_desk(MARKET, Rules())
    played.local.clock_skew = timedelta(seconds=3)
    played.until(at("09:37"))
    (signal,) = played.all_signals()
    assert signal.code == "clock_skew"


def test_a_blocked_account_closes_the_gate(open_desk: Open) -> None:
    played = open_desk(MARKET, Rules())
    blocked = Edit(with_values(trading_blocked=True))
    played.local.faults.add(blocked, path="/v2/account", times=None)
    played.until(at("09:37"))
    (signal,) = played.all_signals()
    assert signal.code == "account"
