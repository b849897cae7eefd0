"""An entry with its attached stop: from its fill on, the stop is where it belongs."""

from decimal import Decimal

import pytest

from models.database import Database
from models.vocabulary import Intrabar, OrderSide, OrderStatus
from tests.engine.adapters.exchange_by_hand import (
    BUY,
    MARKET,
    SELL,
    STOP,
    Floor,
    Prices,
    bars_of,
    minute,
    stop_leg,
)

QUIET: Prices = (10, 10, 10, 10)


def entered(
    db: Database, *bars: Prices, intrabar: Intrabar = Intrabar.CONSERVATIVE, fault: float = 0
) -> Floor:
    """A long entry at 10.20 with a stop 0.30 below its fill, sent at minute 5."""
    rows = dict(enumerate(bars, start=5))
    market = Floor(db, {"AAA": bars_of({4: QUIET} | rows)}, minute(5), intrabar)
    if fault:
        market.ask_for("partial", fault)
    market.send(BUY, STOP, stop=10.2, leg=stop_leg(9.9, 0.3))
    return market


def leg(market: Floor) -> OrderStatus:
    return market.broker.find("leg-of-9.9")[0].status


def test_the_stop_is_held_until_its_entry_is_filled(db: Database) -> None:
    market = entered(db, QUIET, (10, 10.1, 9.5, 10))
    assert (leg(market.at(7)), market.deals) == (OrderStatus.HELD, [])


def test_the_stop_works_from_the_fill_on(db: Database) -> None:
    market = entered(db, (10, 10.3, 10, 10.3))
    assert leg(market.at(6)) is OrderStatus.WORKING


def test_the_answer_holds_the_order_and_its_leg(db: Database) -> None:
    market = entered(db)
    entry, stop = market.broker.find("order-1")
    assert (stop.parent_id, stop.side, stop.status) == (entry.broker_order_id, SELL, "held")


def test_a_leg_is_found_by_its_own_id_too(db: Database) -> None:
    market = entered(db)
    assert [o.client_order_id for o in market.broker.find("leg-of-9.9")] == ["leg-of-9.9"]


def test_the_stop_is_measured_from_the_fill_and_not_from_the_level(db: Database) -> None:
    market = entered(db, (10.5, 10.6, 10.4, 10.5))
    market.at(6)
    assert market.broker.find("leg-of-9.9")[0].stop_price == Decimal("10.20")


@pytest.mark.parametrize(("side", "level", "stop"), [(BUY, 10.2, "9.86"), (SELL, 9.8, "10.14")])
def test_the_stop_is_rounded_away_from_the_position(
    db: Database, side: OrderSide, level: float, stop: str
) -> None:
    market = Floor(db, {"AAA": bars_of({5: (10, 10.2, 9.8, 10)})}, minute(5), Intrabar.OPTIMISTIC)
    market.send(side, STOP, stop=level, leg=stop_leg(9.9, 0.333))
    market.at(6)
    assert market.broker.find("leg-of-9.9")[0].stop_price == Decimal(stop)


def test_on_the_entry_bar_the_stop_counts_as_touched_if_its_range_reaches_it(db: Database) -> None:
    market = entered(db, (10.15, 10.3, 9.9, 10.2))
    assert market.at(6).deals == [("buy", 100, 10.2, minute(5)), ("sell", 100, 9.9, minute(5))]


def test_the_stop_on_the_entry_bar_fills_at_its_price_although_the_open_was_beyond(
    db: Database,
) -> None:
    market = entered(db, (9.7, 10.3, 9.6, 10.2))
    assert market.at(6).deals[1] == ("sell", 100, 9.9, minute(5))


def test_optimistically_the_stop_counts_from_the_next_bar_on(db: Database) -> None:
    bars = ((10.15, 10.3, 9.8, 10.2), (10.2, 10.2, 9.95, 10), (9.95, 9.95, 9.85, 9.9))
    market = entered(db, *bars, intrabar=Intrabar.OPTIMISTIC)
    assert market.at(7).deals == [("buy", 100, 10.2, minute(5))]
    assert market.at(8).deals[1] == ("sell", 100, 9.9, minute(7))


def test_a_gap_through_the_stop_fills_at_the_open(db: Database) -> None:
    market = entered(db, (10, 10.3, 10, 10.3), (9.5, 9.6, 9.4, 9.5))
    assert market.at(7).deals[1] == ("sell", 100, 9.5, minute(6))


def test_a_bar_that_did_not_reach_the_stop_leaves_it(db: Database) -> None:
    market = entered(db, (10, 10.3, 9.900001, 10.2))
    assert len(market.at(6).deals) == 1


def test_a_partly_filled_entry_has_no_live_stop(db: Database) -> None:
    market = entered(db, (10, 10.3, 9, 9), fault=0.5)
    assert market.at(6).deals == [("buy", 50, 10.2, minute(5))]
    assert leg(market) is OrderStatus.HELD


def test_cancelling_an_entry_cancels_its_held_leg(db: Database) -> None:
    market = entered(db, QUIET)
    market.broker.cancel(market.broker.find("order-1")[0].broker_order_id)
    assert leg(market) is OrderStatus.CANCELLED
    assert market.broker.open_orders() == []


def test_cancelling_the_rest_of_an_entry_cancels_its_leg(db: Database) -> None:
    market = entered(db, (10, 10.3, 10, 10), fault=0.5)
    market.at(6).broker.cancel(market.broker.find("order-1")[0].broker_order_id)
    assert leg(market) is OrderStatus.CANCELLED
    assert market.holding() == (50, 10.2)


def test_cancelling_a_leg_leaves_its_entry(db: Database) -> None:
    market = entered(db, (10, 10.3, 9, 9))
    market.broker.cancel(market.broker.find("leg-of-9.9")[0].broker_order_id)
    assert market.at(6).deals == [("buy", 100, 10.2, minute(5))]


def test_a_leg_expires_with_its_entry(db: Database) -> None:
    market = entered(db)
    assert leg(market.at(390)) is OrderStatus.EXPIRED


def test_a_live_stop_expires_with_the_session(db: Database) -> None:
    market = entered(db, (10, 10.3, 10, 10.3))
    assert leg(market.at(390)) is OrderStatus.EXPIRED


def test_a_closing_order_is_refused_while_the_stop_holds_the_shares(db: Database) -> None:
    market = entered(db, (10, 10.3, 10, 10.3)).at(6)
    with pytest.raises(Exception, match="insufficient qty available"):
        market.send(SELL, MARKET)
