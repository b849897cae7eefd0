"""Round trips of all sessions: filtered, sorted, counted, and read page by page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session as Transaction

from dashboard.queries.traits import RVOLS, UNKNOWN, WEEKDAYS, in_hour, in_range, on_weekday
from engine.desk import Desk
from models.market_data import LastPrice
from models.trading import Signal, Trade
from models.vocabulary import ExitReason, Side, TradeStatus

HOURS_A_DAY = 24
LONGEST = 10  # digits of a number
EXACTLY = '"'  # round a symbol: not what begins so, but this one alone
LAST_LETTER = "\U0010ffff"  # no symbol comes after it
W = TypeVar("W", bound=StrEnum)
LINES = select(Trade, Signal.strategy_version, Signal.risk_version).outerjoin(
    Signal, Signal.id == Trade.signal_id
)
_LAST = select(LastPrice.price).where(LastPrice.symbol == Trade.symbol).correlate(Trade)
_RISE = func.coalesce(_LAST.scalar_subquery(), Trade.entry_price) - Trade.entry_price
_HELD = Trade.open_quantity * _RISE
_OPEN_GAIN = case((Trade.side == Side.LONG, Trade.pnl + _HELD), else_=Trade.pnl - _HELD)
# What is shown of a trade: of an open one also what it would gain at the last price.
GAIN = case((Trade.status == TradeStatus.OPEN, _OPEN_GAIN), else_=Trade.pnl)
SORTABLE: Mapping[str, Any] = {
    "session": Trade.session,
    "symbol": Trade.symbol,
    "side": Trade.side,
    "status": Trade.status,
    "quantity": Trade.quantity,
    "entry_price": Trade.entry_price,
    "exit_price": Trade.exit_price,
    "pnl": GAIN,
    "exit_reason": Trade.exit_reason,
    "opened_at": Trade.opened_at,
    "closed_at": Trade.closed_at,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeFilter:
    """Which trades somebody wants to see; None and the empty text leave nothing out."""

    symbol: str = ""  # the beginning of it; the whole between quotation marks
    side: Side | None = None
    status: TradeStatus | None = None
    reason: ExitReason | None = None
    first: date | None = None
    last: date | None = None
    strategy: int | None = None  # version of the settings that gave the signal
    risk: int | None = None  # version of those it was sized with
    hour: int | None = None  # of New York, when the first share was filled
    weekday: int | None = None  # of the session; Monday is 0
    rvol: str | None = None  # range of relative volume: one of RVOLS, or unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeLine:
    """One round trip as lists and exports show it."""

    id: int
    session: date
    symbol: str
    side: Side
    status: TradeStatus
    quantity: int
    open_quantity: int
    entry_level: Decimal | None
    entry_price: Decimal
    exit_price: Decimal | None
    stop_price: Decimal | None
    stop_distance: Decimal | None
    pnl: Decimal  # realised
    pnl_r: Decimal | None  # multiple of what the stop would have cost
    exit_reason: ExitReason | None
    rank: int | None
    rvol: float | None
    strategy_version: int | None  # of the settings; None: no signal of the desk is known
    risk_version: int | None
    opened_at: datetime
    closed_at: datetime | None
    seconds: float | None  # from the first fill to the last
    naked_seconds: float


def read_filter(words: Mapping[str, str | None]) -> TradeFilter:
    """Read a filter from the words of an address; what makes no sense leaves nothing out."""
    hour, weekday, rvol = _number(words.get("hour")), words.get("weekday"), words.get("rvol")
    return TradeFilter(
        symbol=(words.get("symbol") or "").strip().upper(),
        side=word_of(Side, words.get("side")),
        status=word_of(TradeStatus, words.get("status")),
        reason=word_of(ExitReason, words.get("reason")),
        first=day_of(words.get("first")),
        last=day_of(words.get("last")),
        strategy=_number(words.get("strategy") or words.get("version")),  # as it was called before
        risk=_number(words.get("risk")),
        hour=hour if hour in range(HOURS_A_DAY) else None,
        weekday=WEEKDAYS.index(weekday) if weekday in WEEKDAYS else None,
        rvol=rvol if rvol in {*RVOLS, UNKNOWN} else None,
    )


def filter_words(wanted: TradeFilter) -> dict[str, str]:
    """Return the words of an address that are read as this filter."""
    said = {field.name: getattr(wanted, field.name) for field in fields(wanted)}
    if wanted.weekday is not None:
        said["weekday"] = WEEKDAYS[wanted.weekday]
    return {name: str(value) for name, value in said.items() if value not in {None, ""}}


def trade_lines(
    tx: Transaction,
    desk: Desk,
    wanted: TradeFilter,
    *,
    sort: Sequence[tuple[str, bool]] = (),
    offset: int = 0,
    limit: int | None = None,
) -> list[TradeLine]:
    """Return trades in the order of `sort` (column, descending), the newest first without one."""
    columns = [(SORTABLE[name], down) for name, down in sort if name in SORTABLE]
    order = [column.desc() if down else column.asc() for column, down in columns]
    chosen = LINES.where(*matching(desk, wanted)).order_by(
        *order, Trade.session.desc(), Trade.opened_at.desc(), Trade.id.desc()
    )
    return [line(*row) for row in tx.execute(chosen.offset(offset).limit(limit))]


def count_trades(tx: Transaction, desk: Desk, wanted: TradeFilter) -> int:
    """Return how many trades a filter leaves."""
    return tx.scalar(select(func.count(Trade.id)).where(*matching(desk, wanted))) or 0


def line(trade: Trade, strategy_version: int | None, risk_version: int | None) -> TradeLine:
    """Return a trade as lists show it; see `LINES`."""
    risk = trade.stop_distance * trade.quantity if trade.stop_distance else None
    lasted = trade.closed_at - trade.opened_at if trade.closed_at else None
    return TradeLine(
        id=trade.id,
        session=trade.session,
        symbol=trade.symbol,
        side=trade.side,
        status=trade.status,
        quantity=trade.quantity,
        open_quantity=trade.open_quantity,
        entry_level=trade.entry_level,
        entry_price=trade.entry_price,
        exit_price=trade.exit_price,
        stop_price=trade.stop_price,
        stop_distance=trade.stop_distance,
        pnl=trade.pnl,
        pnl_r=round(trade.pnl / risk, 2) if risk else None,
        exit_reason=trade.exit_reason,
        rank=trade.rank,
        rvol=trade.rvol,
        strategy_version=strategy_version,
        risk_version=risk_version,
        opened_at=trade.opened_at,
        closed_at=trade.closed_at,
        seconds=lasted.total_seconds() if lasted else None,
        naked_seconds=trade.naked_seconds,
    )


def matching(desk: Desk, wanted: TradeFilter) -> list[ColumnElement[bool]]:
    """Return what must be true of a trade to pass a filter."""
    conditions: list[ColumnElement[bool]] = [Trade.account == desk.account]
    if wanted.symbol:
        conditions.append(_named(desk, wanted.symbol))
    for column, value in (
        (Trade.side, wanted.side),
        (Trade.status, wanted.status),
        (Trade.exit_reason, wanted.reason),
    ):
        if value is not None:
            conditions.append(column == value)
    if wanted.first is not None:
        conditions.append(Trade.session >= wanted.first)
    if wanted.last is not None:
        conditions.append(Trade.session <= wanted.last)
    for stamped, version in (
        (Signal.strategy_version, wanted.strategy),
        (Signal.risk_version, wanted.risk),
    ):
        if version is not None:
            signalled = select(Signal.id).where(Signal.id == Trade.signal_id, stamped == version)
            conditions.append(signalled.correlate(Trade).exists())
    return conditions + _in_common(desk, wanted)


def _in_common(desk: Desk, wanted: TradeFilter) -> list[ColumnElement[bool]]:
    conditions = []
    if wanted.hour is not None:
        conditions.append(in_hour(desk, wanted.hour))
    if wanted.weekday is not None:
        conditions.append(on_weekday(wanted.weekday))
    if wanted.rvol is not None:
        conditions.append(in_range(wanted.rvol))
    return conditions


def exactly(symbol: str) -> str:
    """Return the word of a filter for this symbol alone, not for all that begin so."""
    return EXACTLY + symbol + EXACTLY


def _named(desk: Desk, symbol: str) -> ColumnElement[bool]:
    name = symbol.strip(EXACTLY)
    return Trade.symbol == name if symbol == exactly(name) else begins(desk, Trade.symbol, symbol)


def begins(desk: Desk, symbol: Any, beginning: str) -> ColumnElement[bool]:
    """Ask for symbols that begin so. SQLite finds a range in an index, but not what is LIKE."""
    found: ColumnElement[bool]
    if desk.db.is_sqlite:
        found = symbol.between(beginning, beginning + LAST_LETTER)
    else:
        found = symbol.startswith(beginning, autoescape=True)
    return found


def word_of(words: type[W], text: str | None) -> W | None:
    """Return a word of an address, None if it is none of them."""
    return words(text) if text in set(words) else None


def _number(text: str | None) -> int | None:
    is_number = text is not None and text.isascii() and text.isdecimal() and len(text) < LONGEST
    return int(text) if is_number and text else None


def day_of(text: str | None) -> date | None:
    """Return a day of an address, None if it is none."""
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
