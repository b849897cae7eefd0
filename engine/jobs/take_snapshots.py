"""What the account and its positions are worth now, for pages and curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session as Transaction

from engine.actions.bookkeeping import open_trades
from engine.desk import Desk
from engine.market_hours import Session
from engine.rules.positions import unrealised
from models.accounts import AccountNow, AccountSnapshot, PositionSnapshot
from models.market_data import LastPrice
from models.money import ZERO
from models.tables import Table, rows
from models.trading import Signal, Trade
from models.vocabulary import ACTIVE_SIGNAL_STATUSES, AccountState, Mark


def take_snapshots(desk: Desk) -> str | None:
    """Store the account and last prices as they are now, and a point of the curve each minute."""
    now = desk.clock.now()
    session = desk.session()
    with desk.db.read() as tx:
        trades = open_trades(tx, desk)
        symbols = {t.symbol for t in trades} | _awaited(tx, desk, session)
        before = tx.get(AccountNow, desk.account)
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
            _add_points(tx, desk, session, _Picture(now, account, start, trades, marks))
    return None


def starting_equity(
    before: AccountNow | None, session: Session | None, account: AccountState
) -> Decimal:
    """Return the day's starting equity: kept for its session, taken anew on another day."""
    day = session.day if session else None
    if before is not None and (day is None or before.session == day):
        return before.starting_equity
    return account.equity


def _is_as_before(
    desk: Desk, session: Session | None, before: AccountNow | None, account: AccountState
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


def _awaited(tx: Transaction, desk: Desk, session: Session | None) -> set[str]:
    if session is None:
        return set()
    return set(
        tx.scalars(
            select(Signal.symbol).where(
                Signal.account == desk.account,
                Signal.session == session.day,
                Signal.status.in_(ACTIVE_SIGNAL_STATUSES),
            )
        )
    )


def _store_account(
    tx: Transaction,
    desk: Desk,
    session: Session | None,
    account: AccountState,
    start: Decimal,
) -> None:
    values = {
        "at": desk.clock.now(),
        "session": session.day if session else None,
        "equity": account.equity,
        "cash": account.cash,
        "buying_power": account.buying_power,
        "long_value": account.long_value,
        "short_value": account.short_value,
        "starting_equity": start,
    }
    tx.execute(
        _insert(desk, AccountNow)
        .values(account=desk.account, **values)
        .on_conflict_do_update(index_elements=["account"], set_=values)
    )


def _insert(desk: Desk, model: type[Table]) -> sqlite.Insert | postgresql.Insert:
    """Return an insert that can say what to do when the row is there."""
    table = rows(model)
    return sqlite.insert(table) if desk.db.is_sqlite else postgresql.insert(table)


def _store_prices(tx: Transaction, desk: Desk, marks: Mapping[str, Mark]) -> None:
    if not marks:
        return
    upsert = _insert(desk, LastPrice)
    tx.execute(
        upsert.on_conflict_do_update(
            index_elements=["symbol"],
            set_={
                "price": upsert.excluded.price,
                "at": upsert.excluded.at,
                "source": upsert.excluded.source,
            },
        ),
        [
            {"symbol": m.symbol, "price": m.price, "at": m.at, "source": desk.data.feed}
            for m in marks.values()
        ],
    )


def _add_points(tx: Transaction, desk: Desk, session: Session, picture: _Picture) -> None:
    """Add this minute's point of the curve and of each position, unless it is there."""
    added = tx.execute(
        _insert(desk, AccountSnapshot)
        .on_conflict_do_nothing()
        .returning(rows(AccountSnapshot).c.id)
        .values(
            account=desk.account,
            session=session.day,
            at=picture.minute,
            equity=picture.account.equity,
            cash=picture.account.cash,
            buying_power=picture.account.buying_power,
            day_pnl=picture.day_pnl,
            open_positions=len(picture.trades),
        )
    ).first()
    if added is None:
        return
    points = [_point(trade, picture) for trade in picture.trades if trade.symbol in picture.marks]
    if points:
        tx.execute(insert(rows(PositionSnapshot)), points)


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
