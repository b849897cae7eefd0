"""The scanner: its work by hand, and what it found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from http import HTTPStatus

from sqlalchemy import func, select
from sqlalchemy.orm import Session as Transaction

from dashboard.api.control import Because, command
from dashboard.api.endpoint import Asked, Endpoints
from dashboard.api.fields import Day, Paging
from dashboard.queries.lists import candidate_page, universe_page
from dashboard.queries.pages import Page, Place
from dashboard.queries.records import CandidateRecord, CommandRecord, UniverseRecord
from dashboard.queries.signals import scanned_at
from engine.actions import control
from engine.actions.permissions import Permission
from models.control import JobRun
from models.market_data import SyncedSession, UniverseRow

endpoints = Endpoints()
ACCEPTED = HTTPStatus.ACCEPTED
JOBS = ("sync_bars", "build_universe", "scan_opening_range")


class OfSession(Paging):
    """Of which session; today's, or the next one, if none is said."""

    session: Day | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannerJob:
    """The last run of one of the scanner's jobs."""

    job: str
    finished_at: datetime | None
    milliseconds: float
    outcome: str
    failed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannerHealth:
    """Whether the next scan has what it needs."""

    session: date
    newest_bars: date | None
    universe: int
    scanned_at: datetime | None
    jobs: list[ScannerJob]


@endpoints.post("/scanner/run", Permission.SCAN, status=ACCEPTED, once=True)
def scan(asked: Asked, body: Because) -> CommandRecord:
    """Scan today's opening range now, if it has not been."""
    return command(asked, control.scan(asked.desk, asked.actor, body.reason))


@endpoints.post("/scanner/sync", Permission.SCAN, status=ACCEPTED, once=True)
def sync(asked: Asked, body: Because) -> CommandRecord:
    """Fetch the daily bars that are missing."""
    return command(asked, control.sync(asked.desk, asked.actor, body.reason))


@endpoints.post("/scanner/cleanup", Permission.SCAN, status=ACCEPTED, once=True)
def clean_up(asked: Asked, body: Because) -> CommandRecord:
    """Remove bars that are older than their window."""
    return command(asked, control.clean_up(asked.desk, asked.actor, body.reason))


@endpoints.get("/scanner/today", Permission.VIEW)
def scanner_today(asked: Asked, query: OfSession) -> Page[CandidateRecord]:
    """A session's opening ranges with rank and the filters they failed, by symbol."""
    with asked.desk.db.read() as tx:
        return candidate_page(tx, _session(asked, query.session), _place(query))


@endpoints.get("/scanner/universe", Permission.VIEW)
def scanner_universe(asked: Asked, query: OfSession) -> Page[UniverseRecord]:
    """The symbols that a session's scan looks at, with their numbers."""
    with asked.desk.db.read() as tx:
        return universe_page(tx, _session(asked, query.session), _place(query))


@endpoints.get("/scanner/health", Permission.VIEW)
def scanner_health(asked: Asked) -> ScannerHealth:
    """Whether the next scan has what it needs."""
    day = _session(asked, None)
    with asked.desk.db.read() as tx:
        return ScannerHealth(
            session=day,
            newest_bars=tx.scalar(
                select(func.max(SyncedSession.session)).where(SyncedSession.symbols > 0)
            ),
            universe=tx.scalar(select(func.count()).where(UniverseRow.session == day)) or 0,
            scanned_at=scanned_at(tx, day),
            jobs=_jobs(tx),
        )


def _jobs(tx: Transaction) -> list[ScannerJob]:
    runs = tx.scalars(select(JobRun).where(JobRun.job.in_(JOBS)).order_by(JobRun.job))
    return [
        ScannerJob(
            job=run.job,
            finished_at=run.finished_at,
            milliseconds=run.milliseconds,
            outcome=run.outcome,
            failed=run.failed,
        )
        for run in runs
    ]


def _session(asked: Asked, given: date | None) -> date:
    today = asked.desk.session() or asked.desk.hours.next_open(asked.desk.clock.now())
    return given or today.day


def _place(query: Paging) -> Place:
    return Place(query.limit, query.cursor)
