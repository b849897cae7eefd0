"""Write what the session came to, once it is over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session as Transaction

from engine.actions.bookkeeping import follow, open_trades
from engine.actions.closing import still_held
from engine.actions.raising import raise_alert
from engine.desk import Desk
from engine.jobs.flatten_positions import FLAT
from engine.jobs.reconcile import differences
from engine.journal import record
from engine.market_hours import Session, new_york
from engine.rules.amounts import dollars, gain
from engine.rules.performance import max_drawdown
from models.accounts import AccountNow, AccountSnapshot, DailyMetrics
from models.journal import JournalRow
from models.money import ZERO
from models.trading import Signal, Trade
from models.vocabulary import Severity


def close_day(desk: Desk) -> str | None:
    """After the close, once: count the trades, verify flatness, tie the P&L to the equity.

    A session over whose end the engine was down is closed as soon as it is up again.
    """
    session = _to_close(desk)
    if session is None:
        return None
    follow(desk, thorough=True)
    held = _held(desk, session)
    agreed = not differences(desk)
    ending = _ending_equity(desk, session)
    with desk.db.write() as tx:
        trades = _trades(tx, desk, session)
        metrics = _metrics(tx, desk, session, ending, trades)
        metrics.flat = not held
        overnight = bool(held) or any(trade.session < session.day for trade in trades)
        metrics.reconciled = agreed and (overnight or not metrics.residual)
        tx.add(metrics)
        _tell(tx, desk, metrics, held)
    return f"{metrics.trades} trades, P&L {gain(metrics.pnl)}"


def _to_close(desk: Desk) -> Session | None:
    """Return the newest session that is over, was traded through and is not counted."""
    now = desk.clock.now()
    today = desk.hours.session_at(now)
    if today is None or now < today.closes_at:
        session = desk.hours.previous_sessions(new_york(now).date(), 1)[0]
    else:
        session = today
    with desk.db.read() as tx:
        if tx.get(DailyMetrics, (desk.account, session.day)) is not None:
            return None
        was_there = _curve(tx, desk, session)
    return session if was_there or session is today else None


def _held(desk: Desk, session: Session) -> list[str]:
    """Return what is held of a session: by the broker's word, or by our books if it is past."""
    if desk.session() == session:
        return still_held(desk)
    with desk.db.read() as tx:
        return [t.symbol for t in open_trades(tx, desk) if t.session == session.day]


def _ending_equity(desk: Desk, session: Session) -> Decimal:
    """Return the equity now, or with which the day after a past session began."""
    with desk.db.read() as tx:
        now = tx.get(AccountNow, desk.account)
    if now is not None and now.session is not None and now.session > session.day:
        return now.starting_equity
    return desk.broker.account().equity


def _starting_equity(tx: Transaction, desk: Desk, session: Session, ending: Decimal) -> Decimal:
    """Return the equity at the open; of a past session what its points of the curve tell."""
    now = tx.get(AccountNow, desk.account)
    if now is not None and now.session == session.day:
        return now.starting_equity
    point = tx.scalars(
        select(AccountSnapshot)
        .where(AccountSnapshot.account == desk.account, AccountSnapshot.session == session.day)
        .order_by(AccountSnapshot.at)
        .limit(1)
    ).first()
    return point.equity - point.day_pnl if point is not None else ending


def _trades(tx: Transaction, desk: Desk, session: Session) -> Sequence[Trade]:
    """Return the session's trades, and those of before that were held until today.

    The equity moved with the latter overnight too, which no fill of today explains.
    """
    closed_today = Trade.closed_at.between(session.opens_at, session.closes_at)
    return tx.scalars(
        select(Trade)
        .where(Trade.account == desk.account)
        .where(or_(Trade.session == session.day, closed_today))
        .order_by(Trade.id)
    ).all()


def _metrics(
    tx: Transaction, desk: Desk, session: Session, ending: Decimal, trades: Sequence[Trade]
) -> DailyMetrics:
    start = _starting_equity(tx, desk, session, ending)
    pnl = sum((trade.pnl for trade in trades), ZERO)
    return DailyMetrics(
        account=desk.account,
        session=session.day,
        starting_equity=start,
        ending_equity=ending,
        pnl=pnl,
        residual=ending - start - pnl,
        trades=len(trades),
        winners=sum(1 for trade in trades if trade.pnl > 0),
        losers=sum(1 for trade in trades if trade.pnl < 0),
        max_drawdown=max_drawdown(_curve(tx, desk, session)),
        signals=_signals(tx, desk, session),
        naked_seconds=sum(trade.naked_seconds for trade in trades),
        flat_at=_flat_at(tx, desk, session),
        closed_at=desk.clock.now(),
    )


def _curve(tx: Transaction, desk: Desk, session: Session) -> Sequence[Decimal]:
    return tx.scalars(
        select(AccountSnapshot.equity)
        .where(AccountSnapshot.account == desk.account, AccountSnapshot.session == session.day)
        .order_by(AccountSnapshot.at)
    ).all()


def _signals(tx: Transaction, desk: Desk, session: Session) -> int:
    count = select(func.count()).where(
        Signal.account == desk.account, Signal.session == session.day
    )
    return tx.scalar(count) or 0


def _flat_at(tx: Transaction, desk: Desk, session: Session) -> datetime | None:
    return tx.scalar(
        select(JournalRow.at).where(
            JournalRow.kind == FLAT,
            JournalRow.scope == f"session:{desk.account}:{session.day}",
        )
    )


def _tell(tx: Transaction, desk: Desk, metrics: DailyMetrics, held: list[str]) -> None:
    still = f", STILL HELD: {', '.join(held)}" if held else ", flat"
    record(
        tx,
        desk.clock.now(),
        "day",
        f"session:{metrics.session}",
        severity=Severity.CRITICAL if held else Severity.INFO,
        text=f"{metrics.session}: {metrics.trades} trades, P&L {gain(metrics.pnl)}{still}",
        pnl=metrics.pnl,
        residual=metrics.residual,
        flat=metrics.flat,
        reconciled=metrics.reconciled,
    )
    _summarise(tx, desk, metrics, held)


def _summarise(tx: Transaction, desk: Desk, metrics: DailyMetrics, held: list[str]) -> None:
    """Tell those who are not at the screen what the day came to."""
    still = f"STILL HELD: {', '.join(held)}" if held else "flat"
    books = "the books agree" if metrics.reconciled else "THE BOOKS DIFFER"
    change = metrics.ending_equity - metrics.starting_equity
    equity = f"{dollars(metrics.ending_equity)} ({gain(change)})"
    raise_alert(
        tx,
        desk,
        "daily_summary",
        f"session:{metrics.session}",
        f"{metrics.session}: {metrics.trades} trades ({metrics.winners} won, {metrics.losers} "
        f"lost), P&L {gain(metrics.pnl)}, equity {equity}, {still}, {books}.",
        severity=Severity.CRITICAL if held else Severity.INFO,
    )
