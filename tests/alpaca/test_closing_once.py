"""A closing order that is turned away, or not answered: the shares are sold once."""

from __future__ import annotations

import pytest

from engine.actions import control
from engine.actions.intents import Intent, intend
from engine.actions.permissions import SYSTEM
from models.trading import Order
from models.vocabulary import ExitReason, OrderPurpose, OrderStatus, OrderType, TradeStatus
from tests.alpaca.conftest import Open, session_of
from tests.alpaca.lockstep import Lockstep
from tests.builders import a_day, a_market, at
from tests.local_alpaca import Rules
from tests.local_alpaca.faults import Breaking, Reset, Respond

NEAR = (100, 101, 99, 100.9)
HELD = a_market(
    a_day("ABLE", ("09:40", 101), ("10:30", 102), ("15:55", 104), ("15:57", 104), opens=NEAR)
)
TOO_MANY = '{"code":42910000,"message":"rate limit exceeded"}'


def exits(played: Lockstep) -> dict[str, Order]:
    return {name: o for name, o in played.orders("ABLE").items() if name.startswith("exit")}


@pytest.mark.parametrize("trouble", [Respond(429, TOO_MANY), Reset()], ids=["429", "reset"])
def test_it_is_sent_again_under_its_own_name_alone(open_desk: Open, trouble: Breaking) -> None:
    played = open_desk(HELD, Rules()).until(at("10:00"))
    played.local.faults.add(trouble, method="POST", client_order_id="*-exit-1", times=4)
    control.close_position(played.desk, SYSTEM, played.trade("ABLE").id, "enough")
    played.until(at("10:32"))
    assert list(exits(played)) == ["exit-1"]
    assert played.trade("ABLE").exit_reason is ExitReason.MANUAL
    assert played.local.exchange.holdings.all() == []


def test_of_two_that_were_written_down_one_is_sent(open_desk: Open) -> None:
    played = open_desk(HELD, Rules()).until(at("10:00"))
    trade = played.trade("ABLE")
    exit_ = Intent(
        session=trade.session,
        symbol=trade.symbol,
        purpose=OrderPurpose.EXIT,
        side=trade.side.exit,
        type=OrderType.MARKET,
        quantity=trade.open_quantity,
        trade_id=trade.id,
        exit_reason=ExitReason.MANUAL,
    )
    control.close_position(played.desk, SYSTEM, trade.id, "enough")
    with played.db.write() as tx:
        intend(tx, played.desk, [exit_, exit_])
    played.day(session_of())
    (second,) = [o for o in exits(played).values() if o.code == "not_held"]
    assert (second.status, second.submitted_at) == (OrderStatus.REFUSED, None)
    assert played.trade("ABLE").status is TradeStatus.CLOSED
    assert played.trade("ABLE").open_quantity == 0
