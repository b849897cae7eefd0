"""Puts the desk together. The only module that chooses adapters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from engine.adapters.bot_bridge import BotBridge
from engine.adapters.channels import AddressedChannel
from engine.adapters.daily_sources.recorded import RecordedDaily
from engine.adapters.generated_market import extend, generate
from engine.adapters.heartbeat import OutsideHeartbeat
from engine.adapters.market_playback import Market, PlayedData, recorded_market
from engine.adapters.simulated.broker import SimulatedBroker
from engine.adapters.simulated.exchange import Exchange
from engine.adapters.simulated.ledger import Ledger
from engine.adapters.simulated.stage import SPEED, Opening, Stage
from engine.clock import (
    Clock,
    ClockSetting,
    DrivenClock,
    ShiftedClock,
    SystemClock,
    wall_now,
)
from engine.desk import Desk
from engine.errors import BadInputError, ConfigurationError
from engine.jobs import BEFORE_OPEN
from engine.lease import Lease
from engine.log_keeper import LogKeeper
from engine.market_hours import MarketHours, Session
from engine.rules.daily_numbers import SESSIONS_NEEDED
from engine.scheduler import Scheduler
from engine.settings import BrokerName, ProcessRole, Settings
from models.database import Database
from models.vocabulary import Intrabar, TradingMode

SIMULATED_ACCOUNT = "simulated"
SEED = 20_261_120
EARLIEST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayedDesk:
    """A desk whose market is played, and the exchange that plays it."""

    desk: Desk
    exchange: Exchange
    data: PlayedData


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedDesk:
    """A desk that is served: the parts, what runs its engine, and what keeps its log."""

    desk: Desk
    scheduler: Scheduler
    log_keeper: LogKeeper

    def start(self) -> None:
        """Start the engine, or stand by."""
        self.log_keeper.start()
        self.scheduler.start()

    @property
    def has_moved(self) -> bool:
        """Say whether another account is to be traded now: a desk has to be made for it."""
        return self.scheduler.moved.is_set()

    def stop(self) -> None:
        """Stop the engine and close the database; a request for market data does not hold it up."""
        if self.desk.stop_fetching is not None:
            self.desk.stop_fetching()
        self.scheduler.stop()
        self.log_keeper.stop()
        self.desk.db.close()


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
    from engine.adapters.market_files import (  # noqa: PLC0415  # brings polars: slow to start
        check_history,
        read_daily_bars,
        read_minute_bars,
    )

    minutes, days = read_minute_bars(bars), read_daily_bars(daily)
    check_history(minutes, days, (str(bars), str(daily)))
    return recorded_market(minutes, days)


def serve_desk(settings: Settings) -> ServedDesk:
    """Put the desk together that `bellwether serve` runs.

    Raises:
        ConfigurationError: the broker cannot be used with these settings.
    """
    db = Database(settings.database_url)
    if settings.broker is BrokerName.ALPACA:
        from engine.alpaca_account import alpaca_desk  # noqa: PLC0415  # a second of every start

        desk = alpaca_desk(db, settings, _clock(settings))
    else:
        desk = _staged_desk(db, settings)
    if settings.heartbeat_url is not None:
        url = settings.heartbeat_url.get_secret_value()
        desk = replace(desk, outside=OutsideHeartbeat(url))
    desk = replace(
        desk,
        channels=_channels(settings),
        address=settings.public_url,
        bots=BotBridge(settings.bot_keys),
    )
    may_lead = settings.role is not ProcessRole.WEB
    return ServedDesk(
        desk=desk,
        scheduler=Scheduler(desk, may_lead=may_lead),
        log_keeper=LogKeeper(db, desk.clock),
    )


def _channels(settings: Settings) -> tuple[AddressedChannel, ...]:
    return tuple(
        AddressedChannel(name, address.get_secret_value())
        for name, address in sorted(settings.alert_channels.items())
    )


def _clock(settings: Settings) -> Clock:
    """Return the computer's clock, or the shifted one of the settings (tests, local servers)."""
    if settings.clock_start is None:
        return SystemClock()
    epoch = settings.clock_epoch or wall_now()
    return ShiftedClock(ClockSetting(settings.clock_start, settings.clock_speed or 1.0, epoch))


def _staged_desk(db: Database, settings: Settings) -> Desk:
    """Put a desk together whose market is played by a running clock."""
    hours = MarketHours()
    play = _recorded_play(settings, hours) if settings.bars else _generated_play(hours)
    stage = Stage(db, SIMULATED_ACCOUNT, hours, _opening(settings, play, hours))
    data = PlayedData(play.market(stage), stage.clock, hours)
    played = simulated_desk(db, data, stage.clock, hours, stage=stage)
    stage.connect(played.exchange, lambda session: play.after(session, stage, data))
    return played.desk


@dataclass(frozen=True, slots=True)
class _Play:
    """A market to be played day by day."""

    first: Session
    market: Callable[[Stage], Market]
    after: Callable[[Session, Stage, PlayedData], Session | None]


def _generated_play(hours: MarketHours) -> _Play:
    """Play the generated market, which never ends."""
    today = hours.session_at(wall_now())

    def market(stage: Stage) -> Market:
        return generate(stage.seed, stage.first, hours, stage.session)

    def after(session: Session, stage: Stage, data: PlayedData) -> Session:
        data.play(extend(data.market, stage.seed, hours))
        return hours.next_session(session.day)

    return _Play(today or hours.next_open(wall_now()), market, after)


def _recorded_play(settings: Settings, hours: MarketHours) -> _Play:
    """Play recorded sessions, from the first that has the daily bars that the rules need."""
    if settings.bars is None or settings.daily_bars is None:
        raise ConfigurationError("BELLWETHER_BARS needs BELLWETHER_DAILY_BARS beside it")
    recorded = load_market(settings.bars, settings.daily_bars)
    sessions = PlayedData(recorded, DrivenClock(EARLIEST), hours).sessions
    known = set(recorded.daily.sessions)
    ready = [
        session
        for session in sessions
        if known.issuperset(s.day for s in hours.previous_sessions(session.day, SESSIONS_NEEDED))
    ]
    if not sessions:
        raise BadInputError(f"{settings.bars} has no bars in regular hours")

    def after(session: Session, _stage: Stage, _data: PlayedData) -> Session | None:
        return next((s for s in sessions if s.day > session.day), None)

    return _Play((ready or list(sessions))[0], lambda _stage: recorded, after)


def _opening(settings: Settings, play: _Play, hours: MarketHours) -> Opening:
    """Begin five minutes before the open at 30x, or by the clock that the settings give."""
    speed = settings.clock_speed or SPEED
    if settings.clock_start is None:
        return Opening(
            seed=SEED,
            session=play.first,
            clock=ClockSetting(play.first.opens_at - BEFORE_OPEN, speed, wall_now()),
        )
    session = hours.session_at(settings.clock_start) or hours.next_open(settings.clock_start)
    epoch = settings.clock_epoch or wall_now()
    clock = ClockSetting(settings.clock_start, settings.clock_speed or 1.0, epoch)
    return Opening(seed=SEED, session=session, clock=clock)


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
    clock = DrivenClock(EARLIEST)
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
    stage: Stage | None = None,
) -> PlayedDesk:
    """Put a desk together whose broker is the simulated exchange."""
    ledger = Ledger(db, SIMULATED_ACCOUNT)
    exchange = Exchange(ledger, data, hours, starts_at=clock.now(), intrabar=intrabar)
    lease = Lease(db)
    lease.when_taken(exchange.load)
    desk = Desk(
        db=db,
        broker=SimulatedBroker(exchange, ledger, hours, clock, data.marks),
        data=data,
        daily=RecordedDaily(data),
        hours=hours,
        clock=clock,
        lease=lease,
        mode=TradingMode.SIMULATED,
        account=SIMULATED_ACCOUNT,
        simulation=stage,
    )
    return PlayedDesk(desk=desk, exchange=exchange, data=data)
