"""Shows what a scan would find now, and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator

from engine.actions.trading_settings import settings_in_force
from engine.desk import Desk
from engine.errors import DeskError
from engine.jobs.scan_opening_range import judge, load_universe
from engine.market_hours import Session, new_york_clock
from engine.rules.scan_rows import ScanRow


def dry_scan(desk: Desk) -> Iterator[str]:
    """Return one line for each symbol that passes, best rank first, and a summary.

    Raises:
        DeskError: there is nothing to scan.
    """
    rows = _scan(desk, _session(desk))
    passed = sorted((row for row in rows if row.passed), key=lambda row: row.rank or 0)
    yield from map(_line, passed)
    yield f"{len(rows):,} symbols, {len(passed)} pass every filter; nothing was stored"


def _session(desk: Desk) -> Session:
    session = desk.session()
    if session is None:
        raise DeskError("there is no trading today")
    if desk.clock.now() < session.scan_at:
        ends = new_york_clock(session.scan_at)
        raise DeskError(f"the opening range is not over: it ends at {ends} New York")
    return session


def _scan(desk: Desk, session: Session) -> list[ScanRow]:
    with desk.db.read() as tx:
        universe = load_universe(tx, session)
        strategy = settings_in_force(tx).strategy
    if not universe.symbols:
        raise DeskError(f"there are no numbers for {session.day} yet: run bellwether sync")
    return list(judge(desk, session, universe, strategy))


def _line(row: ScanRow) -> str:
    side = "long" if row.direction > 0 else "short"
    return f"{row.rank:>3}  {row.symbol:8} {side:5}  RVOL {row.rvol:6.2f}  level {row.entry_level}"
