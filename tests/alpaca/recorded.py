"""Recorded sessions, played through the simulated broker and through Alpaca's protocol."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import select

from engine.actions.permissions import SYSTEM
from engine.actions.trading_settings import change_settings
from engine.adapters.market_playback import Market
from engine.bootstrap import load_market, replay_desk
from engine.clock import DrivenClock, stopwatch
from engine.desk import Desk
from engine.market_hours import MarketHours, Session
from engine.replay import Replay
from models.database import IN_MEMORY, Database
from models.trading import Order, Trade
from models.vocabulary import ExitReason, Intrabar, OrderClass, OrderPurpose, SettingsKind, Side
from tests.alpaca.lockstep import BEFORE_OPEN, Lockstep
from tests.databases import with_schema
from tests.local_alpaca import LocalAlpaca, PlayedMarket, Rules

PATIENCE = 30.0  # seconds: a busy computer is no disturbance
RISK = {"max_positions": 20, "daily_loss_limit": 1, "max_leverage": 3}


@dataclass(frozen=True, slots=True)
class Day:
    """A session at Alpaca: its trades, and how many of the day's seconds passed in one."""

    trades: Sequence[Trade]
    attached: frozenset[str]  # the symbols whose entries carried their stops
    beyond: frozenset[str]  # closed at market: beyond their stop before it could be placed
    speed: float


def recorded_market(shared: Path) -> Market:
    """Return the recorded bars that lie beside the project."""
    bars, daily = (
        shared / "market" / f"us2025q1_1min_{kind}.parquet" for kind in ("bars", "daily")
    )
    return load_market(bars, daily)


def at_the_simulated_broker(market: Market, day: date, intrabar: Intrabar) -> Sequence[Trade]:
    """Return the trades of a session in a replay."""
    with closing(Database(IN_MEMORY)) as db:
        with_schema(db)
        prepared = replay_desk(db, market, first=day, last=day, intrabar=intrabar)
        desk = prepared.played.desk
        _twenty_positions(desk)
        for _ in Replay(desk, prepared.clock, prepared.played.exchange, prepared.sessions).run():
            pass
        return _trades(db)


def at_alpaca(market: Market, day: date, *, attachable: bool = True) -> Day:
    """Return the trades of a session at the local Alpaca, over HTTP."""
    session = _session(day)
    clock = DrivenClock(session.opens_at - 2 * BEFORE_OPEN)
    played = PlayedMarket(bars=market.minutes, daily=market.daily)
    started = stopwatch()
    with (
        tempfile.TemporaryDirectory(prefix="bellwether-recorded-") as folder,
        LocalAlpaca(played, clock, Rules.of_the_simulation()) as local,
        closing(Database(f"sqlite:///{Path(folder) / 'desk.db'}")) as db,
    ):
        with_schema(db)
        sides = frozenset(Side) if attachable else frozenset()
        desk = Lockstep(local, db, sides, read_seconds=PATIENCE)
        _twenty_positions(desk.desk)
        desk.day(session)
        took = stopwatch() - started
        speed = (session.closes_at - session.opens_at).total_seconds() / took
        return Day(_trades(db), _attached(desk), _beyond(desk), speed)


def _attached(desk: Lockstep) -> frozenset[str]:
    entries = [o for o in desk.all(Order) if o.purpose is OrderPurpose.ENTRY]
    return frozenset(o.symbol for o in entries if o.order_class is OrderClass.OTO)


def _beyond(desk: Lockstep) -> frozenset[str]:
    exits = [o for o in desk.all(Order) if o.purpose is OrderPurpose.EXIT]
    return frozenset(o.symbol for o in exits if o.exit_reason is ExitReason.STOP)


def _session(day: date) -> Session:
    session = MarketHours().session_on(day)
    assert session is not None
    return session


def _twenty_positions(desk: Desk) -> None:
    change_settings(desk, SYSTEM, SettingsKind.RISK, RISK, "for the comparison")


def _trades(db: Database) -> Sequence[Trade]:
    with db.read() as tx:
        return tx.scalars(select(Trade).order_by(Trade.symbol)).all()
