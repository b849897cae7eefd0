"""The scanner: its work by hand, and what it found."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus

from dashboard.api.control import Because, command
from dashboard.api.endpoint import Asked, Endpoints
from dashboard.api.fields import Day, Paging
from dashboard.queries.lists import candidate_page, universe_page
from dashboard.queries.pages import Page, Place
from dashboard.queries.records import CandidateRecord, CommandRecord, UniverseRecord
from dashboard.queries.scanner import ScannerHealth
from dashboard.queries.scanner import scanner_health as health
from engine.actions import control
from engine.actions.permissions import Permission

endpoints = Endpoints()
ACCEPTED = HTTPStatus.ACCEPTED


class OfSession(Paging):
    """Of which session; today's, or the next one, if none is said."""

    session: Day | None = None


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
    """Whether the next scan has what it needs: sessions held and missing, feeds, fetches, jobs."""
    with asked.desk.db.read() as tx:
        return health(tx, asked.desk)


def _session(asked: Asked, given: date | None) -> date:
    today = asked.desk.session() or asked.desk.hours.next_open(asked.desk.clock.now())
    return given or today.day


def _place(query: Paging) -> Place:
    return Place(query.limit, query.cursor)
