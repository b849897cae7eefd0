"""An entry that is about to be sent while the kill switch is being thrown (PostgreSQL)."""

from threading import Thread

from engine.actions.intents import Intent, intend
from engine.actions.trading import send
from engine.clock import wall_now
from engine.journal import take_turn
from models.control import TradingState
from models.database import Database
from models.vocabulary import (
    Control,
    ControlScope,
    OrderPurpose,
    OrderSide,
    OrderStatus,
    OrderType,
)
from tests.builders import DAY, a_day, a_market, dollars, start

MARKET = a_market(a_day("ABLE", ("09:40", 100.5), ("15:55", 104)))


def test_it_waits_for_the_kill_and_is_refused(postgres_url: str) -> None:
    played = start(MARKET, db=Database(postgres_url)).until("09:42")
    with played.db.write() as tx:
        [order] = intend(
            tx,
            played.desk,
            [
                Intent(
                    session=DAY,
                    symbol="BAKE",
                    purpose=OrderPurpose.ENTRY,
                    side=OrderSide.BUY,
                    type=OrderType.STOP,
                    quantity=1,
                    stop_price=dollars(101),
                )
            ],
        )
    with played.db.write() as tx:  # as a kill does, up to its commit
        take_turn(tx)
        tx.add(
            TradingState(
                scope=ControlScope.ALL,
                state=Control.HALTED,
                reason="stop",
                actor="anna",
                changed_at=wall_now(),
            )
        )
        tx.flush()
        sending = Thread(target=send, args=(played.desk, order))
        sending.start()
        sending.join(1.0)
        assert sending.is_alive()
    sending.join()
    assert played.order("BAKE-entry-1").status is OrderStatus.REFUSED
    played.db.close()
