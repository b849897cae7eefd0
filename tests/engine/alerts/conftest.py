"""A desk with one channel, a receiver at its end, and a clock that the test drives."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from engine.actions.raising import raise_alert
from engine.adapters.channels import AddressedChannel
from engine.clock import DrivenClock, wall_now
from engine.desk import Desk
from engine.jobs.decide_alerts import decide_alerts
from engine.jobs.deliver_alerts import deliver_alerts
from models.vocabulary import Severity
from tests.dashboard import desks
from tests.engine.alerts.receiver import Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


class Scene:
    """The desk's alerts, told through one webhook."""

    def __init__(self, desk: Desk, receiver: Receiver, clock: DrivenClock) -> None:
        self.desk, self.receiver, self.clock = desk, receiver, clock

    def alert(
        self,
        code: str = "order_rejected",
        scope: str = "order:1",
        severity: Severity = Severity.WARNING,
        text: str = "AAPL entry rejected",
        **more: object,
    ) -> None:
        with self.desk.db.write() as tx:
            raise_alert(tx, self.desk, code, scope, text, severity=severity, **more)

    def decide(self) -> None:
        decide_alerts(self.desk, self.clock.now)

    def deliver(self) -> int:
        return sum(deliver_alerts(self.desk, each, self.clock.now) for each in self.desk.channels)

    def tell(self) -> list[str]:
        """Decide and deliver; return the titles that arrived."""
        self.decide()
        self.deliver()
        return self.receiver.titles()

    def wait(self, seconds: float) -> None:
        self.clock.advance_to(self.clock.now() + timedelta(seconds=seconds))


@pytest.fixture
def make_scene(database_url: str, receiver: Receiver) -> Iterator[Callable[..., Scene]]:
    made: list[Desk] = []

    def make(**options: float) -> Scene:
        channel = AddressedChannel("hook", receiver.address, **options)
        made.append(replace(desks.make_desk(database_url), channels=(channel,)))
        return Scene(made[-1], receiver, DrivenClock(wall_now()))

    yield make
    for desk in made:
        desk.db.close()


@pytest.fixture
def scene(make_scene: Callable[..., Scene]) -> Scene:
    """The same on SQLite and on PostgreSQL."""
    return make_scene()
