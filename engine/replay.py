"""Plays recorded sessions through the very jobs that trade live: only the clock is driven."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol

from sqlalchemy import bindparam, select

from engine.actions.trading_settings import settings_in_force
from engine.clock import DrivenClock
from engine.desk import Desk
from engine.errors import DeskError
from engine.jobs import JOBS, Job
from engine.market_hours import Session
from engine.runner import run_job
from models.accounts import AccountNow, DailyMetrics
from models.trading import Trade
from models.vocabulary import TradeStatus

Pace = Callable[[datetime], None]
POLL = timedelta(seconds=max(job.every_seconds for job in JOBS if job.news))
_NAKED = (
    select(Trade.id)
    .where(
        Trade.account == bindparam("account"),
        Trade.status == TradeStatus.OPEN,
        Trade.naked_since.is_not(None),
    )
    .limit(1)
)


class PlayedExchange(Protocol):
    """What the replay asks the exchange: when does something happen next?"""

    @property
    def played_until(self) -> datetime:
        """Return the moment up to which bars have acted."""
        ...

    def play(self, until: datetime) -> None:
        """Let the bars that have closed by then act."""
        ...

    def next_moment(self) -> datetime | None:
        """Return when the next order trades or expires."""
        ...

    def first_below(self, floor: Decimal, until: datetime) -> datetime | None:
        """Return when the equity falls to a floor if nothing is done, None if it does not."""
        ...


def no_pace(_moment: datetime) -> None:
    """Go on at once: as fast as the machine can."""


class Replay:
    """A replay of sessions. Started again on the same database it goes on where it stopped."""

    def __init__(
        self,
        desk: Desk,
        clock: DrivenClock,
        exchange: PlayedExchange,
        sessions: Sequence[Session],
        pace: Pace = no_pace,
    ) -> None:
        self._desk = desk
        self._clock = clock
        self._exchange = exchange
        self._sessions = sessions
        self._pace = pace
        self._token: int | None = None
        self._naked = False

    def run(self) -> Iterator[DailyMetrics]:
        """Play every session that is not closed yet; yield what each came to.

        Raises:
            DeskError: a job failed; a replay does not trade on past an error.
        """
        for session in self._sessions:
            if (metrics := self._closed(session)) is None:
                self._play(session)
                metrics = self._closed(session)
            if metrics is None:
                raise DeskError(f"session {session.day} was played and not closed")
            yield metrics

    def _play(self, session: Session) -> None:
        timetable = sorted({moment for job in JOBS for moment in job.moments(session)})
        self._hold_lease()
        began = self._exchange.played_until
        if began > timetable[0]:  # a killed replay: whatever is due by stored state is done first
            self._clock.advance_to(began)
            self._round(JOBS)
        self._naked = self._is_naked()
        floor = _Floor(self._desk, session)
        while (happening := self._next(timetable, session, floor)) is not None:
            moment, is_news = happening
            self._pace(moment)
            self._hold_lease()
            self._clock.advance_to(moment)
            self._exchange.play(moment)
            self._round([j for j in JOBS if moment in j.moments(session) or (j.news and is_news)])
            if is_news:
                self._naked = self._is_naked()

    def _next(
        self, timetable: Sequence[datetime], session: Session, floor: _Floor
    ) -> tuple[datetime, bool] | None:
        """Return the next moment that matters, and whether it is the market that makes it so."""
        place = bisect_right(timetable, self._clock.now())
        scheduled = timetable[place] if place < len(timetable) else session.closes_at
        happening = self._next_news()
        if happening is not None and happening <= scheduled:
            scheduled = happening
        if loss := floor.reached(self._exchange, scheduled):
            return loss, True
        if scheduled <= self._clock.now():
            return None
        return scheduled, scheduled == happening

    def _next_news(self) -> datetime | None:
        """Return when the exchange has news; before that, the next look at shares without a stop.

        Such shares are mended in steps. Live, the next one comes with the next poll; a replay that
        waited for the market's news would leave them uncovered until then.
        """
        news = self._exchange.next_moment()
        if not self._naked:
            return news
        poll = self._clock.now() + POLL
        return poll if news is None else min(news, poll)

    def _is_naked(self) -> bool:
        with self._desk.db.read() as tx:
            return tx.execute(_NAKED, {"account": self._desk.account}).first() is not None

    def _hold_lease(self) -> None:
        lease = self._desk.lease
        if (lease.wants_renewal or not lease.is_held) and not lease.acquire():
            raise DeskError("another engine took over this database; the replay stops")
        if self._token not in {None, lease.token}:  # its clock would go back to where this one is
            raise DeskError("another engine has played on meanwhile; start the replay again")
        self._token = lease.token

    def _round(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            if not run_job(job, self._desk):
                raise DeskError(f"{job.name} failed at {self._clock.now()}: see the journal")

    def _closed(self, session: Session) -> DailyMetrics | None:
        with self._desk.db.read() as tx:
            return tx.get(DailyMetrics, (self._desk.account, session.day))


class _Floor:
    """The equity at which the day's loss limit is reached: a moment that matters once."""

    def __init__(self, desk: Desk, session: Session) -> None:
        self._desk = desk
        self._session = session
        self._floor: Decimal | None = None
        self._was_reached = False

    def reached(self, exchange: PlayedExchange, until: datetime) -> datetime | None:
        """Return when the equity falls to the floor before a moment, once."""
        if self._was_reached or (floor := self._amount()) is None:
            return None
        moment = exchange.first_below(floor, until)
        self._was_reached = moment is not None
        return moment

    def _amount(self) -> Decimal | None:
        if self._floor is None:
            with self._desk.db.read() as tx:
                now = tx.get(AccountNow, self._desk.account)
                limit = settings_in_force(tx).risk.daily_loss_limit
            if now is not None and now.session == self._session.day:
                self._floor = now.starting_equity * (1 - limit)
        return self._floor
