"""A broker that does not answer: what it did is found out, never guessed and never repeated."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from engine.actions import control
from engine.adapters.simulated.broker import SimulatedBroker
from engine.errors import BrokerUnavailableError
from models.broker import BrokerOrder, OrderRequest
from models.simulation import SimulatedOrder
from models.vocabulary import CommandStatus, OrderStatus
from tests.builders import LONG, OPERATOR, Playing, a_day, a_market, at, dollars, start

DAY = a_day("ABLE", ("09:40", 101), ("10:30", 102), ("15:55", 104))


class Silent(SimulatedBroker):
    """A broker whose first answer to an order is lost, or the order itself is."""

    def __init__(self, broker: SimulatedBroker, *, arrives: bool) -> None:
        self.__dict__.update(vars(broker))
        self._arrives = arrives
        self._silent = True

    def submit(self, request: OrderRequest) -> Sequence[BrokerOrder]:
        if not self._silent:
            return super().submit(request)
        self._silent = False
        if self._arrives:
            super().submit(request)
        raise BrokerUnavailableError("it took longer than ten seconds")


def entry_without_answer(*, arrives: bool) -> Playing:
    """Play up to 9:35, when the entry is sent and no answer comes."""
    playing = start(a_market(DAY)).until("09:35")
    assert isinstance(playing.desk.broker, SimulatedBroker)
    playing.desk = replace(playing.desk, broker=Silent(playing.desk.broker, arrives=arrives))
    return playing.live("09:35")


@pytest.mark.parametrize("arrives", [True, False])
def test_its_outcome_is_unknown_until_it_is_looked_up(arrives: bool) -> None:  # noqa: FBT001
    playing = entry_without_answer(arrives=arrives)
    assert playing.order("ABLE-entry-1").status is OrderStatus.SUBMITTING
    playing.live("09:35:03")
    assert playing.order("ABLE-entry-1").status is OrderStatus.WORKING
    assert len(playing.all(SimulatedOrder)) == 2  # the entry and its stop, once


@pytest.mark.parametrize("arrives", [True, False])
def test_the_day_goes_on_as_if_nothing_had_happened(arrives: bool) -> None:  # noqa: FBT001
    playing = entry_without_answer(arrives=arrives).to_the_end()
    assert playing.trade("ABLE").pnl == LONG * dollars(3)
    assert playing.order_names() == {"ABLE-entry-1", "ABLE-stop-1", "ABLE-exit-1"}


def test_a_stop_that_went_live_before_anybody_looked_is_known_to_be_live() -> None:
    """Else it is placed again and again, and rejected each time: its shares are promised."""
    playing = entry_without_answer(arrives=True)
    playing.clock.advance_to(at("10:00"))  # the engine was down
    playing.live("10:00:10")
    assert playing.order("ABLE-stop-1").status is OrderStatus.WORKING
    assert playing.order_names() == {"ABLE-entry-1", "ABLE-stop-1"}
    assert playing.alerts("naked") == []


@pytest.mark.parametrize("arrives", [True, False])
def test_a_kill_reaches_an_entry_whose_outcome_is_unknown(arrives: bool) -> None:  # noqa: FBT001
    playing = entry_without_answer(arrives=arrives)
    number = control.kill(playing.desk, OPERATOR, "before it was looked up")
    playing.live("09:35:05")
    assert playing.order("ABLE-entry-1").status is OrderStatus.CANCELLED
    assert {order.status for order in playing.all(SimulatedOrder)} <= {OrderStatus.CANCELLED}
    assert playing.command(number).status is CommandStatus.DONE
    assert playing.to_the_end().trades == []
