"""What the scanner's jobs would have written: bars, numbers, findings, progress."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
from sqlalchemy import delete, update

from engine.desk import Desk
from models.bulk import insert_columns
from models.control import Command
from models.market_data import (
    Asset,
    DailyBar,
    DataFinding,
    FetchProgress,
    SplitRow,
    SyncedSession,
    UniverseRow,
)
from models.vocabulary import CommandStatus
from tests.dashboard.builders import DAY, add


def sessions_before(desk: Desk, count: int) -> list[date]:
    return [session.day for session in desk.hours.previous_sessions(DAY, count)]


def add_sessions(desk: Desk, count: int, *symbols: str, without: Sequence[date] = ()) -> list[date]:
    """Store sessions with a bar of each symbol, all but those that are to be missing."""
    days = [day for day in sessions_before(desk, count) if day not in without]
    for day in days:
        add(desk, synced(desk, day, len(symbols)), *(a_bar(day, symbol) for symbol in symbols))
    return days


def synced(desk: Desk, day: date, symbols: int) -> SyncedSession:
    return SyncedSession(session=day, source="massive", symbols=symbols, synced_at=desk.clock.now())


def a_bar(day: date, symbol: str, close: str = "180.00") -> DailyBar:
    price = Decimal(close)
    return DailyBar(
        session=day,
        symbol=symbol,
        open=price - 1,
        high=price + 4,
        low=price - 5,
        close=price,
        volume=181_000_000,
        source="massive",
    )


def add_numbers(desk: Desk, symbol: str, *failed: str, **more: Any) -> None:
    """Put a symbol into the universe of the day."""
    known: dict[str, Any] = {
        "last_close": Decimal("180.00"),
        "atr14": Decimal("9.21"),
        "avg_volume14": 181_000_000.0,
        "mean_opening_volume14": 260_000.0,
        "source": "massive",
        **more,
    }
    add(desk, UniverseRow(session=DAY, symbol=symbol, failed=list(failed), **known))


def add_whole_market(desk: Desk, count: int) -> None:
    """Put as many symbols into the universe as the market has: S00000 is the cheapest."""
    numbers = np.arange(count, dtype=np.int64)
    with desk.db.write() as tx:
        insert_columns(
            tx,
            UniverseRow,
            session=DAY,
            symbol=[f"S{number:05}" for number in range(count)],
            last_close=(numbers + 100) * 10_000,
            atr14=(numbers + 1) * 1_000,
            avg_volume14=(numbers * 1_000.0),
            mean_opening_volume14=(numbers * 10.0),
            tradable=[True] * count,
            shortable=(numbers % 2 == 0).tolist(),
            failed=[("price",) if number < 400 else () for number in range(count)],
            source="massive",
        )


def list_asset(desk: Desk, symbol: str, name: str, borrow: str = "easy_to_borrow") -> None:
    shortable = borrow == "easy_to_borrow"
    add(
        desk,
        Asset(
            symbol=symbol,
            name=name,
            exchange="NASDAQ",
            tradable=True,
            shortable=shortable,
            borrow_status=borrow,
            listed_at=desk.clock.now() - timedelta(hours=2),
        ),
    )


def add_split(desk: Desk, symbol: str, day: date, new: int, old: int) -> None:
    ratio = {"new_shares": Decimal(new), "old_shares": Decimal(old)}
    now = desk.clock.now()
    add(desk, SplitRow(symbol=symbol, session=day, source="massive", found_at=now, **ratio))


def add_finding(desk: Desk, code: str, symbol: str, text: str, day: date = DAY) -> None:
    now = desk.clock.now()
    add(
        desk,
        DataFinding(
            session=day, code=code, symbol=symbol, text=text, source="massive", found_at=now
        ),
    )


def set_progress(desk: Desk, done: int, total: int, left: float | None = 75.0) -> None:
    """Say how far the sync of daily bars is."""
    now = desk.clock.now()
    with desk.db.write() as tx:
        tx.execute(delete(FetchProgress))
        tx.add(
            FetchProgress(
                job="sync_bars",
                session=DAY,
                done=done,
                total=total,
                rows=done * 11_000,
                started_at=now,
                updated_at=now,
                seconds_left=left,
                finished=done == total,
            )
        )


def answer(desk: Desk, number: int, text: str) -> None:
    """Answer a command as the engine does."""
    done = {"status": CommandStatus.DONE, "answer": text, "finished_at": desk.clock.now()}
    with desk.db.write() as tx:
        tx.execute(update(Command).where(Command.id == number).values(done))
