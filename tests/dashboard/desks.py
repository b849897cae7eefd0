"""Desks for the pages to show: a real database, clock and calendar, people, and no market."""

from datetime import datetime
from typing import Any

from argon2 import PasswordHasher

from engine.adapters.simulated.stage import Opening, Stage
from engine.clock import ClockSetting, ShiftedClock, wall_now
from engine.desk import Desk
from engine.lease import Lease
from engine.market_hours import MarketHours, Session
from models.database import Database
from models.market import BarColumns, empty_bars
from models.people import User
from models.vocabulary import Role, TradingMode
from tests.dashboard.builders import ACCOUNT, DAY, NOW, add
from tests.databases import with_schema

PASSWORD = "correct horse battery"  # noqa: S105  # opens nothing
HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
PEOPLE = {"anna": Role.ADMIN, "otto": Role.OPERATOR, "vera": Role.VIEWER}


class Elsewhere:
    """The outside as the dashboard knows it: by name, and without bars. Anything else fails."""

    name = "simulated"
    feed = "recorded"
    revises = False

    def minute_bars(self, _symbol: str, _session: Session) -> BarColumns:
        return empty_bars()


def make_desk(
    url: str, mode: TradingMode = TradingMode.SIMULATED, now: datetime = NOW, speed: float = 1.0
) -> Desk:
    """A desk on a new database with three people."""
    db = with_schema(Database(url))
    desk = desk_on(db, mode, now, speed)
    add_people(desk)
    return desk


def desk_on(
    db: Database,
    mode: TradingMode = TradingMode.SIMULATED,
    now: datetime = NOW,
    speed: float = 1.0,
) -> Desk:
    """A desk on a database as it is."""
    outside: Any = Elsewhere()
    hours = MarketHours()
    setting = ClockSetting(start=now, speed=speed, epoch=wall_now())
    session = hours.session_on(DAY)
    assert session is not None
    stage = Stage(db, ACCOUNT, hours, Opening(seed=1, session=session, clock=setting))
    simulated = mode is TradingMode.SIMULATED
    return Desk(
        db=db,
        broker=outside,
        data=outside,
        daily=outside,
        hours=hours,
        clock=stage.clock if simulated else ShiftedClock(setting),
        lease=Lease(db),
        mode=mode,
        account=ACCOUNT,
        simulation=stage if simulated else None,
    )


def add_people(desk: Desk) -> None:
    """Let the people of the tests in."""
    for name, role in PEOPLE.items():
        add(desk, User(name=name, role=role, password_hash=HASH, created_at=desk.clock.now()))
