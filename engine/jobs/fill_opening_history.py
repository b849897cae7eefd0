"""Fetch the opening ranges that the scan's feed had in the sessions before the coming one."""

from __future__ import annotations

from engine.actions.trading_settings import settings_in_force
from engine.desk import Desk
from engine.jobs.build_universe import numbers_of, universe_columns
from engine.jobs.fetch_progress import Progress, is_finished
from engine.jobs.opening_history import keep_volumes, known_volumes
from engine.market_hours import Session
from engine.rules.daily_numbers import WINDOW
from engine.rules.scan import candidates

JOB = "fill_opening_history"


def fill_opening_history(desk: Desk) -> str | None:
    """Store the opening volumes of the coming session's candidates, where they are missing.

    Each day's own scan has left those that it saw; what remains are new candidates, sessions in
    which the desk did not run, and symbols whose bars came after the scan.
    """
    if desk.data.is_recorded:
        return None
    coming = desk.hours.next_open(desk.clock.now())
    symbols = _candidates(desk, coming)
    if symbols is None:
        return None
    sessions = desk.hours.previous_sessions(coming.day, WINDOW)
    with desk.db.read() as tx:
        known = known_volumes(tx, desk.data.feed, [s.day for s in sessions])
    progress = Progress(desk, JOB, coming.day, len(sessions))
    stored = 0
    for place, session in enumerate(sessions, start=1):
        missing = [s for s in symbols if s not in known.get(session.day, {})]
        volumes = desk.data.opening_volumes([session], missing) if missing else {}
        first = {symbol: past[0] for symbol, past in volumes.items()}
        with desk.db.write() as tx:
            stored += keep_volumes(tx, desk.data.feed, session.day, first)
            progress.advance(tx, len(first), finished=place == len(sessions))
    return f"{stored:,} opening volumes of {len(symbols):,} symbols ({desk.data.feed})"


def _candidates(desk: Desk, coming: Session) -> list[str] | None:
    """Return the symbols to have a history for; None if it is there or cannot be known yet."""
    with desk.db.read() as tx:
        if is_finished(tx, JOB, coming.day):
            return None
        strategy = settings_in_force(tx).strategy
    numbers = numbers_of(desk, coming)
    if numbers is None:
        return None
    universe = universe_columns(desk, numbers, {})
    chosen = candidates(universe, strategy)
    return [symbol for symbol, is_one in zip(universe.symbols, chosen, strict=True) if is_one]
