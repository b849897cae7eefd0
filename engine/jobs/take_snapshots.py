"""What the account and its positions are worth now, for pages and curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import Insert, Row, bindparam, insert, select, union
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session as Transaction
from sqlalchemy.sql.dml import ReturningInsert

from engine.actions.bookkeeping import open_trades
from engine.desk import Desk
from engine.market_hours import Session
from engine.rules.positions import unrealised
from models.accounts import AccountNow, AccountSnapshot, PositionSnapshot
from models.broker import AccountState, Mark
from models.market_data import LastPrice
from models.money import ZERO
from models.statuses import ACTIVE_SIGNAL_STATUSES
from models.tables import Table, rows
from models.trading import Signal, Trade
from models.vocabulary import TradeStatus

_BEFORE = select(rows(AccountNow)).where(AccountNow.account == bindparam("account"))
_ADD_POINTS = insert(rows(PositionSnapshot))
_WATCHED = union(
    select(Trade.symbol).where(
        Trade.account == bindparam("account"), Trade.status == TradeStatus.OPEN
    ),
    select(Signal.symbol).where(
        Signal.account == bindparam("account"),
        Signal.session == bindparam("session"),
        Signal.status.in_(ACTIVE_SIGNAL_STATUSES),
    ),
)


def take_snapshots(desk: Desk) -> str | None:
    """Store the account and last prices as they are now, and a point of the curve each minute."""
    now = desk.clock.now()
    session = desk.session()
    with desk.db.read() as tx:
        symbols = _watched(tx, desk, session)
        before = tx.execute(_BEFORE, {"account": desk.account}).one_or_none()
    account = desk.broker.account()
    if not symbols and _is_as_before(desk, session, before, account):
        return None
    marks = desk.data.marks(sorted(symbols))
    with desk.db.write() as tx:
        _store_prices(tx, desk, marks)
        if account.missing:  # a zero would look like a total loss
            return None
        start = starting_equity(before, session, account)
        _store_account(tx, desk, session, account, start)
        if session and session.opens_at <= now <= session.closes_at:
            trades = open_trades(tx, desk)
            _add_points(tx, desk, session, _Picture(now, account, start, trades, marks))
    return None


def starting_equity(
    before: Row[Any] | None, session: Session | None, account: AccountState
) -> Decimal:
    """Return the day's starting equity: kept for its session, taken anew on another day."""
    day = session.day if session else None
    if before is not None and (day is None or before.session == day):
        return Decimal(before.starting_equity)
    return account.equity


def _is_as_before(
    desk: Desk, session: Session | None, before: Row[Any] | None, account: AccountState
) -> bool:
    """Say whether a driven clock has come to a moment at which the account is what it was.

    Live this is never so: there the row's age tells how fresh it is.
    """
    if desk.clock.speed or before is None or session is None:
        return False
    same = (before.session, before.equity, before.cash) == (
        session.day,
        account.equity,
        account.cash,
    )
    return same and desk.clock.now() not in {session.opens_at, session.closes_at}


class _Picture:
    """What the points of one minute are made of."""

    def __init__(
        self,
        now: datetime,
        account: AccountState,
        start: Decimal,
        trades: Sequence[Trade],
        marks: Mapping[str, Mark],
    ) -> None:
        self.minute = now.replace(second=0, microsecond=0)
        self.account = account
        self.day_pnl = account.equity - start
        self.trades = trades
        self.marks = marks


def _watched(tx: Transaction, desk: Desk, session: Session | None) -> set[str]:
    """Return the symbols whose price matters: held ones, and those of the day's signals."""
    which = {"account": desk.account, "session": session.day if session else date.max}
    return set(tx.scalars(_WATCHED, which))


def _store_account(
    tx: Transaction,
    desk: Desk,
    session: Session | None,
    account: AccountState,
    start: Decimal,
) -> None:
    tx.connection().execute(
        _upsert(AccountNow, "account", is_sqlite=desk.db.is_sqlite),
        {
            "account": desk.account,
            "at": desk.clock.now(),
            "session": session.day if session else None,
            "equity": account.equity,
            "cash": account.cash,
            "buying_power": account.buying_power,
            "long_value": account.long_value,
            "short_value": account.short_value,
            "starting_equity": start,
        },
    )


@cache
def _upsert(model: type[Table], key: str, *, is_sqlite: bool) -> Insert:
    """Return a statement that adds a whole row, or writes it over the one of its key."""
    insert_ = _insert(model, is_sqlite=is_sqlite)
    others = {column.name: insert_.excluded[column.name] for column in rows(model).columns}
    del others[key]
    return insert_.on_conflict_do_update(index_elements=[key], set_=others)


@cache
def _add(model: type[Table], *, is_sqlite: bool) -> ReturningInsert[tuple[int]]:
    """Return a statement that adds a row and tells its id, or nothing if it is there."""
    insert_ = _insert(model, is_sqlite=is_sqlite)
    return insert_.on_conflict_do_nothing().returning(rows(model).c.id)


def _insert(model: type[Table], *, is_sqlite: bool) -> sqlite.Insert | postgresql.Insert:
    """Return an insert that can say what to do when the row is there."""
    return sqlite.insert(rows(model)) if is_sqlite else postgresql.insert(rows(model))


def _store_prices(tx: Transaction, desk: Desk, marks: Mapping[str, Mark]) -> None:
    if not marks:
        return
    tx.connection().execute(
        _upsert(LastPrice, "symbol", is_sqlite=desk.db.is_sqlite),
        [
            {"symbol": m.symbol, "price": m.price, "at": m.at, "source": desk.data.feed}
            for m in marks.values()
        ],
    )


def _add_points(tx: Transaction, desk: Desk, session: Session, picture: _Picture) -> None:
    """Add this minute's point of the curve and of each position, unless it is there."""
    added = tx.connection().scalar(
        _add(AccountSnapshot, is_sqlite=desk.db.is_sqlite),
        {
            "account": desk.account,
            "session": session.day,
            "at": picture.minute,
            "equity": picture.account.equity,
            "cash": picture.account.cash,
            "buying_power": picture.account.buying_power,
            "day_pnl": picture.day_pnl,
            "open_positions": len(picture.trades),
        },
    )
    if added is None:
        return
    points = [_point(trade, picture) for trade in picture.trades if trade.symbol in picture.marks]
    if points:
        tx.connection().execute(_ADD_POINTS, points)


def _point(trade: Trade, picture: _Picture) -> dict[str, object]:
    price = picture.marks[trade.symbol].price
    return {
        "trade_id": trade.id,
        "symbol": trade.symbol,
        "at": picture.minute,
        "quantity": trade.side.sign * trade.open_quantity,
        "price": price,
        "stop_price": trade.stop_price,
        "unrealised": unrealised(trade.side, trade.open_quantity, trade.entry_price, price)
        if trade.open_quantity
        else ZERO,
    }
