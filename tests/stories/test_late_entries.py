"""Entries that could not be sent when they were due: judged anew, or never sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from engine.adapters.simulated.broker import SimulatedBroker
from engine.errors import BrokerBusyError
from models.broker import BrokerOrder, OrderRequest
from models.vocabulary import OrderStatus
from tests.builders import DAY, Playing, a_day, a_market, start

NEXT = date(2024, 11, 21)
RISES = a_day("ABLE", ("09:40", 101.5), ("12:00", 106), ("12:02", 106), ("15:55", 104))
QUIET = a_day("ABLE", ("09:40", 100.5), ("12:00", 100.5), ("12:05", 101), ("15:55", 104))
ON_THE_NEXT = a_day(
    "ABLE", ("09:40", 101.5), ("15:55", 104), on=NEXT, opens=(100, 100.5, 99, 100.1)
)


class Busy(SimulatedBroker):
    """A broker whose limit is used up."""

    def __init__(self, broker: SimulatedBroker) -> None:
        self.__dict__.update(vars(broker))

    def submit(self, request: OrderRequest) -> Sequence[BrokerOrder]:
        raise BrokerBusyError(f"the request limit is used up: {request.symbol}")


def turned_away(*days: object) -> Playing:
    """Play until the entry was turned away; then the process dies."""
    playing = start(a_market(*days)).until("09:35")  # type: ignore[arg-type]
    good = playing.desk
    assert isinstance(good.broker, SimulatedBroker)
    playing.desk = replace(good, broker=Busy(good.broker))
    playing.live("09:35:05")
    assert playing.order("ABLE-entry-1").status is OrderStatus.INTENDED
    playing.desk = good
    return playing


def test_one_of_yesterday_is_not_sent_today() -> None:
    playing = turned_away(QUIET, ON_THE_NEXT)
    playing.down_until("09:30", on=NEXT)
    playing.live("09:35:30", on=NEXT)
    (yesterday,) = [o for o in playing.orders if o.session == DAY and o.parent_id is None]
    assert (yesterday.status, yesterday.code) == (OrderStatus.REFUSED, "too_late")


def test_one_whose_price_ran_away_meanwhile_is_not_sent() -> None:
    playing = turned_away(RISES)
    playing.down_until("12:00:30")
    playing.live("12:06")
    entry = playing.order("ABLE-entry-1")
    assert (entry.status, entry.code) == (OrderStatus.REFUSED, "ran_away")
    assert playing.trades == []


def test_one_whose_price_is_still_there_is_sent_late() -> None:
    playing = turned_away(QUIET)
    playing.down_until("12:00:30")
    playing.live("12:06")
    assert playing.order("ABLE-entry-1").status is OrderStatus.FILLED
