"""Desks at a local Alpaca, on one driven clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from engine.adapters.market_playback import Market
from engine.clock import DrivenClock
from engine.logs import configure_logs
from engine.market_hours import MarketHours, Session
from models.database import Database
from models.vocabulary import Side
from tests.alpaca.lockstep import BEFORE_OPEN, BOTH, Lockstep
from tests.builders import DAY
from tests.databases import with_schema
from tests.local_alpaca import LocalAlpaca, PlayedMarket, Rules

HOURS = MarketHours()
Open = Callable[..., Lockstep]


def session_of(day: Any = DAY) -> Session:
    session = HOURS.session_on(day)
    assert session is not None
    return session


@pytest.fixture(autouse=True)
def quiet() -> None:
    """Keep the log of expected troubles out of the tests' output."""
    configure_logs(level="CRITICAL", as_json=True)


@pytest.fixture
def open_desk(tmp_path: Path) -> Iterator[Open]:
    """Opens desks: a market as the builders make it, rules, and the sides that take a stop."""
    with ExitStack() as opened:

        def start(
            market: Market,
            rules: Rules | None = None,
            *,
            attachable: frozenset[Side] = BOTH,
            session: Session | None = None,
        ) -> Lockstep:
            db = with_schema(Database(f"sqlite:///{tmp_path / 'desk.db'}"))
            opened.callback(db.close)
            clock = DrivenClock((session or session_of()).opens_at - 2 * BEFORE_OPEN)
            played = PlayedMarket(bars=market.minutes, daily=market.daily)
            rules = rules or Rules.of_the_simulation()
            local = opened.enter_context(LocalAlpaca(played, clock, rules))
            return Lockstep(local, db, attachable)

        yield start
