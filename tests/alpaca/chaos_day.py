"""A random day with random trouble and kills, checked against what the broker saw."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

from engine.actions import control
from engine.actions.permissions import SYSTEM
from engine.adapters.market_playback import Market
from engine.clock import DrivenClock, stopwatch
from engine.errors import DeskError
from engine.market_hours import MarketHours, Session
from models.vocabulary import Side
from tests.alpaca.fragile import FragileDatabase
from tests.alpaca.invariants import Day
from tests.alpaca.lockstep import BEFORE_OPEN, MINUTE, Lockstep
from tests.alpaca.naked import Naked, naked_times
from tests.builders import DAY, SymbolDay, a_day, a_market
from tests.databases import with_schema
from tests.local_alpaca import LocalAlpaca, PlayedMarket, Rules
from tests.local_alpaca.faults import (
    Breaking,
    Faults,
    FillPart,
    RejectLater,
    Reset,
    Respond,
    Silence,
    StickCancel,
    Truncate,
)
from tests.local_alpaca.orders import Status

NAMES = ("ABLE", "BAKE", "COAL", "DELL", "EAST", "FORD")
STUCK_FOR = timedelta(seconds=45)
KILL_AT = 0.25  # the part of the days on which somebody throws the kill switch
TOO_MANY = '{"code":42910000,"message":"rate limit exceeded"}'


@dataclass
class Report:
    """What a day was like, and what was wrong with it."""

    seed: int
    trades: int = 0
    kills: int = 0
    troubles: int = 0
    seconds: float = 0.0
    naked: list[Naked] = field(default_factory=list)  # every gap in a symbol's protection
    wrong: list[str] = field(default_factory=list)


def play_day(seed: int) -> Report:
    """Play one day and check it."""
    random = Random(seed)  # noqa: S311  (the same trouble for the same seed)
    lags = Random(-seed)  # noqa: S311  (when within its interval a poll sees something)
    session = _session()
    market = random_market(random, session)
    clock = DrivenClock(session.opens_at - 2 * BEFORE_OPEN)
    played = PlayedMarket(bars=market.minutes, daily=market.daily)
    started = stopwatch()
    with (
        tempfile.TemporaryDirectory(prefix="bellwether-chaos-") as folder,
        LocalAlpaca(played, clock, random_rules(random), seed=seed) as local,
    ):
        db = with_schema(FragileDatabase(f"sqlite:///{Path(folder) / 'desk.db'}"))
        sides = frozenset(side for side in Side if random.random() < 0.7)
        desk = Lockstep(local, db, sides, lag=lambda: timedelta(seconds=lags.random()))
        day = _Day(random, desk, session)
        day.play()
        report = Report(seed, len(desk.trades), desk.kills, seconds=stopwatch() - started)
        report.troubles = sum(fault.hits for fault in local.faults._faults)
        report.naked = naked_times(local.ledger, desk.deaths)
        report.wrong = list(Day(local, desk.trades, report.naked, day.killed_at).wrong())
        db.close()
    return report


class _Day:
    """One day with its trouble."""

    def __init__(self, random: Random, desk: Lockstep, session: Session) -> None:
        self.desk = desk
        self._random = random
        self._session = session
        self.killed_at: datetime | None = None
        self._stuck: dict[str, datetime] = {}
        add_faults(desk.local.faults, random)

    def play(self) -> None:
        """Go on minute by minute; sometimes the engine dies, sometimes somebody kills."""
        kill_at = None
        if self._random.random() < KILL_AT:
            kill_at = self._session.scan_at + self._random.randrange(1, 300) * MINUTE
        while self.desk.now < self._session.closes_at:
            self._plan_death()
            self.desk.until(min(self._session.closes_at, self.desk.now + MINUTE))
            self._release_stuck()
            if kill_at is not None and self.desk.now >= kill_at and self.killed_at is None:
                self._kill()
        self.desk.db.fatal = None  # type: ignore[attr-defined]
        self.desk.seconds(20)

    def _plan_death(self) -> None:
        db = self.desk.db
        assert isinstance(db, FragileDatabase)
        if db.fatal is None and self._random.random() < 0.06:
            db.fatal = db.steps + self._random.randrange(1, 60)

    def _kill(self) -> None:
        self.desk.db.fatal = None  # type: ignore[attr-defined]  # the engine's steps, not a person's
        control.kill(self.desk.desk, SYSTEM, "chaos")
        self.killed_at = self.desk.now
        self.desk.settle(self.desk.now + MINUTE)  # a stuck cancel takes longer than that

    def _release_stuck(self) -> None:
        exchange = self.desk.local.exchange
        for order in exchange.book.open():
            if order.status is Status.PENDING_CANCEL:
                since = self._stuck.setdefault(order.id, self.desk.now)
                if self.desk.now - since >= STUCK_FOR:
                    self.desk.local.release(order)


REQUESTS = (
    ("POST", "/v2/orders"),
    ("POST", "/v2/orders"),
    ("DELETE", "/v2/orders/*"),
    ("GET", "/v2/orders"),
    ("GET", "/v2/orders*"),
    ("GET", "/v2/positions"),
    ("GET", "/v2/account*"),
    ("GET", "/v2/stocks/*"),
)


def add_faults(faults: Faults, random: Random) -> None:
    """Ask for a day's trouble: with requests, and with orders."""
    for _ in range(random.randrange(2, 7)):
        method, path = random.choice(REQUESTS)
        faults.add(
            _breaking(random),
            method=method,
            path=path,
            nth=random.randrange(1, 12),
            times=random.randrange(1, 4),
            chance=random.choice([0.3, 1.0]),
        )
    add_order_faults(faults, random)
    if random.random() < 0.2:
        faults.add(StickCancel(), nth=random.randrange(1, 5))


def add_order_faults(faults: Faults, random: Random) -> None:
    """Ask for trouble with orders: rejected after they were taken, filled in part."""
    for effect, pattern in ((RejectLater(), "*-stop-*"), (RejectLater(), "*-entry-*")):
        if random.random() < 0.2:
            faults.add(effect, client_order_id=pattern)
    if random.random() < 0.3:
        faults.add(FillPart(Decimal("0.4")), nth=random.randrange(1, 6), times=2)


def _breaking(random: Random) -> Breaking:
    acts = random.random() < 0.5
    choices: list[Breaking] = [
        Respond(504, "upstream request timeout", acts=acts),
        Respond(500, "", acts=acts),
        Respond(429, TOO_MANY),
        Reset(acts=acts),
        Truncate(),
        Silence(acts=acts),
    ]
    return random.choice(choices)


def _session() -> Session:
    session = MarketHours().session_on(DAY)
    if session is None:
        raise DeskError(f"{DAY} is no session")
    return session


def random_rules(random: Random) -> Rules:
    """Return how slow and how strict the broker is on a day."""
    return Rules(
        partial_fill_chance=random.choice([0.0, 0.0, 0.1, 0.3]),
        acknowledge_after=timedelta(seconds=random.choice([0, 0, 1, 3])),
        cancel_after=timedelta(seconds=random.choice([0, 0, 1, 3])),
        stop_entries_may_have_legs=random.random() < 0.8,
        rare_events=random.random() < 0.5,
    )


def random_market(random: Random, session: Session) -> Market:
    """Return a market of some names that leave their opening ranges sooner or later."""
    names = random.sample(NAMES, random.randrange(2, len(NAMES) + 1))
    return a_market(*(_symbol_day(random, name, session) for name in sorted(names)))


def _symbol_day(random: Random, name: str, session: Session) -> SymbolDay:
    """Return a day of a random walk that leaves its opening range sooner or later."""
    close = random.choice([100.9, 100.5, 99.1, 99.6])
    price, minutes = close, []
    drift = random.choice([-0.01, 0.0, 0.01])
    for number in range(5, session.minutes):
        open_ = price + (random.gauss(0, 0.8) if random.random() < 0.02 else 0.0)
        price = max(open_ + random.gauss(drift, 0.12), 20.0)
        high = max(open_, price) + abs(random.gauss(0, 0.05))
        low = min(open_, price) - abs(random.gauss(0, 0.05))
        clock = f"{(570 + number) // 60:02d}:{(570 + number) % 60:02d}"
        minutes.append((clock, *(round(p, 2) for p in (open_, high, low, price))))
    return a_day(name, *minutes, opens=(100, 101, 99, close), on=session.day)  # type: ignore[arg-type]
