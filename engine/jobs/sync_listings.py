"""Fetch what is known of symbols: the broker's list, sectors, and splits that change a scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session as Transaction

from engine.actions.trading_settings import settings_in_force
from engine.desk import Desk
from engine.errors import SourceUnavailableError
from engine.jobs.fetch_progress import Progress, is_finished
from engine.market_hours import Session
from models.bulk import insert_columns
from models.market import Listing, Split
from models.market_data import Asset, FetchProgress, SplitRow, SymbolSector
from models.money import to_micros
from models.tables import rows

JOB = "sync_listings"
MORNING = timedelta(minutes=90)  # before the open: what can be borrowed changes overnight
AHEAD = timedelta(days=7)  # splits are announced before they take effect
LEAST_PART = 0.5  # of the last list: a shorter one is not believed


def sync_listings(desk: Desk) -> str | None:
    """Replace the lists once for each coming session, and again on its morning."""
    coming = desk.hours.next_open(desk.clock.now())
    if not _is_due(desk, coming):
        return None
    with desk.db.read() as tx:
        kept = settings_in_force(tx).strategy.sessions_kept
        known = tx.scalar(select(func.count()).select_from(rows(Asset))) or 0
    first = desk.hours.previous_sessions(coming.day, kept)[0].day
    progress = Progress(desk, JOB, coming.day, total=1)
    listings = desk.daily.listings()
    if listings or known:  # stored at once: splits that cannot be had must not cost the list
        with desk.db.write() as tx:
            _store_listings(tx, desk, listings, known)
    _keep_sectors(desk, desk.daily.sectors())
    splits = desk.daily.splits(first, coming.day + AHEAD)
    with desk.db.write() as tx:
        _store_splits(tx, desk, splits, first)
        progress.advance(tx, len(listings) + len(splits), finished=True)
    if not listings and not splits:
        return None
    return f"{len(listings):,} listed symbols, {len(splits):,} splits since {first}"


def _is_due(desk: Desk, coming: Session) -> bool:
    with desk.db.read() as tx:
        if not is_finished(tx, JOB, coming.day):
            return True
        known = tx.get(FetchProgress, JOB)
    morning = coming.opens_at - MORNING
    return (
        desk.daily.revises and known is not None and known.updated_at < morning <= desk.clock.now()
    )


def _store_listings(tx: Transaction, desk: Desk, listings: Sequence[Listing], known: int) -> None:
    """Replace the list by what is listed now: by none, if nobody keeps one."""
    if 0 < len(listings) < LEAST_PART * known:
        raise SourceUnavailableError(
            f"{desk.daily.name} lists {len(listings):,} symbols and listed {known:,} before: "
            "the list is not believed, the last one stays"
        )
    tx.execute(delete(rows(Asset)))
    insert_columns(
        tx,
        Asset,
        symbol=[listing.symbol for listing in listings],
        name=[listing.name for listing in listings],
        exchange=[listing.exchange for listing in listings],
        tradable=[listing.tradable for listing in listings],
        shortable=[listing.shortable for listing in listings],
        borrow_status=[listing.borrow_status for listing in listings],
        listed_at=desk.clock.now(),
    )


def _keep_sectors(desk: Desk, sectors: Mapping[str, str]) -> None:
    table = rows(SymbolSector)
    with desk.db.read() as tx:
        known = {row.symbol: row.sector for row in tx.execute(select(table))}
    if sectors == known:  # as on nearly every day
        return
    with desk.db.write() as tx:
        tx.execute(delete(table))
        insert_columns(tx, SymbolSector, symbol=list(sectors), sector=list(sectors.values()))


def _store_splits(tx: Transaction, desk: Desk, splits: Sequence[Split], first: date) -> None:
    table = rows(SplitRow)
    tx.execute(delete(table).where(table.c.session >= first))
    insert_columns(
        tx,
        SplitRow,
        symbol=[split.symbol for split in splits],
        session=[split.session for split in splits],
        new_shares=[to_micros(split.new_shares) for split in splits],
        old_shares=[to_micros(split.old_shares) for split in splits],
        source=desk.daily.name,
        found_at=desk.clock.now(),
    )
