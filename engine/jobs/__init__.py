"""What the engine does, and how often. Read this file to know everything it does by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.desk import Desk
from engine.jobs.ask_bots import ask_bots
from engine.jobs.audit_protection import audit_protection
from engine.jobs.beat import beat
from engine.jobs.build_universe import build_universe
from engine.jobs.carry_out_commands import carry_out_commands, carry_out_fetches
from engine.jobs.clean_up import clean_up
from engine.jobs.close_day import close_day
from engine.jobs.decide_alerts import decide_alerts
from engine.jobs.fill_opening_history import fill_opening_history
from engine.jobs.flatten_positions import flatten_positions
from engine.jobs.follow_logs import follow_logs
from engine.jobs.follow_orders import follow_orders
from engine.jobs.keep_halted import keep_halted
from engine.jobs.know_accounts import know_account, look_at_accounts
from engine.jobs.ping_outside import ping_outside
from engine.jobs.place_entries import place_entries
from engine.jobs.reconcile import reconcile
from engine.jobs.scan_opening_range import scan_opening_range
from engine.jobs.sync_bars import sync_bars
from engine.jobs.sync_listings import sync_listings
from engine.jobs.take_snapshots import take_snapshots
from engine.jobs.watch_broker import watch_broker
from engine.jobs.watch_conditions import watch_conditions
from engine.jobs.watch_daily_loss import watch_daily_loss
from engine.market_hours import Session

BEFORE_OPEN = timedelta(minutes=5)
MINUTE = timedelta(minutes=1)
Moments = Callable[[Session], Sequence[datetime]]


def _never(_session: Session) -> Sequence[datetime]:
    return ()


def _before_open(session: Session) -> Sequence[datetime]:
    return (session.opens_at - BEFORE_OPEN,)


def _at_the_scan(session: Session) -> Sequence[datetime]:
    return (session.scan_at,)


def _while_entering(session: Session) -> Sequence[datetime]:
    quarters = [at for at in _every_half_hour(session) if session.scan_at < at < session.flatten_at]
    return [session.scan_at, *quarters, session.flatten_at]


def _from_flatten(session: Session) -> Sequence[datetime]:
    """Every minute to the close: a closing order that was rejected is sent again."""
    count = int((session.closes_at - session.flatten_at) / MINUTE)
    return [session.flatten_at + i * MINUTE for i in range(count + 1)]


def _at_close(session: Session) -> Sequence[datetime]:
    return (session.closes_at,)


def _every_half_hour(session: Session) -> Sequence[datetime]:
    step = timedelta(minutes=30)
    return [session.opens_at + i * step for i in range(session.minutes // 30 + 1)]


@dataclass(frozen=True, slots=True)
class Job:
    """A question: is anything due? Asked every so many seconds of the desk's clock.

    A replay does not ask again and again: it goes to the job's `moments` of the session, and to
    every moment at which the exchange has `news`. The answer is what was done, None for nothing.
    """

    run: Callable[[Desk], str | None]
    every_seconds: float
    moments: Moments = _never
    news: bool = False
    slow: bool = False  # fetches much: never in the way of trading

    @property
    def name(self) -> str:
        """Return what it is called in the journal and on the timetable."""
        return self.run.__name__


# In the order in which they go when several are due at once.
JOBS = (
    Job(carry_out_commands, every_seconds=1, moments=_every_half_hour, news=True),
    Job(follow_orders, every_seconds=1, news=True),
    Job(keep_halted, every_seconds=1),
    Job(know_account, every_seconds=15),  # before anything is sent
    Job(carry_out_fetches, every_seconds=1, moments=_before_open, slow=True),
    Job(sync_bars, every_seconds=300, moments=_before_open, slow=True),
    Job(sync_listings, every_seconds=300, moments=_before_open, slow=True),
    Job(fill_opening_history, every_seconds=300, moments=_before_open, slow=True),
    Job(build_universe, every_seconds=60, moments=_before_open),
    Job(take_snapshots, every_seconds=1, moments=_every_half_hour),
    Job(reconcile, every_seconds=60, moments=_at_the_scan),
    Job(scan_opening_range, every_seconds=1, moments=_at_the_scan),
    Job(place_entries, every_seconds=1, moments=_while_entering),
    Job(audit_protection, every_seconds=0.5, news=True),
    Job(watch_daily_loss, every_seconds=2, news=True),
    Job(flatten_positions, every_seconds=1, moments=_from_flatten, news=True),
    Job(watch_broker, every_seconds=30, moments=_before_open),  # never in front of the entries
    Job(close_day, every_seconds=15, moments=_at_close),
    Job(look_at_accounts, every_seconds=300, slow=True),
    Job(clean_up, every_seconds=3600, moments=_at_close, slow=True),
    Job(beat, every_seconds=1),
    Job(ping_outside, every_seconds=60),
)

# Asked each second of the wall clock, in a thread of their own, by whoever tells people of alerts:
# the engine, or a process beside it while there is none. A replay tells nobody.
ALERT_JOBS = (Job(watch_conditions, every_seconds=1), Job(decide_alerts, every_seconds=1))
# What looks at other bots: each in a thread of its own, by the wall clock, as they run by it.
WATCHERS = (
    Job(follow_logs, every_seconds=0.25),
    Job(ask_bots, every_seconds=1),
)
