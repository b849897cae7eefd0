"""The stage: which market is played, at what speed, and how it goes on from day to day."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import update

from engine.clock import ClockSetting, ShiftedClock, wall_now
from engine.errors import InvalidRequestError
from engine.market_hours import MarketHours, Session
from engine.rules.timetable import next_events
from models.accounts import DailyMetrics
from models.database import Database
from models.simulation import SimulatedMarket

BEFORE_OPEN = timedelta(minutes=5)
AFTER_CLOSE = timedelta(minutes=10)
GREATEST_SPEED = 600.0
SPEED = 30.0


class Events(Protocol):
    """What happens by itself on the exchange."""

    def next_moment(self) -> datetime | None:
        """Return when the next order trades or expires."""
        ...


@dataclass(frozen=True, slots=True)
class Opening:
    """With what a market that was never played before begins."""

    seed: int
    session: Session
    clock: ClockSetting


class Stage:
    """Keeps the played market's clock in the database, so that every process tells its time.

    The clock runs while the desk is down, up to the end of the played session.
    """

    def __init__(self, db: Database, account: str, hours: MarketHours, opening: Opening) -> None:
        self._db = db
        self._account = account
        self._hours = hours
        self._lock = threading.Lock()
        row = self._load(opening)
        self.seed = row.seed
        self.first = self._session(row)
        self.session = self._session(row, played=True)
        self.clock = ShiftedClock(_setting(row), self._ends_at())
        self._events: Events | None = None
        self._go_on: Callable[[Session], Session | None] = lambda _session: None

    def connect(self, events: Events, go_on: Callable[[Session], Session | None]) -> None:
        """Learn what happens next, and how to get the session after one, None when none is left."""
        self._events = events
        self._go_on = go_on

    def set_speed(self, speed: float) -> None:
        """Let the market go at another speed; 0 pauses it.

        Raises:
            InvalidRequestError: the speed is negative or too great.
        """
        if not 0 <= speed <= GREATEST_SPEED:
            raise InvalidRequestError(f"the speed must be between 0 and {GREATEST_SPEED:.0f}")
        with self._lock:
            self._run_by(self.clock.now(), speed)

    def next_event(self) -> datetime:
        """Go to the next moment that matters and return it."""
        with self._lock:
            now = self.clock.now()
            coming = [event.at for event in next_events(self.session, now, self.session)]
            moments = [at for at in (*coming, self._ends_at()) if at > now]
            happening = self._events.next_moment() if self._events else None
            if happening is not None and happening > now:
                moments.append(happening)
            moment = min(moments, default=now)
            self._run_by(moment, self.clock.speed)
            return moment

    def keep_up(self) -> str | None:
        """Open the next session when this one is over."""
        with self._lock:
            if self.clock.now() < self._ends_at() or not self._is_closed():
                return None
            following = self._go_on(self.session)
            if following is None:
                return None
            self.session = following
            self._run_by(following.opens_at - BEFORE_OPEN, self.clock.speed)
            return f"the market goes on with {following.day}"

    def follow(self) -> None:
        """Take over the clock as another process may have set it."""
        with self._lock:
            with self._db.read() as tx:
                row = tx.get(SimulatedMarket, self._account)
            if row is not None and _setting(row) != self.clock.setting:
                self.session = self._session(row, played=True)
                self.clock.run_by(_setting(row), self._ends_at())

    def _run_by(self, start: datetime, speed: float) -> None:
        setting = ClockSetting(start=start, speed=speed, epoch=wall_now())
        with self._db.write() as tx:
            tx.execute(
                update(SimulatedMarket)
                .where(SimulatedMarket.account == self._account)
                .values(
                    start=setting.start,
                    speed=speed,
                    epoch=setting.epoch,
                    session=self.session.day,
                )
            )
        self.clock.run_by(setting, self._ends_at())

    def _ends_at(self) -> datetime:
        return self.session.closes_at + AFTER_CLOSE

    def _is_closed(self) -> bool:
        with self._db.read() as tx:
            return tx.get(DailyMetrics, (self._account, self.session.day)) is not None

    def _load(self, opening: Opening) -> SimulatedMarket:
        with self._db.write() as tx:
            row = tx.get(SimulatedMarket, self._account)
            if row is None:
                row = SimulatedMarket(
                    account=self._account,
                    seed=opening.seed,
                    first_session=opening.session.day,
                    session=opening.session.day,
                    start=opening.clock.start,
                    speed=opening.clock.speed,
                    epoch=opening.clock.epoch,
                )
                tx.add(row)
        return row

    def _session(self, row: SimulatedMarket, *, played: bool = False) -> Session:
        day = row.session if played else row.first_session
        session = self._hours.session_on(day)
        if session is None:
            raise LookupError(f"the played market stands on {day}, which is no session")
        return session


def _setting(row: SimulatedMarket) -> ClockSetting:
    return ClockSetting(start=row.start, speed=row.speed, epoch=row.epoch)
