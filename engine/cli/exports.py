"""What a replay writes for other programs: trades and candidates as CSV, the journal as lines."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import IO

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from engine.market_hours import new_york_clock
from models.journal import JournalRow
from models.market_data import OpeningRange
from models.trading import Trade

TRADE_COLUMNS = (
    *("session", "symbol", "side", "shares", "rank", "rvol", "entry_level"),
    *("entry_time", "entry_price", "stop_price", "exit_time", "exit_price", "exit_reason", "pnl"),
)
CANDIDATE_COLUMNS = (
    *("session", "symbol", "rank", "passed", "failed", "direction"),
    *("or_open", "or_high", "or_low", "or_close", "or_volume"),
    *("rvol", "rvol_basis", "atr14", "avg_volume14", "entry_level", "stop_distance"),
)
AT_ONCE = 5_000


def write_trades(tx: Transaction, file: IO[str], account: str, days: Sequence[date]) -> None:
    """Write the trades of some sessions, in the order of session, rank and symbol."""
    trades = tx.scalars(
        select(Trade)
        .where(Trade.account == account, Trade.session.between(days[0], days[-1]))
        .order_by(Trade.session, Trade.rank, Trade.symbol)
    )
    _write(file, TRADE_COLUMNS, map(_trade, trades))


def write_candidates(tx: Transaction, file: IO[str], days: Sequence[date]) -> None:
    """Write one row for each symbol and session that was scanned, by session and symbol."""
    ranges = tx.scalars(
        select(OpeningRange)
        .where(OpeningRange.session.between(days[0], days[-1]))
        .order_by(OpeningRange.session, OpeningRange.symbol)
    )
    _write(file, CANDIDATE_COLUMNS, map(_candidate, ranges))


def write_journal(tx: Transaction, file: IO[str]) -> None:
    """Write every fact as a line of JSON, in the order of their numbers."""
    ordered = select(JournalRow).order_by(JournalRow.seq).execution_options(yield_per=AT_ONCE)
    for fact in tx.scalars(ordered):
        file.write(json.dumps(_fact(fact), ensure_ascii=False) + "\n")


def _write(file: IO[str], columns: Sequence[str], rows: Iterable[Iterable[object]]) -> None:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_text(value) for value in row] for row in rows)


def _trade(trade: Trade) -> Iterator[object]:
    yield from (trade.session, trade.symbol, trade.side, trade.quantity, trade.rank, trade.rvol)
    yield from (trade.entry_level, trade.opened_at, trade.entry_price, trade.stop_price)
    yield from (trade.closed_at, trade.exit_price, trade.exit_reason, trade.pnl)


def _candidate(row: OpeningRange) -> Iterator[object]:
    yield from (row.session, row.symbol, row.rank, row.passed, ";".join(row.failed), row.direction)
    yield from (row.open, row.high, row.low, row.close, row.volume)
    yield from (row.rvol, row.rvol_basis, row.atr14, row.avg_volume14)
    yield from (row.entry_level, row.stop_distance)


def _fact(row: JournalRow) -> dict[str, object]:
    return {
        "seq": row.seq,
        "at": row.at.isoformat(),
        "kind": row.kind,
        "scope": row.scope,
        "severity": row.severity,
        "correlation_id": row.correlation_id,
        "body": row.body,
    }


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case datetime():
            return new_york_clock(value)
        case Decimal():
            return f"{value.normalize():f}"
        case _:
            return str(value)
