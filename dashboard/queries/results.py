"""What trading came to: allocation now, days and trades in figures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import Session as Transaction

from dashboard.queries.history import history_view
from dashboard.queries.positions import PositionRow
from dashboard.queries.trades import TradeFilter
from engine.desk import Desk
from engine.rules.performance import DayNumbers, TradeNumbers
from models.accounts import DailyMetrics
from models.market_data import SymbolSector
from models.money import ZERO
from models.trading import Trade
from models.vocabulary import Side, TradeStatus

MOST_DAYS = 2_000

S = TypeVar("S", bound="Select[*tuple[Any, ...]]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One position's part of everything held."""

    symbol: str
    side: Side
    value: Decimal  # at the last price, at the entry where there is none
    part: float
    sector: str | None  # None: not known
    priced_at: datetime | None  # None: no price has been seen


@dataclass(frozen=True, slots=True, kw_only=True)
class SectorShare:
    """One sector's part of everything held; of the sector None what is not known of any."""

    sector: str | None
    symbols: Sequence[str]
    value: Decimal
    part: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """Closed trades and finished sessions in figures: those of the History page."""

    first: date | None  # the first finished session
    last: date | None
    trades: TradeNumbers
    days: DayNumbers


@dataclass(frozen=True, slots=True, kw_only=True)
class DaySummary:
    """One session's closed trades."""

    session: date
    trades: int
    winners: int
    losers: int
    pnl: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PnlDay:
    """One session's result and what all of them came to by then."""

    session: date
    pnl: Decimal
    total: Decimal
    ending_equity: Decimal


def allocation(tx: Transaction, rows: Sequence[PositionRow]) -> list[Share]:
    """Return each position's part, the greatest first."""
    sectors = sectors_of(tx, {row.symbol for row in rows})
    values = [(row, row.quantity * (row.last or row.entry_price)) for row in rows]
    whole = sum((value for _row, value in values), ZERO)
    shares = [
        Share(
            symbol=row.symbol,
            side=row.side,
            value=value,
            part=_part(value, whole),
            sector=sectors.get(row.symbol),
            priced_at=row.last_at,
        )
        for row, value in values
    ]
    return sorted(shares, key=lambda share: share.value, reverse=True)


def by_sector(shares: Sequence[Share]) -> list[SectorShare]:
    """Return each sector's part, the greatest first, and last what is not known of any."""
    whole = sum((share.value for share in shares), ZERO)
    found: defaultdict[str | None, list[Share]] = defaultdict(list)
    for share in shares:
        found[share.sector].append(share)
    sums = {sector: sum((each.value for each in of), ZERO) for sector, of in found.items()}
    return [
        SectorShare(
            sector=sector,
            symbols=sorted({share.symbol for share in found[sector]}),
            value=sums[sector],
            part=_part(sums[sector], whole),
        )
        for sector in sorted(sums, key=lambda name: (name is None, -sums[name], name or ""))
    ]


def sectors_of(tx: Transaction, symbols: Collection[str]) -> dict[str, str]:
    """Return the sectors of symbols, of those whose is known."""
    asked = SymbolSector.symbol.in_(symbols)
    found = tx.execute(select(SymbolSector.symbol, SymbolSector.sector).where(asked))
    return {row.symbol: row.sector for row in found}


def performance(tx: Transaction, desk: Desk, first: date | None, last: date | None) -> Performance:
    """Describe a range of sessions, in the very figures that people are shown."""
    view = history_view(tx, desk, TradeFilter(first=first, last=last))
    days = [day.day for day in view.days if day.is_finished]
    return Performance(
        first=days[0] if days else None,
        last=days[-1] if days else None,
        trades=view.trades,
        days=view.ratios,
    )


def daily_summaries(
    tx: Transaction, desk: Desk, first: date | None, last: date | None
) -> list[DaySummary]:
    """Return each session's closed trades, the newest session first."""
    sums = select(
        Trade.session,
        func.count(),
        func.sum(case((Trade.pnl > ZERO, 1), else_=0)),
        func.sum(case((Trade.pnl < ZERO, 1), else_=0)),
        func.sum(Trade.pnl),
    ).where(*_closed(desk))
    chosen = _between(sums, Trade.session, first, last).group_by(Trade.session)
    found = tx.execute(chosen.order_by(Trade.session.desc()).limit(MOST_DAYS)).all()
    return [
        DaySummary(session=day, trades=trades, winners=int(wins), losers=int(losses), pnl=pnl)
        for day, trades, wins, losses, pnl in found
    ]


def pnl_days(tx: Transaction, desk: Desk, first: date | None, last: date | None) -> list[PnlDay]:
    """Return the sessions' results, the oldest first."""
    total, found = ZERO, []
    for day in _days(tx, desk, first, last):
        total += day.pnl
        found.append(
            PnlDay(session=day.session, pnl=day.pnl, total=total, ending_equity=day.ending_equity)
        )
    return found


def _days(
    tx: Transaction, desk: Desk, first: date | None, last: date | None
) -> Sequence[DailyMetrics]:
    mine = select(DailyMetrics).where(DailyMetrics.account == desk.account)
    chosen = _between(mine, DailyMetrics.session, first, last)
    newest = tx.scalars(chosen.order_by(DailyMetrics.session.desc()).limit(MOST_DAYS)).all()
    return newest[::-1]


def _closed(desk: Desk) -> tuple[ColumnElement[bool], ...]:
    return Trade.account == desk.account, Trade.status == TradeStatus.CLOSED


def _between(chosen: S, column: Any, first: date | None, last: date | None) -> S:
    if first is not None:
        chosen = chosen.where(column >= first)
    return chosen.where(column <= last) if last is not None else chosen


def _part(value: Decimal, whole: Decimal) -> float:
    return round(float(value / whole), 6) if whole else 0.0
