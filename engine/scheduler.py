"""Runs the timetable, live. The only module that knows APScheduler."""

from __future__ import annotations

import threading
from collections.abc import Container, Iterable
from datetime import datetime, timedelta

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from engine.clock import stopwatch
from engine.desk import Desk
from engine.jobs import ALERT_JOBS, JOBS, WATCHERS, Job
from engine.jobs.decide_alerts import may_tell
from engine.jobs.deliver_alerts import deliver_alerts
from engine.jobs.follow_orders import follow_orders
from engine.jobs.place_entries import place_entries
from engine.jobs.reconcile import reconcile
from engine.jobs.watch_conditions import tell_of_gap
from engine.journal import record
from engine.runner import run_job
from engine.surroundings import Channel
from models.vocabulary import Severity

TICK_SECONDS = 0.25
ALERT_SECONDS = 1.0
ALERTS = "alerts"
LOOK_SECONDS = 1.0  # between two looks at which account is to be traded
LATE_SECONDS = 10.0  # a trading round that starts so late is an alert: stops may be unwatched
STARTUP = (Job(follow_orders, every_seconds=0), Job(reconcile, every_seconds=0))
ENTERING = frozenset({place_entries.__name__})  # waits until the books are the broker's


class Rounds:
    """Some of the jobs, asked in their order, each as often as the desk's clock says."""

    def __init__(self, desk: Desk, jobs: Iterable[Job]) -> None:
        self._desk = desk
        self._jobs = list(jobs)
        self._asked: dict[str, datetime] = {}

    def run(self, *, leaving_out: Container[str] = ()) -> None:
        """Ask every job whose time has come, as long as this is the engine.

        A job may take as long as the broker's silence lasts: the lease is renewed before each.
        """
        for job in self._jobs:
            if job.name in leaving_out:
                continue
            if not self._is_engine_for(job):  # one before it may have handed over to another
                return
            now = self._desk.clock.now()
            last = self._asked.get(job.name)
            # A clock that was set back must not silence a job.
            if last is None or not timedelta(0) <= now - last < _period(job):
                self._asked[job.name] = now
                run_job(job, self._desk)

    def _is_engine_for(self, job: Job) -> bool:
        """Say whether this is the engine; what fetches keeps none alive whose trading hangs."""
        lease = self._desk.lease
        return not lease.is_lost if job.slow else lease.renew()


class Scheduler:
    """The engine's threads: one for all that trades, one for what fetches much, and watchers.

    Jobs that trade never run at the same time, so each finds the books as the last one left them.
    A desk trades one account. When another is to be traded it has `moved`: the process ends it and
    puts a new one together.
    """

    def __init__(self, desk: Desk, *, may_lead: bool = True) -> None:
        self._desk = desk
        self._may_lead = may_lead
        self._trading = Rounds(desk, [job for job in JOBS if not job.slow])
        self._slow = Rounds(desk, [job for job in JOBS if job.slow])
        self._leads = threading.Event()
        self._took_over: int | None = None  # the token that it did so with
        self._is_reconciled = False  # since this process took over
        self._reconciled_at = 0.0  # when that was last tried
        self._last_round: float | None = None
        self._looked_at: float | None = None
        self.moved = threading.Event()
        self._scheduler = _threads("default", "slow", *(watcher.name for watcher in WATCHERS))
        self._teller = Teller(desk)

    def start(self) -> None:
        """Begin; whoever holds the lease trades, others stand by."""
        every = {"trigger": "interval", "seconds": TICK_SECONDS}
        self._scheduler.add_job(self.trade, id="trading", **every)
        self._scheduler.add_job(self.fetch, id="slow", executor="slow", **every)
        for watcher in WATCHERS:
            self._scheduler.add_job(
                self.watch,
                "interval",
                [watcher],
                id=watcher.name,
                executor=watcher.name,
                seconds=watcher.every_seconds,
            )
        self._scheduler.start()
        self._teller.start()

    def stop(self) -> None:
        """End after the present round and give the lease back."""
        self._teller.stop()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)
        self._desk.lease.release()
        self._stand_back()

    def trade(self) -> None:
        """Run one trading round, if this is the engine."""
        if self._has_moved():
            return
        self._follow_clock()
        if not self._is_engine():
            return
        self._note_delay()
        self._go_on()
        if self._desk.stream is not None:
            self._desk.stream.supervise()
        if not self._is_reconciled and stopwatch() - self._reconciled_at >= LOOK_SECONDS:
            self._reconcile()
        self._trading.run(leaving_out=() if self._is_reconciled else ENTERING)

    def fetch(self) -> None:
        """Run one round of the jobs that fetch much, if this is the engine."""
        if self._leads.is_set():
            self._slow.run()

    def watch(self, watcher: Job) -> None:
        """Look at other bots once, if this is the engine."""
        if self._leads.is_set():
            run_job(watcher, self._desk)

    def _has_moved(self) -> bool:
        """Look each second whether another account is to be traded: this desk is over then."""
        now = stopwatch()
        if self._looked_at is None or now - self._looked_at >= LOOK_SECONDS:
            self._looked_at = now
            if self._desk.lease.has_moved():
                self._stand_back()
                self.moved.set()
        return self.moved.is_set()

    def _is_engine(self) -> bool:
        """Renew or take the lease; whoever becomes the engine reconciles before it trades."""
        if not self._may_lead:
            return False
        lease = self._desk.lease
        held = lease.is_held
        if not held or lease.wants_renewal:
            held = lease.acquire()
        if not held:
            self._stand_back()
            return False
        if self._took_over != lease.token:  # another one may have traded meanwhile
            self._stand_back()
        if not self._leads.is_set():
            self._take_over()
        return True

    def _stand_back(self) -> None:
        """Listen no more: the broker lets one process listen."""
        if self._leads.is_set() and self._desk.stream is not None:
            self._desk.stream.stop()
        self._leads.clear()

    def _take_over(self) -> None:
        tell_of_gap(self._desk)
        self._reconcile()
        with self._desk.db.write() as tx:
            record(
                tx,
                self._desk.clock.now(),
                "engine",
                self._desk.account,
                text=f"The engine starts (token {self._desk.lease.token})",
                token=self._desk.lease.token,
            )
        self._last_round = None
        self._took_over = self._desk.lease.token
        self._leads.set()
        if self._desk.stream is not None:
            self._desk.stream.start()

    def _reconcile(self) -> None:
        """Learn what became of the orders; until that is known, nothing is added to them."""
        lease = self._desk.lease
        went_well = [lease.renew() and run_job(job, self._desk) for job in STARTUP]
        self._is_reconciled = all(went_well)
        self._reconciled_at = stopwatch()

    def _follow_clock(self) -> None:
        if self._desk.simulation is not None:
            self._desk.simulation.follow()

    def _go_on(self) -> None:
        if self._desk.simulation is not None and (text := self._desk.simulation.keep_up()):
            with self._desk.db.write() as tx:
                record(tx, self._desk.clock.now(), "simulation", self._desk.account, text=text)

    def _note_delay(self) -> None:
        """Alert when rounds come late: whatever the engine guards was unguarded so long."""
        now, last = stopwatch(), self._last_round
        self._last_round = now
        if last is None or now - last < LATE_SECONDS:
            return
        with self._desk.db.write() as tx:
            record(
                tx,
                self._desk.clock.now(),
                "alert",
                self._desk.account,
                severity=Severity.CRITICAL,
                text=f"The engine did nothing for {now - last:.0f} seconds",
                code="engine_late",
            )


class Teller:
    """The threads that tell people of alerts: one decides, and each channel has one that sends.

    Neither a slow channel nor a broken one is ever in the way of trading, or of the others.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._scheduler = _threads(ALERTS, *map(_thread, desk.channels))

    def start(self) -> None:
        """Begin; by the wall clock, however fast the desk's runs: people go by it."""
        every = {"trigger": "interval", "seconds": ALERT_SECONDS}
        self._scheduler.add_job(self.decide, id=ALERTS, executor=ALERTS, **every)
        for channel in self._desk.channels:
            name = _thread(channel)
            self._scheduler.add_job(self.send, args=[channel], id=name, executor=name, **every)
        self._scheduler.start()

    def stop(self) -> None:
        """End without waiting for an answer; what was not heard of is sent by whoever is next."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def decide(self) -> None:
        """Look for what is wrong, and decide who is told of it."""
        if may_tell(self._desk):
            for job in ALERT_JOBS:
                run_job(job, self._desk)

    def send(self, channel: Channel) -> None:
        """Send what waits for a channel."""
        if may_tell(self._desk):
            deliver_alerts(self._desk, channel)


def _threads(*names: str) -> BackgroundScheduler:
    """Return a scheduler with a thread for each name; what comes late is run once."""
    return BackgroundScheduler(
        timezone="UTC",
        executors={name: ThreadPoolExecutor(1) for name in names},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )


def _thread(channel: Channel) -> str:
    return f"channel {channel.name}"


def _period(job: Job) -> timedelta:
    return timedelta(seconds=job.every_seconds)
