"""Random days with random trouble and kills, each checked against what the broker saw.

python -m tests.alpaca.chaos --days 300 --seed 1
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
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
from engine.logs import configure_logs
from engine.market_hours import MarketHours, Session
from models.vocabulary import Side
from tests.alpaca.fragile import FragileDatabase
from tests.alpaca.lockstep import BEFORE_OPEN, MINUTE, Lockstep
from tests.builders import DAY, SymbolDay, a_day, a_market
from tests.local_alpaca import LocalAlpaca, PlayedMarket, Rules
from tests.local_alpaca.faults import (
    Breaking,
    FillPart,
    RejectLater,
    Reset,
    Respond,
    Silence,
    StickCancel,
    Truncate,
)
from tests.local_alpaca.orders import Order, Status

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
    naked: list[float] = field(default_factory=list)  # seconds without protection, each gap
    wrong: list[str] = field(default_factory=list)


def play_day(seed: int) -> Report:
    """Play one day and check it."""
    random = Random(seed)  # noqa: S311  (the same trouble for the same seed)
    session = _session()
    market = _market(random)
    clock = DrivenClock(session.opens_at - 2 * BEFORE_OPEN)
    played = PlayedMarket(bars=market.minutes, daily=market.daily)
    started = stopwatch()
    with (
        tempfile.TemporaryDirectory(prefix="bellwether-chaos-") as folder,
        LocalAlpaca(played, clock, _rules(random), seed=seed) as local,
    ):
        db = FragileDatabase(f"sqlite:///{Path(folder) / 'desk.db'}")
        db.upgrade()
        sides = frozenset(side for side in Side if random.random() < 0.7)
        day = _Day(random, Lockstep(local, db, sides), session)
        day.play()
        report = Report(seed, len(day.desk.trades), day.desk.kills, seconds=stopwatch() - started)
        report.troubles = sum(fault.hits for fault in local.faults._faults)
        report.naked = [
            gap.length.total_seconds() for gap in local.ledger.unprotected(exits_protect=True)
        ]
        report.wrong = list(day.wrong())
        db.close()
    return report


class _Day:
    """One day with its trouble."""

    def __init__(self, random: Random, desk: Lockstep, session: Session) -> None:
        self.desk = desk
        self._random = random
        self._session = session
        self._killed_at: datetime | None = None
        self._stuck: dict[str, datetime] = {}
        self._add_faults()

    def play(self) -> None:
        """Go on minute by minute; sometimes the engine dies, sometimes somebody kills."""
        kill_at = None
        if self._random.random() < KILL_AT:
            kill_at = self._session.scan_at + self._random.randrange(1, 300) * MINUTE
        while self.desk.now < self._session.closes_at:
            self._plan_death()
            self.desk.until(min(self._session.closes_at, self.desk.now + MINUTE))
            self._release_stuck()
            if kill_at is not None and self.desk.now >= kill_at and self._killed_at is None:
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
        self._killed_at = self.desk.now
        self.desk.settle()

    def _release_stuck(self) -> None:
        exchange = self.desk.local.exchange
        for order in exchange.book.open():
            if order.status is Status.PENDING_CANCEL:
                since = self._stuck.setdefault(order.id, self.desk.now)
                if self.desk.now - since >= STUCK_FOR:
                    self.desk.local.release(order)

    def _add_faults(self) -> None:
        faults, random = self.desk.local.faults, self._random
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
        for effect, pattern in ((RejectLater(), "*-stop-*"), (RejectLater(), "*-entry-*")):
            if random.random() < 0.2:
                faults.add(effect, client_order_id=pattern)
        if random.random() < 0.3:
            faults.add(FillPart(Decimal("0.4")), nth=random.randrange(1, 6), times=2)
        if random.random() < 0.2:
            faults.add(StickCancel(), nth=random.randrange(1, 5))

    # --- what must be true
    def wrong(self) -> Iterator[str]:
        """Say what is not as it must be."""
        yield from self._entered_twice()
        yield from self._resubmitted()
        yield from self._stops_too_large()
        yield from self._left_open()
        yield from self._after_kill()
        ours = sum((trade.pnl for trade in self.desk.trades), Decimal(0))
        if not self._held() and ours != self.desk.broker_profit():
            yield f"our profit {ours}, the broker's {self.desk.broker_profit()}"

    def _entered_twice(self) -> Iterator[str]:
        entries = Counter(o.symbol for o in self._all_orders() if o.opens_position)
        yield from (f"{symbol} entered {n} times" for symbol, n in entries.items() if n > 1)

    def _resubmitted(self) -> Iterator[str]:
        unanswered: set[str | None] = set()
        for seen in self.desk.local.ledger.requests:
            if seen.method == "POST" and seen.path == "/v2/orders":
                if seen.client_order_id in unanswered:
                    yield f"{seen.client_order_id} resubmitted blindly at {seen.at:%H:%M:%S}"
                if seen.status is None or seen.status >= 500:
                    unanswered.add(seen.client_order_id)
            elif "by_client_order_id" in seen.path:
                unanswered.discard(seen.client_order_id)

    def _stops_too_large(self) -> Iterator[str]:
        for symbol in NAMES:
            for change in self.desk.local.ledger.coverage(symbol):
                if change.stopped > abs(change.position):
                    yield f"{symbol}: stops for {change.stopped} of {change.position} shares"

    def _left_open(self) -> Iterator[str]:
        yield from (f"{symbol} is held after the close" for symbol in self._held())
        still = [o.client_order_id for o in self.desk.local.exchange.book.open()]
        yield from (f"{name} is open after the close" for name in still)

    def _after_kill(self) -> Iterator[str]:
        for seen in self.desk.local.ledger.requests:
            late = self._killed_at is not None and seen.at > self._killed_at
            if late and seen.method == "POST" and "-entry-" in (seen.client_order_id or ""):
                yield f"{seen.client_order_id} sent after the kill"

    def _held(self) -> list[str]:
        return [position.symbol for position in self.desk.local.exchange.holdings.all()]

    def _all_orders(self) -> Sequence[Order]:
        return self.desk.local.exchange.book.all()


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


def _rules(random: Random) -> Rules:
    return Rules(
        partial_fill_chance=random.choice([0.0, 0.0, 0.1, 0.3]),
        acknowledge_after=timedelta(seconds=random.choice([0, 0, 1, 3])),
        cancel_after=timedelta(seconds=random.choice([0, 0, 1, 3])),
        stop_entries_may_have_legs=random.random() < 0.8,
        rare_events=random.random() < 0.5,
    )


def _market(random: Random) -> Market:
    names = random.sample(NAMES, random.randrange(2, len(NAMES) + 1))
    return a_market(*(_symbol_day(random, name) for name in sorted(names)))


def _symbol_day(random: Random, name: str) -> SymbolDay:
    """Return a day of a random walk that leaves its opening range sooner or later."""
    close = random.choice([100.9, 100.5, 99.1, 99.6])
    price, minutes = close, []
    drift = random.choice([-0.01, 0.0, 0.01])
    for number in range(5, 390):
        open_ = price + (random.gauss(0, 0.8) if random.random() < 0.02 else 0.0)
        price = max(open_ + random.gauss(drift, 0.12), 20.0)
        high = max(open_, price) + abs(random.gauss(0, 0.05))
        low = min(open_, price) - abs(random.gauss(0, 0.05))
        clock = f"{(570 + number) // 60:02d}:{(570 + number) % 60:02d}"
        minutes.append((clock, *(round(p, 2) for p in (open_, high, low, price))))
    return a_day(name, *minutes, opens=(100, 101, 99, close))  # type: ignore[arg-type]


def main() -> int:
    """Play days and print a table; return 1 if anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    configure_logs(level="CRITICAL", as_json=True)
    sys.stdout.write("seed  trades  kills  troubles  naked max  seconds  wrong\n")
    reports = []
    for seed in range(asked.seed, asked.seed + asked.days):
        reports.append(play_day(seed))
        sys.stdout.write(_line(reports[-1]) + "\n")
        sys.stdout.flush()
    return _summary(reports)


def _line(report: Report) -> str:
    naked = max(report.naked, default=0.0)
    return (
        f"{report.seed:4}  {report.trades:6}  {report.kills:5}  {report.troubles:8}  {naked:9.1f}"
        f"  {report.seconds:7.1f}  {'; '.join(report.wrong) or '-'}"
    )


def _summary(reports: Sequence[Report]) -> int:
    gaps = sorted(gap for report in reports for gap in report.naked)
    bad = [report.seed for report in reports if report.wrong]
    p99 = gaps[int(len(gaps) * 0.99) - 1] if len(gaps) > 1 else (gaps or [0.0])[0]
    sys.stdout.write(
        f"{len(reports)} days, {sum(r.trades for r in reports)} trades, "
        f"{sum(r.kills for r in reports)} kills, {sum(r.troubles for r in reports)} troubles; "
        f"without protection: {len(gaps)} times, max {max(gaps, default=0):.1f} s, "
        f"p99 {p99:.1f} s; wrong: {bad or 'none'}\n"
    )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
