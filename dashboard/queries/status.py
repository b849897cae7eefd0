"""Whether the desk is well, what time it has and what it does next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session as Transaction

from dashboard.queries.accounts import traded_number
from dashboard.queries.scanner import FetchView, fetch_views
from dashboard.queries.signals import scanned_at
from engine.clock import wall_now
from engine.desk import Desk
from engine.market_hours import Session, new_york
from engine.rules.timetable import NextEvent, next_events
from models.control import EngineLease, Heartbeat, JobRun
from models.trading import Trade
from models.vocabulary import TradeStatus, TradingMode

PRICES_STALE_AFTER = 90.0  # seconds of the wall clock: bars come by the minute
# Seconds after which a part is late, for whoever looks; a monitor waits a little longer.
PARTS = {"engine": 10.0, "broker": 20.0, "data": PRICES_STALE_AFTER}


@dataclass(frozen=True, slots=True, kw_only=True)
class PartView:
    """When a part of the desk was last well; `age` in seconds of the wall clock.

    A part that `is_at_rest` is not needed now, as prices are not while nothing is held: an age
    beyond `late_after` is then no trouble.
    """

    part: str
    age: float | None  # None: never seen
    late_after: float  # an age beyond it is one of trouble, but for a part at rest
    is_at_rest: bool
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionView:
    """Today's session."""

    day: date
    opens_at: datetime
    scan_at: datetime
    flatten_at: datetime
    closes_at: datetime
    is_half_day: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusView:
    """The desk's clock, health and timetable."""

    now: datetime
    speed: float
    utc_offset: int  # of New York, in seconds
    mode: TradingMode
    account: str  # the name of the traded account's books
    account_number: str | None  # the broker's, None where it has none or was not seen yet
    broker: str
    feed: str
    session: SessionView | None
    next: Sequence[NextEvent]
    parts: Sequence[PartView]
    failing: Sequence[str]  # jobs whose last run failed
    fetching: Sequence[FetchView]  # how far the jobs are that fetch much
    scanned_at: datetime | None


def status_view(tx: Transaction, desk: Desk) -> StatusView:
    """Return how the desk is now."""
    now = desk.clock.now()
    session = desk.hours.session_at(now)
    following = desk.hours.next_session(new_york(now).date())
    return StatusView(
        now=now,
        speed=desk.clock.speed,
        utc_offset=_utc_offset(now),
        mode=desk.mode,
        account=desk.account,
        account_number=traded_number(tx, desk),
        broker=desk.broker.name,
        feed=desk.data.feed,
        session=_session(session) if session else None,
        next=next_events(session, now, following),
        parts=part_views(tx, desk),
        failing=tx.scalars(select(JobRun.job).where(JobRun.failed).order_by(JobRun.job)).all(),
        fetching=fetch_views(tx),
        scanned_at=scanned_at(tx, session.day if session else None),
    )


def part_views(tx: Transaction, desk: Desk) -> list[PartView]:
    """Return when each part of the desk was last well."""
    seen = {beat.part: beat for beat in tx.scalars(select(Heartbeat))}
    wall = wall_now()
    resting = frozenset[str]() if tx.scalar(_open_trade(desk)) else frozenset({"data"})
    return [
        PartView(
            part=part,
            age=_age(seen.get(part), wall),
            late_after=late_after,
            is_at_rest=part in resting,
            detail=seen[part].detail if part in seen else {},
        )
        for part, late_after in PARTS.items()
    ]


def engine_trouble(tx: Transaction, desk: Desk) -> str | None:
    """Say why nothing that is asked for is done now, None while an engine is well."""
    lease = select(EngineLease.holder).where(EngineLease.expires_at > wall_now())
    if tx.execute(lease).first() is None:
        return "No engine is running"
    view = next(view for view in part_views(tx, desk) if view.part == "engine")
    is_well = view.age is not None and view.age <= view.late_after
    return None if is_well else "The engine gives no sign of life"


def _age(beat: Heartbeat | None, wall: datetime) -> float | None:
    return None if beat is None else round(max(0.0, (wall - beat.at).total_seconds()), 1)


def _open_trade(desk: Desk) -> Select[int]:
    return (
        select(Trade.id)
        .where(Trade.status == TradeStatus.OPEN, Trade.account == desk.account)
        .limit(1)
    )


def _session(session: Session) -> SessionView:
    return SessionView(
        day=session.day,
        opens_at=session.opens_at,
        scan_at=session.scan_at,
        flatten_at=session.flatten_at,
        closes_at=session.closes_at,
        is_half_day=session.is_half_day,
    )


def _utc_offset(now: datetime) -> int:
    offset = new_york(now).utcoffset()
    return int(offset.total_seconds()) if offset else 0
