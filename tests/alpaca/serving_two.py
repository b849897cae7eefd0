"""A served desk that knows two accounts, at two local Alpacas on a shifted clock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from engine.clock import ClockSetting, ShiftedClock, wall_now
from tests.alpaca.two_accounts import environment, two_brokers
from tests.builders import a_day, a_market, at
from tests.local_alpaca import LocalAlpaca

NEAR = (100, 101, 99, 100.9)
MARKET = a_market(a_day("ABLE", ("09:40", 101), ("15:55", 104), opens=NEAR))


@dataclass(frozen=True)
class Two:
    """The brokers, and the settings of a desk that has the keys of both."""

    first: LocalAlpaca
    second: LocalAlpaca
    settings: dict[str, str]


@contextmanager
def two_served(folder: Path, **more: str) -> Iterator[Two]:
    """Serve both from well before the open, in real time."""
    clock = ShiftedClock(ClockSetting(at("09:10"), 1, wall_now()))
    with two_brokers(MARKET, clock) as (first, second):
        settings = environment(first, second) | {
            "BELLWETHER_DATABASE_URL": f"sqlite:///{folder / 'desk.db'}",
            "BELLWETHER_LOG_LEVEL": "ERROR",
            "BELLWETHER_CLOCK_START": clock.setting.start.isoformat(),
            "BELLWETHER_CLOCK_EPOCH": clock.setting.epoch.isoformat(),
            "BELLWETHER_CLOCK_SPEED": "1",
        }
        yield Two(first, second, settings | more)
