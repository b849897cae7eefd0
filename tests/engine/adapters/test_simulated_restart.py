"""A killed exchange comes back from its database as it was, and plays what it missed."""

from dataclasses import asdict
from typing import Any

import pytest

from engine.adapters.simulated.exchange import Exchange
from engine.adapters.simulated.ledger import Ledger
from models.database import Database
from models.vocabulary import Intrabar
from tests.databases import with_schema
from tests.engine.adapters.exchange_by_hand import (
    BUY,
    HOURS,
    MARKET,
    SELL,
    STOP,
    STOP_LIMIT,
    Floor,
    Prices,
    bars_of,
    minute,
    stop_leg,
)

BARS: dict[int, Prices] = {
    4: (10, 10, 10, 10),
    5: (10, 10.3, 9.95, 10.1),
    6: (10.1, 10.6, 10.1, 10.5),
    7: (10.5, 10.5, 9.8, 9.9),
    8: (9.9, 10, 9.2, 9.3),
    9: (9.3, 9.4, 9.1, 9.2),
}
MARKET_BARS = {"AAA": bars_of(BARS), "BBB": bars_of(BARS), "CCC": bars_of(BARS)}


def opened(db: Database, at: float) -> Floor:
    return Floor(db, MARKET_BARS, minute(at), Intrabar.OPTIMISTIC)


def busy(db: Database) -> Floor:
    """An exchange with every kind of order on its way."""
    floor = opened(db, 5)
    floor.ask_for("partial", 0.3, "BBB")
    floor.ask_for("delay", 150, "CCC")
    floor.send(BUY, STOP, stop=10.2, leg=stop_leg(9.9, 0.3))
    floor.send(BUY, STOP, symbol="BBB", stop=10.2, leg=stop_leg(9.8, 0.3))
    floor.send(SELL, MARKET, symbol="CCC")
    floor.send(SELL, STOP_LIMIT, quantity=7, symbol="CCC", stop=10.05, limit=10.4)
    floor.send(BUY, STOP, quantity=9, symbol="CCC", stop=12)
    return floor


def books(floor: Floor) -> dict[str, Any]:
    """Everything that an exchange knows."""
    exchange = floor.exchange
    return {
        "till": asdict(exchange.till),
        "orders": {o.id: asdict(o) for o in exchange._orders.values()},
        "by_client": sorted(exchange._by_client_id),
        "open": sorted(o.id for o in exchange.open_orders()),
        "executions": exchange._executions,
        "positions": {s: q for s, q in exchange.positions.items() if q},
        "cost": {s: c for s, c in exchange.cost.items() if c},
        "next": exchange.next_moment(),
    }


@pytest.mark.parametrize("at", [5, 6, 7, 8, 9, 10, 390])
def test_a_restarted_exchange_is_the_one_that_was_killed(db: Database, at: float) -> None:
    killed = busy(db).at(at)
    restarted = opened(db, at).at(at)
    assert books(restarted) == books(killed)


def test_an_exchange_that_was_down_plays_what_it_missed(db: Database) -> None:
    busy(db).at(6)
    late = opened(db, 10).at(10)
    other = with_schema(Database("sqlite://"))
    assert books(late) == books(busy(other).at(10))
    other.close()


@pytest.mark.parametrize("at", [6, 7, 8, 9])
def test_bars_are_not_played_twice(db: Database, at: float) -> None:
    before = busy(db).at(at).deals
    assert opened(db, at).at(at).deals == before


def test_the_same_bars_do_the_same_step_by_step_or_at_once(db: Database) -> None:
    other = with_schema(Database("sqlite://"))
    stepped, leaping = busy(db), busy(other)
    for at in range(6, 20):
        stepped.at(at)
    assert books(leaping.at(19)) == books(stepped)
    other.close()


def test_the_books_survive_on_every_database(database_url: str) -> None:
    db = with_schema(Database(database_url))
    killed = busy(db).at(8)
    assert books(opened(db, 8).at(8)) == books(killed)
    db.close()


def test_two_accounts_do_not_see_each_other(db: Database) -> None:
    floor = busy(db).at(8)
    other = Exchange(Ledger(db, "another"), floor.tape, HOURS, starts_at=minute(8))
    assert (other.open_orders(), other.executions(minute(0))) == ([], [])
