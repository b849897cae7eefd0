"""Whether the next scan has what it needs: sessions held and missing, fetches, what was asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice

from sqlalchemy import func, select
from sqlalchemy.orm import Session as Transaction

from dashboard.queries.pages import record_of
from dashboard.queries.signals import scanned_at
from engine.actions.trading_settings import settings_in_force
from engine.desk import Desk
from engine.jobs.clean_up import oldest_kept
from engine.jobs.sync_bars import SETTLES
from models.control import Command, JobRun
from models.market_data import (
    Asset,
    DataFinding,
    FetchProgress,
    OpeningRange,
    SyncedSession,
    UniverseRow,
)
from models.vocabulary import CommandKind, CommandStatus

JOBS = (
    "sync_bars",
    "sync_listings",
    "fill_opening_history",
    "build_universe",
    "scan_opening_range",
    "clean_up",
)
KINDS = (CommandKind.SCAN, CommandKind.SYNC, CommandKind.CLEAN_UP)
SHOWN_COMMANDS = 4
LOOKED_BACK = 100  # commands of all kinds, which are read from the newest on


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannerJob:
    """The last run of one of the scanner's jobs."""

    job: str
    finished_at: datetime | None
    milliseconds: float
    outcome: str
    failed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldSession:
    """One session of the window: what is stored of it, and what was found in it."""

    session: date
    symbols: int | None  # None: not stored; 0: the source has nothing of it
    source: str | None
    synced_at: datetime | None
    findings: int

    @property
    def is_gap(self) -> bool:
        """Say whether bars of it are missing."""
        return not self.symbols


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchView:
    """How far a job is that fetches much; `seconds_left` is None until it is known."""

    job: str
    session: date
    done: int
    total: int
    rows: int
    started_at: datetime
    updated_at: datetime
    seconds_left: float | None
    finished: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannerCommand:
    """One thing that somebody asked the scanner for."""

    id: int
    kind: CommandKind
    status: CommandStatus
    actor: str
    answer: str | None
    requested_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannerHealth:
    """Whether the next scan has what it needs."""

    session: date  # today's, or the next one
    window: int  # sessions to be kept
    sessions: Sequence[HeldSession]  # finished ones of the window, the newest first
    gaps: Sequence[date]  # those of them without bars
    rows: int  # daily bars stored
    newest_bars: date | None
    last_sync: datetime | None
    daily_source: str
    daily_feed: str
    scan_feed: str
    listed: int
    universe_session: date | None
    universe: int
    complete: int  # of the universe: with a bar in each of the 15 sessions before
    scanned_at: datetime | None
    ranked: int
    findings: int
    jobs: Sequence[ScannerJob]


def scanner_health(tx: Transaction, desk: Desk) -> ScannerHealth:
    """Return what is there and what is missing."""
    now = desk.clock.now()
    today = desk.session() or desk.hours.next_open(now)
    kept = settings_in_force(tx).strategy.sessions_kept
    sessions = _held(tx, desk, kept)
    made = newest_universe(tx)
    universe, complete = _in_universe(tx, made) if made else (0, 0)
    return ScannerHealth(
        session=today.day,
        window=kept,
        sessions=sessions,
        gaps=[held.session for held in sessions if held.is_gap],
        rows=tx.scalar(select(func.sum(SyncedSession.symbols))) or 0,  # stored in one go with them
        newest_bars=next((held.session for held in sessions if held.symbols), None),
        last_sync=tx.scalar(select(func.max(SyncedSession.synced_at))),
        daily_source=desk.daily.name,
        daily_feed=desk.daily.feed,
        scan_feed=desk.data.feed,
        listed=tx.scalar(select(func.count()).select_from(Asset)) or 0,
        universe_session=made,
        universe=universe,
        complete=complete,
        scanned_at=scanned_at(tx, today.day),
        ranked=_ranked(tx, today.day),
        findings=tx.scalar(select(func.count()).select_from(DataFinding)) or 0,
        jobs=_jobs(tx),
    )


def newest_universe(tx: Transaction) -> date | None:
    """Return the newest session that numbers were made for."""
    return tx.scalar(select(func.max(UniverseRow.session)))


def newest_scan(tx: Transaction) -> date | None:
    """Return the newest session that was scanned."""
    return tx.scalar(select(func.max(OpeningRange.session)))


def beyond_window(tx: Transaction, desk: Desk) -> tuple[date, int, int]:
    """Return the oldest session to be kept, and of those before it how many there are and bars."""
    kept = settings_in_force(tx).strategy.sessions_kept
    oldest = oldest_kept(desk, kept)
    old = select(func.count(), func.sum(SyncedSession.symbols)).where(
        SyncedSession.session < oldest
    )
    count, rows = tx.execute(old).one()
    return oldest, count, rows or 0


def fetch_views(tx: Transaction) -> list[FetchView]:
    """Return how far each fetching job is."""
    found = tx.scalars(select(FetchProgress).order_by(FetchProgress.job))
    return list(map(record_of(FetchView), found))


def scanner_commands(tx: Transaction) -> list[ScannerCommand]:
    """Return what people asked of the scanner, the newest first."""
    newest = tx.scalars(select(Command).order_by(Command.id.desc()).limit(LOOKED_BACK))
    of_scanner = (row for row in newest if row.kind in KINDS)
    return list(map(record_of(ScannerCommand), islice(of_scanner, SHOWN_COMMANDS)))


def _held(tx: Transaction, desk: Desk, kept: int) -> list[HeldSession]:
    now = desk.clock.now()
    coming = desk.hours.next_open(now)
    window = desk.hours.previous_sessions(coming.day, kept)
    settles = SETTLES if desk.daily.revises else timedelta(0)  # until then nothing is missing
    finished = [session.day for session in window if session.closes_at + settles <= now]
    stored = {row.session: row for row in tx.scalars(select(SyncedSession))}
    found = _findings(tx)
    return [_session(day, stored.get(day), found.get(day, 0)) for day in reversed(finished)]


def _session(day: date, stored: SyncedSession | None, findings: int) -> HeldSession:
    return HeldSession(
        session=day,
        symbols=stored.symbols if stored else None,
        source=stored.source if stored else None,
        synced_at=stored.synced_at if stored else None,
        findings=findings,
    )


def _findings(tx: Transaction) -> Mapping[date, int]:
    counted = select(DataFinding.session, func.count()).group_by(DataFinding.session)
    return {row[0]: row[1] for row in tx.execute(counted)}


def _in_universe(tx: Transaction, session: date | None) -> tuple[int, int]:
    """Return how many symbols have a row, and how many of them numbers."""
    counted = select(func.count(), func.count(UniverseRow.atr14))
    row = tx.execute(counted.where(UniverseRow.session == session)).one()
    return row[0], row[1]


def _ranked(tx: Transaction, session: date) -> int:
    rows = select(func.count()).select_from(OpeningRange)
    ranked = rows.where(OpeningRange.session == session, OpeningRange.rank.is_not(None))
    return tx.scalar(ranked) or 0


def _jobs(tx: Transaction) -> list[ScannerJob]:
    runs = tx.scalars(select(JobRun).where(JobRun.job.in_(JOBS)).order_by(JobRun.job))
    return list(map(record_of(ScannerJob), runs))
