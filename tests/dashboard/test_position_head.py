"""What the head of a position's page says, without a browser."""

from datetime import timedelta
from typing import Any

from sqlalchemy import update

from dashboard.pages.position.summary import summary
from dashboard.queries.trade_life import trade_life
from engine.desk import Desk
from models.trading import Order, Trade
from models.vocabulary import OrderStatus
from tests.dashboard import builders


def head(desk: Desk, trade: Trade) -> str:
    with desk.db.read() as tx:
        life = trade_life(tx, desk, trade.id)
    assert life is not None
    return words(summary(life, desk.clock.now()))


def words(part: Any) -> str:
    """Return all that can be read in a tree of components."""
    if isinstance(part, str | int | None):
        return str(part or "")
    parts = part if isinstance(part, list) else [part.children]
    return "".join(words(each) for each in parts)


def test_a_position_without_a_stop_says_so_and_since_when(desk: Desk) -> None:
    since = desk.clock.now() - timedelta(seconds=42)
    trade = builders.add_position(desk, stop=False, naked_since=since)
    said = head(desk, trade)
    assert "Stop180.28 planned, not live" in said
    assert "✗ No live stop for 42 s" in said


def test_a_position_whose_lack_was_not_counted_yet_says_so_as_well(desk: Desk) -> None:
    assert "✗ No live stop" in head(desk, builders.add_position(desk, stop=False))


def test_a_stop_that_covers_a_part_is_not_called_none(desk: Desk) -> None:
    trade = builders.add_position(desk, stop=False)
    builders.add(desk, builders.stop_order(desk, trade, quantity=100))
    said = head(desk, trade)
    assert "✗ A part has no live stop" in said
    assert "planned" not in said


def test_a_stop_that_waits_to_be_sent_is_not_live(desk: Desk) -> None:
    trade = builders.add_position(desk)
    with desk.db.write() as tx:
        tx.execute(update(Order).values(status=OrderStatus.INTENDED))
    assert "planned, not live" in head(desk, trade)


def test_a_covered_position_tells_of_gaps_that_were(desk: Desk) -> None:
    assert "✓ Covered by a live stopPrice" in head(desk, builders.add_position(desk))
    gap = builders.add_position(desk, "AMD", naked_seconds=65.0)
    assert "✓ Covered by a live stop (1 m 05 s without one)" in head(desk, gap)


def test_a_position_that_is_being_closed_needs_no_stop(desk: Desk) -> None:
    trade = builders.add_position(desk, stop=False)
    builders.add(desk, builders.exit_order(desk, trade))
    assert "Closing: what is on its way covers it" in head(desk, trade)


def test_the_price_of_an_open_position_has_a_moment_and_an_age(desk: Desk) -> None:
    trade = builders.add_position(desk)
    builders.age_prices(desk, timedelta(minutes=9))
    said = head(desk, trade)
    assert "Price of 10:06:0" in said
    assert "9 m 0" in said
    assert "Price of" not in head(desk, builders.add_closed(desk, "AMD", "5"))


def test_a_position_without_a_price_says_so(desk: Desk) -> None:
    trade = builders.add_position(desk, prices=("100", None, "1"))
    assert "No price has been seen yet" in head(desk, trade)
