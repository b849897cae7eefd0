"""Fetch the daily bars of finished sessions, each session whole or not at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from engine.actions.trading_settings import settings_in_force
from engine.desk import Desk
from engine.errors import SourceRefusedError, SourceUnavailableError
from engine.jobs.data_findings import note_once, replace_findings
from engine.jobs.fetch_progress import Progress
from engine.jobs.stored_bars import load_days, load_splits, store_day
from engine.market_hours import Session
from engine.rules.daily_checks import LOOKED_BACK, corrected, look_at
from engine.rules.daily_numbers import SESSIONS_NEEDED
from models.market import Finding, MarketDay
from models.market_data import SyncedSession
from models.tables import rows

SETTLES = timedelta(minutes=20)  # after the close; the free plan bars the last 15 minutes
CORRECTED = 3  # sessions that are asked for again after each close
WRONG_KEY = 401  # no use in asking for the other sessions
EARLIEST = datetime.min.replace(tzinfo=UTC)
ASK_AGAIN = timedelta(hours=1)  # for a session of which the source had nothing


def sync_bars(desk: Desk) -> str | None:
    """Store the sessions of the window that are finished and not stored yet, or corrected since.

    1. The sessions that today's numbers need come first, then the older ones.
    2. Each is fetched, judged and stored in one transaction; a killed sync goes on after the last.
    3. A session that the source refuses is a finding and the next is fetched; a source that does
       not answer ends the run, and the next run tries again.
    """
    due = sessions_due(desk)
    if not due:
        return None
    progress = Progress(desk, "sync_bars", desk.hours.next_open(desk.clock.now()).day, len(due))
    stored, refused = 0, 0
    for place, session in enumerate(due, start=1):
        try:
            day = desk.daily.day(session)
        except SourceUnavailableError as error:
            _failed(desk, session, str(error))
            raise
        except SourceRefusedError as error:
            _failed(desk, session, str(error))
            if error.status == WRONG_KEY:
                raise
            refused += 1
            continue
        _store(desk, day, progress, finished=place == len(due) and not refused)
        stored += len(day)
    gaps = f", {refused} refused by {desk.daily.name}" if refused else ""
    return f"{stored:,} daily bars of {len(due) - refused} sessions{gaps}"


def sessions_due(desk: Desk) -> list[Session]:
    """Return the sessions to fetch now, in the order in which they are needed."""
    now = desk.clock.now()
    coming = desk.hours.next_open(now)
    settles = SETTLES if desk.daily.revises else timedelta(0)
    with desk.db.read() as tx:
        kept = settings_in_force(tx).strategy.sessions_kept
        window = desk.hours.previous_sessions(coming.day, kept)
        finished = [s for s in window if s.closes_at + settles <= now]
        if not finished:
            return []
        synced = rows(SyncedSession)
        known = {
            row.session: (row.synced_at, row.symbols)
            for row in tx.execute(select(synced).where(synced.c.session >= finished[0].day))
        }
    last = finished[-1].closes_at + settles
    due = [s for s in finished if s.day not in known]
    if desk.daily.revises:
        recent = finished[-CORRECTED:]
        due += [
            s
            for s in finished
            if s.day in known and _may_differ(known[s.day], now, last if s in recent else EARLIEST)
        ]
    needed = {s.day for s in finished[-SESSIONS_NEEDED:]}
    return sorted(due, key=lambda s: (s.day not in needed, s.day))


def _may_differ(synced: tuple[datetime, int], now: datetime, since: datetime) -> bool:
    """Say whether to ask again: the answer is empty and old, or from before a moment."""
    synced_at, symbols = synced
    return synced_at < since or (not symbols and now - synced_at >= ASK_AGAIN)


def _store(desk: Desk, day: MarketDay, progress: Progress, *, finished: bool) -> None:
    findings = _look_at(desk, day)  # before the write: nobody waits for the lock meanwhile
    with desk.db.write() as tx:
        store_day(tx, desk, day)
        replace_findings(tx, desk, day.session, findings)
        progress.advance(tx, len(day), finished=finished)


def _look_at(desk: Desk, day: MarketDay) -> list[Finding]:
    if not len(day):
        text = "The source has no bars of this session."
        return [
            *day.problems,
            Finding(session=day.session, code="missing_session", symbol="", text=text),
        ]
    before = [s.day for s in desk.hours.previous_sessions(day.session, LOOKED_BACK)]
    with desk.db.read() as tx:
        days = load_days(tx, [*before, day.session])
        splits = load_splits(tx, before[0], day.session)
    findings = look_at(day, [days[session] for session in before if session in days], splits)
    stored = days.get(day.session)
    return findings if stored is None else [*findings, *corrected(day, stored)]


def _failed(desk: Desk, session: Session, why: str) -> None:
    """Note that a session could not be fetched; what is stored of it stays."""
    text = f"The session could not be fetched: {why}"
    with desk.db.write() as tx:
        note_once(tx, desk, Finding(session=session.day, code="fetch_failed", symbol="", text=text))
