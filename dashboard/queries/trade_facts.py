"""What the journal tells of a trade: of its signal and orders, of scans, of who intervened."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from dashboard.queries.journal import Fact, Told, fact_of, told_about
from models.control import Command
from models.journal import JournalRow
from models.trading import Order, Trade
from models.vocabulary import CommandKind, OrderPurpose


def facts_of(tx: Transaction, trade: Trade, orders: Sequence[Order]) -> Told:
    """Return the facts of a trade, its orders, its signal, and the commands that concerned it."""
    scopes = {f"trade:{trade.id}", *(f"order:{order.id}" for order in orders)}
    if trade.signal_id is not None:
        scopes.add(f"signal:{trade.signal_id}")
    return told_about(tx, sorted(scopes | _asked(tx, trade) | _causes(tx, orders)))


def scans_of(tx: Transaction, trade: Trade) -> list[Fact]:
    """Return the scans of the trade's session that found its symbol, the first one first."""
    chosen = (
        select(JournalRow)
        .where(JournalRow.scope == f"session:{trade.session}", JournalRow.kind == "scan")
        .order_by(JournalRow.seq)
    )
    facts = [fact_of(row) for row in tx.scalars(chosen)]
    return [fact for fact in facts if trade.symbol in fact.body.get("symbols", [])]


def _asked(tx: Transaction, trade: Trade) -> set[str]:
    """Return the commands to close this very trade, also those that came to nothing."""
    chosen = select(Command.id).where(
        Command.kind == CommandKind.CLOSE_POSITION,
        Command.body["trade_id"].as_integer() == trade.id,
    )
    return {f"command:{number}" for number in tx.scalars(chosen)}


def _causes(tx: Transaction, orders: Sequence[Order]) -> set[str]:
    """Return the commands that the closing orders came from: theirs is one correlation."""
    exits = {order.correlation_id for order in orders if order.purpose is OrderPurpose.EXIT} - {""}
    if not exits:
        return set()
    chosen = select(JournalRow.scope).where(
        JournalRow.correlation_id.in_(exits), JournalRow.kind == "command"
    )
    return set(tx.scalars(chosen))
