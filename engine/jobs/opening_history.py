"""Opening-range volumes of past sessions on the feed of the scan (features ORB-4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import and_
from sqlalchemy.orm import Session as Transaction

from engine.desk import Desk
from engine.market_hours import Session
from engine.rules.splits import mean_on_the_scale_of
from models.bulk import columns_by, insert_columns
from models.market import Split
from models.market_data import OpeningVolume
from models.tables import rows


def known_volumes(
    tx: Transaction, feed: str, sessions: Sequence[date]
) -> dict[date, dict[str, int]]:
    """Return the stored volumes of each session by symbol."""
    table = rows(OpeningVolume)
    found = columns_by(
        tx,
        table.c.session,
        {"symbol": table.c.symbol, "volume": table.c.volume},
        and_(table.c.session.in_(sessions), table.c.feed == feed),
    )
    return {
        session: dict(zip(columns["symbol"], columns["volume"].tolist(), strict=True))
        for session, columns in found.items()
    }


def keep_volumes(tx: Transaction, feed: str, session: date, volumes: Mapping[str, int]) -> int:
    """Store the volumes of symbols that are not stored yet for the session."""
    known = known_volumes(tx, feed, [session]).get(session, {})
    new = {symbol: volume for symbol, volume in volumes.items() if symbol not in known}
    return insert_columns(
        tx,
        OpeningVolume,
        session=session,
        feed=feed,
        symbol=list(new),
        volume=list(new.values()),
    )


def mean_opening_volumes(
    desk: Desk, session: Session, sessions: Sequence[Session], splits: Sequence[Split]
) -> dict[str, float]:
    """Return each symbol's mean over past sessions; symbols that lack one of them are absent."""
    days = [s.day for s in sessions]
    volumes: Mapping[str, Sequence[int]]
    if desk.data.is_recorded:
        volumes = desk.data.opening_volumes(sessions)
    else:
        with desk.db.read() as tx:
            volumes = _complete(known_volumes(tx, desk.data.feed, days), days)
    return mean_on_the_scale_of(session.day, volumes, days, splits)


def _complete(
    known: Mapping[date, Mapping[str, int]], days: Sequence[date]
) -> dict[str, list[int]]:
    if any(day not in known for day in days):
        return {}
    symbols = set(known[days[0]]).intersection(*(known[day] for day in days[1:]))
    return {symbol: [known[day][symbol] for day in days] for symbol in symbols}
