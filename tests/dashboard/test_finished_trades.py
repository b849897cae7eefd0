"""Trades as columns come to the very figures that the rules give for them one by one."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

import numpy as np
import pytest

from dashboard.queries.analytics import grouped
from dashboard.queries.finished import finished
from dashboard.queries.trades import TradeFilter, trade_lines
from engine.desk import Desk
from engine.rules.performance import TradeResult, trade_numbers
from models.vocabulary import Side
from tests.dashboard import builders, desks

TRADES = [
    ("AMD", "-150.123456", "0.75", Side.LONG),
    ("AMD", "0", None, Side.SHORT),
    ("NVDA", "99999999.999999", "1.25", Side.LONG),
    ("NVDA", "0.000001", "0.33", Side.SHORT),
    ("TSLA", "-0.1", None, Side.SHORT),
]


@pytest.fixture
def traded(database_url: str) -> Iterator[Desk]:
    desk = desks.make_desk(database_url)
    for attempt, (symbol, pnl, distance, side) in enumerate(TRADES):
        risk = Decimal(distance) if distance else None
        more = {"attempt": attempt, "stop_distance": risk, "side": side}
        builders.add_closed(desk, symbol, pnl, exit_price=Decimal(51), **more)
    yield desk
    desk.db.close()


def test_groups_are_what_the_rules_say_of_their_trades(traded: Desk) -> None:
    with traded.db.read() as tx:
        columns = finished(tx, traded, TradeFilter())
        by_symbol: defaultdict[str, list[TradeResult]] = defaultdict(list)
        for line in trade_lines(tx, traded, TradeFilter()):
            risk = line.stop_distance * line.quantity if line.stop_distance else None
            by_symbol[line.symbol].append(TradeResult(pnl=line.pnl, risk=risk))
    found = {group.name: group for group in grouped(columns, columns.symbols)}
    for symbol, results in by_symbol.items():
        group, numbers = found.pop(symbol), trade_numbers(results)
        assert (group.trades, group.pnl) == (numbers.trades, numbers.total)
        assert group.win_rate == numbers.win_rate
        assert group.expectancy_r == pytest.approx(numbers.expectancy_r)
    assert found == {}


def test_money_comes_in_millionths_from_either_database(traded: Desk) -> None:
    with traded.db.read() as tx:
        columns = finished(tx, traded, TradeFilter(symbol="NVDA"))
    assert columns.pnl.tolist() == [99_999_999_999_999, 1]


def test_what_is_not_known_is_no_number(traded: Desk) -> None:
    with traded.db.read() as tx:
        columns = finished(tx, traded, TradeFilter(symbol="TSLA"))
    assert np.isnan(columns.multiples).all()
