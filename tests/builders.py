"""A few words to invent markets with, and to play them through the desk's own jobs.

A symbol's history is calm, so that its numbers are known: it closes at 100.00, ATR(14) is 2.00
(a stop distance of 0.20) and the average volume 7,800,000 (an opening range of 100,000 shares is
a relative volume of 1). Its opening range goes from 99.00 to 101.00. With the default settings an
entry is of LONG or SHORT shares: floor(4 x 100,000 / 5 / level).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Self, TypeVar

import numpy as np
from sqlalchemy import select

from engine.actions.permissions import SYSTEM, Actor
from engine.actions.trading_settings import change_settings
from engine.adapters.market_playback import Market, recorded_market
from engine.bootstrap import replay_desk
from engine.jobs import JOBS
from engine.market_hours import NEW_YORK, MarketHours
from engine.replay import Replay
from engine.scheduler import Rounds
from models.accounts import DailyMetrics
from models.control import Command
from models.database import IN_MEMORY, Database
from models.journal import JournalRow
from models.market import Bar, DailyColumns, Ints, bar_columns
from models.market_data import OpeningRange
from models.simulation import SimulatedExecution, SimulatedFault
from models.tables import Table
from models.trading import Fill, Order, Signal, Trade
from models.vocabulary import Intrabar, Role, SettingsKind
from tests.databases import with_schema

DAY = date(2024, 11, 20)  # an ordinary Wednesday
HOURS = MarketHours()
HISTORY = 16  # sessions; the rules need 15
LONG, SHORT = 792, 808  # shares: see above
OPERATOR = Actor("olivia", Role.OPERATOR)
ADMIN = Actor("adam", Role.ADMIN)

UP = (100, 101, 99, 100.8)  # an opening range: open, high, low, close
DOWN = (100, 101, 99, 99.2)
DOJI = (100, 101, 99, 100)

T = TypeVar("T", bound=Table)
Minute = tuple[str, float] | tuple[str, float, float, float, float]  # one price, or o, h, l, c


# ------------------------------------------------------------------------------ markets
@dataclass(frozen=True)
class SymbolDay:
    """One symbol's minute bars of one session."""

    symbol: str
    on: date
    bars: Sequence[Bar]


def a_day(
    symbol: str,
    *then: Minute,
    opens: tuple[float, float, float, float] = UP,
    interest: float = 3.0,
    on: date = DAY,
) -> SymbolDay:
    """Invent a session: its opening range of relative volume `interest`, then only these minutes.

    A minute is ("10:15", 102) or ("10:15", open, high, low, close), in New York.
    """
    shares = round(interest * 100_000 / 5)
    open_, high, low, close = opens
    opening: list[Minute] = [
        ("09:30", open_, high, low, open_),
        *((f"09:3{minute}", open_) for minute in (1, 2, 3)),
        ("09:34", open_, max(open_, close), min(open_, close), close),
    ]
    return SymbolDay(symbol, on, [_bar(on, minute, shares) for minute in (*opening, *then)])


def a_market(*days: SymbolDay) -> Market:
    """Put symbols and sessions together, each symbol with its calm history."""
    symbols = list(dict.fromkeys(day.symbol for day in days))
    ordered = sorted(days, key=lambda day: day.on)
    minutes = {
        symbol: bar_columns(bar for day in ordered if day.symbol == symbol for bar in day.bars)
        for symbol in symbols
    }
    return recorded_market(minutes, _calm_days(symbols, ordered[0].on, ordered[-1].on))


def at(clock: str, on: date = DAY) -> datetime:
    """Return a moment of New York's clock."""
    return datetime.combine(on, time.fromisoformat(clock), tzinfo=NEW_YORK)


def dollars(amount: float | str) -> Decimal:
    """Return an exact amount."""
    return Decimal(str(amount))


def _bar(on: date, minute: Minute, volume: int) -> Bar:
    clock, *prices = minute
    open_, high, low, close = (dollars(p) for p in (prices if len(prices) > 1 else prices * 4))
    start = at(clock, on)
    return Bar(start=start, open=open_, high=high, low=low, close=close, volume=volume)


def _calm_days(symbols: Sequence[str], first: date, last: date) -> DailyColumns:
    before = HOURS.previous_sessions(first, HISTORY)
    sessions = tuple(session.day for session in [*before, *HOURS.between(first, last)])
    shape = (len(symbols), len(sessions))

    def every_day(value: int) -> Ints:
        return np.full(shape, value, dtype=np.int64)

    return DailyColumns(
        symbols=tuple(symbols),
        sessions=sessions,
        open=every_day(100_000_000),
        high=every_day(101_000_000),
        low=every_day(99_000_000),
        close=every_day(100_000_000),
        volume=every_day(7_800_000),
        present=np.ones(shape, dtype=np.bool_),
    )


# ------------------------------------------------------------------------------ playing
class _Reached(Exception):  # noqa: N818  # nothing went wrong
    """The moment at which somebody wants to act has come."""


class Playing:
    """A market that is being played to a desk, and what the desk has written down."""

    def __init__(self, market: Market, db: Database, intrabar: Intrabar) -> None:
        prepared = replay_desk(db, market, intrabar=intrabar)
        self.db = db
        self.desk = prepared.played.desk
        self.exchange = prepared.played.exchange
        self.clock = prepared.clock
        self.sessions = prepared.sessions

    def until(self, clock: str, on: date = DAY) -> Self:
        """Replay up to just before the jobs of a moment, and stop there as if killed."""
        wanted = at(clock, on)

        def pace(moment: datetime) -> None:
            if moment >= wanted:
                raise _Reached

        try:
            for _ in Replay(self.desk, self.clock, self.exchange, self.sessions, pace).run():
                pass
        except _Reached:
            self._go_to(wanted)
            return self
        raise AssertionError(f"the market ends before {wanted}")

    def down_until(self, clock: str, on: date = DAY) -> Self:
        """Let time and the market go on without an engine."""
        self._go_to(at(clock, on))
        return self

    def live(self, clock: str, on: date = DAY, *, every: float = 1.0) -> Self:
        """Go on to a moment as the live scheduler does, asking each job as often as it says."""
        assert self.desk.lease.acquire()
        rounds = Rounds(self.desk, JOBS)
        while self.clock.now() < at(clock, on):
            rounds.run()
            self._go_to(self.clock.now() + timedelta(seconds=every))
        rounds.run()
        return self

    def to_the_end(self) -> Self:
        """Replay what is left of the market."""
        for _ in Replay(self.desk, self.clock, self.exchange, self.sessions).run():
            pass
        return self

    def ask_for(self, symbol: str, kind: str, amount: float = 0.0) -> None:
        """Ask the exchange for trouble with a symbol's next order: partial, reject or delay."""
        with self.db.write() as tx:
            account = self.desk.account
            tx.add(SimulatedFault(account=account, symbol=symbol, kind=kind, amount=amount))

    def _go_to(self, moment: datetime) -> None:
        self.clock.advance_to(moment)
        self.exchange.play(moment)

    # -------------------------------------------------------------- what came of it
    @property
    def trades(self) -> list[Trade]:
        return self.all(Trade)

    def trade(self, symbol: str, on: date = DAY) -> Trade:
        return _one(t for t in self.trades if (t.symbol, t.session) == (symbol, on))

    @property
    def signals(self) -> list[Signal]:
        return self.all(Signal)

    def signal(self, symbol: str, on: date = DAY) -> Signal:
        return _one(s for s in self.signals if (s.symbol, s.session) == (symbol, on))

    def opening_range(self, symbol: str, on: date = DAY) -> OpeningRange:
        return _one(r for r in self.all(OpeningRange) if (r.symbol, r.session) == (symbol, on))

    @property
    def orders(self) -> list[Order]:
        return self.all(Order)

    def order(self, name: str, on: date = DAY) -> Order:
        """Return an order by the end of its client order id: `ABLE-stop-1`."""
        return _one(o for o in self.orders if o.client_order_id == f"orb-{on:%Y%m%d}-{name}")

    def order_names(self, on: date = DAY) -> set[str]:
        prefix = f"orb-{on:%Y%m%d}-"
        ids = (o.client_order_id for o in self.orders if o.session == on)
        return {name.removeprefix(prefix) for name in ids}

    @property
    def fills(self) -> list[Fill]:
        return self.all(Fill)

    @property
    def executions(self) -> list[SimulatedExecution]:
        return self.all(SimulatedExecution)

    def journal(self, kind: str, *, code: str | None = None) -> list[JournalRow]:
        found = [row for row in self.all(JournalRow) if row.kind == kind]
        return [row for row in found if code is None or row.body.get("code") == code]

    def alerts(self, code: str) -> list[JournalRow]:
        return self.journal("alert", code=code)

    def metrics(self, on: date = DAY) -> DailyMetrics:
        return _one(day for day in self.all(DailyMetrics) if day.session == on)

    def command(self, number: int) -> Command:
        return _one(command for command in self.all(Command) if command.id == number)

    def all(self, model: type[T]) -> list[T]:
        """Return a table's rows in the order of their keys."""
        with self.db.read() as tx:
            return list(tx.scalars(select(model).order_by(*model.__table__.primary_key)))


def start(
    market: Market,
    *,
    db: Database | None = None,
    intrabar: Intrabar = Intrabar.CONSERVATIVE,
    faults: Iterable[tuple[str, str, float]] = (),
    **settings: Mapping[str, Any],
) -> Playing:
    """Set a desk up: `risk={"max_positions": 2}`, faults as (symbol, kind, amount)."""
    playing = Playing(market, with_schema(db or Database(IN_MEMORY)), intrabar)
    for kind, changes in settings.items():
        change_settings(playing.desk, SYSTEM, SettingsKind(kind), dict(changes), "for the story")
    for symbol, trouble, amount in faults:
        playing.ask_for(symbol, trouble, amount)
    return playing


def play(market: Market, **options: Any) -> Playing:
    """Set a desk up as `start` does and replay the whole market."""
    return start(market, **options).to_the_end()


def _one(found: Iterable[T]) -> T:
    only = list(found)
    assert len(only) == 1, f"{len(only)} were found, one was expected"
    return only[0]
