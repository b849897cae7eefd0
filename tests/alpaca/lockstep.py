"""A desk and a local Alpaca on one driven clock: a whole day in seconds, and no waiting."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Self, TypeVar

from sqlalchemy import exists, select

from engine.alpaca_account import alpaca_desk
from engine.clock import DrivenClock
from engine.desk import Desk
from engine.jobs import JOBS
from engine.market_hours import Session
from engine.scheduler import STARTUP, Rounds
from engine.settings import Settings, load_settings
from models.database import Database
from models.journal import JournalRow
from models.reconciliation import BrokerCapability
from models.tables import Table
from models.trading import Order, Signal, Trade
from models.vocabulary import Side, TradingMode
from tests.alpaca.fragile import FragileDatabase, Killed, fragile
from tests.local_alpaca import LocalAlpaca

T = TypeVar("T", bound=Table)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
BEFORE_OPEN = timedelta(minutes=5)
BOTH = frozenset(Side)
QUIET_ROUNDS = 3  # this many rounds without news: the desk waits for the market
READ_SECONDS = 1.0  # far more than an answer takes, even where much else runs
NO_LAG = timedelta(0)
# Asked in every round of every day, so it is made once.
IS_BUSY = select(
    exists().where(
        Order.status.in_(["intended", "submitting", "cancelling"]), Order.parent_id.is_(None)
    )
    | exists().where(Trade.status == "open", Trade.naked_since.is_not(None))
)


def settings_for(local: LocalAlpaca) -> Settings:
    """Return the settings that point a desk at a local Alpaca."""
    names = {name.lower(): value for name, value in local.environment().items()}
    return load_settings({}, **{name.removeprefix("bellwether_"): v for name, v in names.items()})


class Lockstep:
    """The desk's jobs, asked whenever something has happened at the exchange."""

    def __init__(
        self,
        local: LocalAlpaca,
        db: Database,
        attachable: frozenset[Side] = BOTH,
        *,
        lag: Callable[[], timedelta] = lambda: NO_LAG,
        read_seconds: float = READ_SECONDS,
        settings: Settings | None = None,
    ) -> None:
        """Boot a desk; `lag` is how long after the exchange's news its next poll comes."""
        assert isinstance(local.clock, DrivenClock)
        self._lag = lag
        self._read_seconds = read_seconds
        self.local = local
        self.settings = settings or settings_for(local)
        self.db = db
        self._store(attachable)
        self._told = 0
        self._is_settled = True
        self._polled_at = local.clock.now()
        self.deaths: list[datetime] = []  # when the engine was killed
        self.boot()

    def boot(self) -> None:
        """Start an engine on the database, as after a start or a crash."""
        self.desk: Desk = alpaca_desk(
            self.db,
            self.settings,
            self.local.clock,
            side_by_side=1,  # the same faults strike the same requests in every run
            read_seconds=self._read_seconds,
        )
        if isinstance(self.db, FragileDatabase):
            self.desk = fragile(self.desk, self.db)
        assert self.desk.lease.acquire()
        self._startup = Rounds(self.desk, STARTUP)
        self._rounds = Rounds(self.desk, JOBS)

    def crash(self) -> None:
        """Drop the engine as it is; its lease ends, as that of a dead process does."""
        self.deaths.append(self.now)
        self.desk.lease.release()
        self.boot()

    # --- going on
    def step(self, moment: datetime) -> None:
        """Go to a moment and run one round of the engine."""
        self.local.advance_to(moment)
        self.round()
        self._polled_at = self.now

    def round(self) -> None:
        """Run one round of the engine now; if it is killed, the next one is another engine's."""
        try:
            self._round()
        except Killed:
            self.crash()

    def _round(self) -> None:
        if self.desk.lease.wants_renewal:
            assert self.desk.lease.acquire()
        self._startup, starting = None, self._startup  # type: ignore[assignment]
        if starting is not None:
            starting.run()
        self._rounds.run()

    def seconds(self, count: int) -> Self:
        """Run a round every second."""
        for _ in range(count):
            self.step(self.now + SECOND)
        return self

    def settle(self, before: datetime | None = None) -> None:
        """Run a round every second until some rounds bring no news."""
        quiet = 0
        while quiet < QUIET_ROUNDS and (before is None or self.now < before):
            self._told = self._news
            self.step(self.now + SECOND)
            quiet = quiet + 1 if self._news == self._told and not self._is_busy() else 0
        self._is_settled = quiet >= QUIET_ROUNDS

    def until(self, moment: datetime) -> Self:
        """Go on to a moment, minute by minute, looking only where something happens."""
        session = self.desk.hours.session_on(moment.date())
        if session is not None and self.now < session.opens_at - BEFORE_OPEN:
            self.step(session.opens_at - BEFORE_OPEN)
        while self.now < moment:
            following = self.now.replace(second=0, microsecond=0) + MINUTE
            if self._is_settled and self._news == self._told:
                self.local.advance_to(min(following, moment))
            if self._has_work() or self._is_due():
                self._told = self._news
                self.step(self._next_poll())
                self.settle(moment)
        return self

    def day(self, session: Session) -> Self:
        """Play a session from five minutes before its open to a minute after its close."""
        self.until(session.closes_at)
        return self.seconds(20)

    @property
    def kills(self) -> int:
        return len(self.deaths)

    @property
    def now(self) -> datetime:
        return self.local.clock.now()

    @property
    def _news(self) -> int:
        return len(self.local.ledger.updates)

    def _next_poll(self) -> datetime:
        """Return when the desk, which polls every second, looks after what is now."""
        following = self._polled_at + SECOND
        return following if following > self.now else self.now + self._lag()

    def _has_work(self) -> bool:
        return not self._is_settled or self._news != self._told or self._is_busy()

    def _is_busy(self) -> bool:
        """Say whether the desk has something unfinished that it would look after by itself."""
        with self.db.read() as tx:
            return bool(tx.scalar(IS_BUSY))

    def _is_due(self) -> bool:
        session = self.desk.session()
        assert session is not None
        return any(self.now in job.moments(session) for job in JOBS)

    def _store(self, attachable: frozenset[Side]) -> None:
        with self.db.write() as tx:
            for side in Side:
                tx.add(
                    BrokerCapability(
                        account=TradingMode.PAPER.value,
                        side=side,
                        accepts_attached_stop=side in attachable,
                        detail="for the test",
                        probed_at=self.local.clock.now(),
                    )
                )

    # --- what came of it
    def all(self, model: type[T]) -> list[T]:
        """Return a table's rows in the order of their keys."""
        with self.db.read() as tx:
            return list(tx.scalars(select(model).order_by(*model.__table__.primary_key)))

    @property
    def trades(self) -> list[Trade]:
        return self.all(Trade)

    def trade(self, symbol: str) -> Trade:
        (found,) = (trade for trade in self.trades if trade.symbol == symbol)
        return found

    def all_signals(self) -> list[Signal]:
        return self.all(Signal)

    def orders(self, symbol: str) -> dict[str, Order]:
        """Return a symbol's orders by the end of their names: `entry-1`."""
        found = (o for o in self.all(Order) if o.symbol == symbol)
        return {"-".join(o.client_order_id.split("-")[-2:]): o for o in found}

    def alerts(self, code: str) -> list[JournalRow]:
        rows = self.all(JournalRow)
        return [r for r in rows if r.kind == "alert" and r.body.get("code") == code]

    def broker_profit(self) -> Decimal:
        """Return what the broker's fills come to once everything is closed."""
        deals = self.local.ledger.executions
        return -sum((d.side.sign * d.quantity * d.price for d in deals), Decimal(0))


def figures(trades: Sequence[Trade]) -> dict[str, tuple[object, ...]]:
    """Return of each symbol what must be equal at every broker."""
    return {
        t.symbol: (
            t.side,
            t.quantity,
            t.opened_at,
            t.entry_price,
            t.closed_at,
            t.exit_price,
            t.exit_reason,
            t.pnl,
        )
        for t in trades
    }
