"""The scanner's long lists: universe, opening ranges, findings; filtered, sorted, by the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import ColumnElement, String, cast, func, nulls_last, select
from sqlalchemy.orm import Session as Transaction

from dashboard.queries.pages import record_of
from dashboard.queries.records import CandidateRecord
from dashboard.queries.signals import range_record
from models.market_data import Asset, DataFinding, OpeningRange, UniverseRow
from models.trading import Signal
from models.vocabulary import SignalStatus

PASSED = "none"  # the word of a filter for: no code at all
NOTHING_FAILED = "[]"
GREATEST = Decimal("1e12")

UNIVERSE_SORTS: Mapping[str, Any] = {
    "symbol": UniverseRow.symbol,
    "last_close": UniverseRow.last_close,
    "atr14": UniverseRow.atr14,
    "avg_volume14": UniverseRow.avg_volume14,
    "mean_opening_volume14": UniverseRow.mean_opening_volume14,
    "tradable": UniverseRow.tradable,
    "shortable": UniverseRow.shortable,
    "failed": cast(UniverseRow.failed, String),
    "name": Asset.name,
    "exchange": Asset.exchange,
}
RANGE_SORTS: Mapping[str, Any] = {
    name: getattr(OpeningRange, name)
    for name in (
        *("rank", "symbol", "direction", "rvol", "atr14", "open", "high", "low", "close"),
        *("volume", "entry_level", "stop_distance"),
    )
} | {"failed": cast(OpeningRange.failed, String)}
FINDING_SORTS: Mapping[str, Any] = {
    name: getattr(DataFinding, name) for name in ("session", "code", "symbol", "source", "found_at")
}

Sort = Sequence[tuple[str, bool]]  # (column, descending)


@dataclass(frozen=True, slots=True)
class Part:
    """Which rows of a list, in which order."""

    sort: Sort = ()
    offset: int = 0
    limit: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UniverseFilter:
    """Which symbols of the universe; what is None or empty leaves nothing out."""

    symbol: str = ""  # the beginning of it
    code: str = ""  # a filter that it fails, or PASSED
    shortable: bool | None = None
    price: Decimal | None = None  # at least
    volume: Decimal | None = None
    atr: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UniverseLine:
    """One symbol's numbers for a session, with what the broker's list says of it."""

    symbol: str
    name: str | None
    exchange: str | None
    last_close: Decimal | None
    atr14: Decimal | None
    avg_volume14: float | None
    mean_opening_volume14: float | None
    tradable: bool
    shortable: bool
    failed: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateLine:
    """One symbol's opening range, and what was made of it."""

    range: CandidateRecord
    signal: SignalStatus | None
    code: str | None
    sentence: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingFilter:
    """Which findings."""

    code: str = ""
    symbol: str = ""  # the beginning of it
    only: str = ""  # this symbol alone
    session: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingLine:
    """One thing in the data that a person should know of."""

    session: date
    code: str
    symbol: str
    text: str
    source: str
    found_at: datetime


# ------------------------------------------------------------------------------ universe
def universe_lines(
    tx: Transaction, session: date, wanted: UniverseFilter, part: Part
) -> list[UniverseLine]:
    """Return the symbols that a session's scan looks at."""
    chosen = (
        select(UniverseRow, Asset.name, Asset.exchange)
        .outerjoin(Asset, Asset.symbol == UniverseRow.symbol)
        .where(*_of_universe(session, wanted))
        .order_by(*_order(part.sort, UNIVERSE_SORTS), UniverseRow.symbol)
        .offset(part.offset)
        .limit(part.limit)
    )
    return [_universe(row, name, exchange) for row, name, exchange in tx.execute(chosen)]


def count_universe(tx: Transaction, session: date, wanted: UniverseFilter) -> int:
    """Return how many symbols a filter leaves."""
    counted = select(func.count()).select_from(UniverseRow)
    return tx.scalar(counted.where(*_of_universe(session, wanted))) or 0


def _of_universe(session: date, wanted: UniverseFilter) -> list[ColumnElement[bool]]:
    conditions = [UniverseRow.session == session, *_failing(UniverseRow.failed, wanted.code)]
    if wanted.symbol:
        conditions.append(UniverseRow.symbol.startswith(wanted.symbol, autoescape=True))
    if wanted.shortable is not None:
        conditions.append(UniverseRow.shortable.is_(wanted.shortable))
    for column, least in (
        (UniverseRow.last_close, wanted.price),
        (UniverseRow.avg_volume14, wanted.volume),
        (UniverseRow.atr14, wanted.atr),
    ):
        if least is not None:
            conditions.append(column >= least)
    return conditions


def _universe(row: UniverseRow, name: str | None, exchange: str | None) -> UniverseLine:
    return UniverseLine(
        symbol=row.symbol,
        name=name,
        exchange=exchange,
        last_close=row.last_close,
        atr14=row.atr14,
        avg_volume14=row.avg_volume14,
        mean_opening_volume14=row.mean_opening_volume14,
        tradable=row.tradable,
        shortable=row.shortable,
        failed=row.failed,
    )


# ------------------------------------------------------------------------------ candidates
def candidate_lines(
    tx: Transaction, account: str, session: date, code: str, part: Part
) -> list[CandidateLine]:
    """Return a session's opening ranges: ranked ones first, then those nearest to it."""
    first = [nulls_last(OpeningRange.rank), nulls_last(OpeningRange.rvol.desc())]
    chosen = (
        select(OpeningRange, Signal.status, Signal.code, Signal.sentence)
        .outerjoin(
            Signal,
            (Signal.symbol == OpeningRange.symbol)
            & (Signal.session == OpeningRange.session)
            & (Signal.account == account),
        )
        .where(OpeningRange.session == session, *_failing(OpeningRange.failed, code))
        .order_by(*_order(part.sort, RANGE_SORTS), *first, OpeningRange.symbol)
        .offset(part.offset)
        .limit(part.limit)
    )
    return [
        CandidateLine(range=range_record(row), signal=status, code=why, sentence=sentence)
        for row, status, why, sentence in tx.execute(chosen)
    ]


def count_candidates(tx: Transaction, session: date, code: str) -> int:
    """Return how many opening ranges a filter leaves."""
    counted = select(func.count()).select_from(OpeningRange)
    failing = _failing(OpeningRange.failed, code)
    return tx.scalar(counted.where(OpeningRange.session == session, *failing)) or 0


# ------------------------------------------------------------------------------ findings
def finding_lines(tx: Transaction, wanted: FindingFilter, part: Part) -> list[FindingLine]:
    """Return what was found in the data, the newest session first."""
    chosen = (
        select(DataFinding)
        .where(*_of_findings(wanted))
        .order_by(
            *_order(part.sort, FINDING_SORTS),
            DataFinding.session.desc(),
            DataFinding.code,
            DataFinding.symbol,
        )
        .offset(part.offset)
        .limit(part.limit)
    )
    return list(map(record_of(FindingLine), tx.scalars(chosen)))


def count_findings(tx: Transaction, wanted: FindingFilter) -> int:
    """Return how many findings a filter leaves."""
    counted = select(func.count()).select_from(DataFinding)
    return tx.scalar(counted.where(*_of_findings(wanted))) or 0


def _of_findings(wanted: FindingFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.code:
        conditions.append(DataFinding.code == wanted.code)
    if wanted.symbol:
        conditions.append(DataFinding.symbol.startswith(wanted.symbol, autoescape=True))
    if wanted.only:
        conditions.append(DataFinding.symbol == wanted.only)
    if wanted.session is not None:
        conditions.append(DataFinding.session == wanted.session)
    return conditions


# ------------------------------------------------------------------------------ what words mean
def least(text: str | None) -> Decimal | None:
    """Read a least value; what is no number leaves nothing out."""
    try:
        value = Decimal((text or "").strip().replace(",", ""))
    except InvalidOperation:
        return None
    return value if value.is_finite() and abs(value) < GREATEST else None


def _failing(column: Any, code: str) -> list[ColumnElement[bool]]:
    """Compare with the list of codes as it is written: ["price", "volume"]."""
    if not code:
        return []
    written = cast(column, String)
    if code == PASSED:
        return [written == NOTHING_FAILED]
    return [written.contains(f'"{code}"', autoescape=True)]


def _order(sort: Sort, sortable: Mapping[str, Any]) -> list[ColumnElement[Any]]:
    """Put what is not known last, whichever way it goes."""
    columns = [(sortable[name], down) for name, down in sort if name in sortable]
    return [nulls_last(column.desc() if down else column.asc()) for column, down in columns]
