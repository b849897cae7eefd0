"""Puts the desk together. The only module that chooses adapters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from engine.adapters.market_files import check_history, read_daily_bars, read_minute_bars
from engine.adapters.market_playback import Market, PlayedData, recorded_market
from engine.adapters.simulated.broker import SimulatedBroker
from engine.adapters.simulated.exchange import Exchange
from engine.adapters.simulated.ledger import Ledger
from engine.adapters.simulated.matching import Intrabar
from engine.clock import Clock, DrivenClock
from engine.desk import Desk
from engine.errors import BadInputError
from engine.jobs import BEFORE_OPEN
from engine.lease import Lease
from engine.market_hours import MarketHours, Session
from models.database import Database
from models.vocabulary import TradingMode

SIMULATED_ACCOUNT = "simulated"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayedDesk:
    """A desk whose market is played, and the exchange that plays it."""

    desk: Desk
    exchange: Exchange
    data: PlayedData


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayDesk:
    """A desk for a replay: its clock is driven, its sessions are known."""

    played: PlayedDesk
    clock: DrivenClock
    sessions: Sequence[Session]


def load_market(bars: Path, daily: Path) -> Market:
    """Read recorded bars.

    Raises:
        BadInputError: a file cannot be used; the message names file, row and column.
    """
    minutes, days = read_minute_bars(bars), read_daily_bars(daily)
    check_history(minutes, days, (str(bars), str(daily)))
    return recorded_market(minutes, days)


def replay_desk(
    db: Database,
    market: Market,
    *,
    first: date | None = None,
    last: date | None = None,
    intrabar: Intrabar = Intrabar.CONSERVATIVE,
) -> ReplayDesk:
    """Put a desk together that plays recorded sessions as fast as it is driven.

    Raises:
        BadInputError: the bars have no session in the given range.
    """
    hours = MarketHours()
    clock = DrivenClock(datetime.min.replace(tzinfo=UTC))
    data = PlayedData(market, clock, hours)
    sessions = [
        session
        for session in data.sessions
        if (first is None or session.day >= first) and (last is None or session.day <= last)
    ]
    if not sessions:
        raise BadInputError("the bars have no session in the given range")
    clock.advance_to(sessions[0].opens_at - 2 * BEFORE_OPEN)
    played = simulated_desk(db, data, clock, hours, intrabar=intrabar)
    return ReplayDesk(played=played, clock=clock, sessions=sessions)


def simulated_desk(
    db: Database,
    data: PlayedData,
    clock: Clock,
    hours: MarketHours,
    *,
    intrabar: Intrabar = Intrabar.CONSERVATIVE,
) -> PlayedDesk:
    """Put a desk together whose broker is the simulated exchange."""
    ledger = Ledger(db, SIMULATED_ACCOUNT)
    exchange = Exchange(ledger, data, hours, starts_at=clock.now(), intrabar=intrabar)
    desk = Desk(
        db=db,
        broker=SimulatedBroker(exchange, ledger, hours, clock, data.marks),
        data=data,
        hours=hours,
        clock=clock,
        lease=Lease(db),
        mode=TradingMode.SIMULATED,
        account=SIMULATED_ACCOUNT,
    )
    return PlayedDesk(desk=desk, exchange=exchange, data=data)
