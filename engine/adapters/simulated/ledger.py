"""The exchange's books in the database: what a killed process comes back to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, insert, select, update
from sqlalchemy.orm import Session as Transaction

from engine.adapters.simulated.orders import OPEN, ExchangeOrder
from engine.errors import NotTheEngineError
from models.broker import Execution
from models.database import Database
from models.simulation import (
    SimulatedAccount,
    SimulatedExecution,
    SimulatedFault,
    SimulatedOrder,
)
from models.tables import rows as table_of

A_PAGE = 1_000  # rows that are read at once
_ORDER_FIELDS = tuple(field.name for field in fields(ExchangeOrder))
_CHANGING = (
    "filled_quantity",
    "stop_price",
    "triggered",
    "status",
    "reason",
    "live_at",
    "updated_at",
    "first_fill",
)

_ACCOUNTS = table_of(SimulatedAccount)
_ORDERS = table_of(SimulatedOrder)
_EXECUTIONS = table_of(SimulatedExecution)
_FAULT = (
    select(SimulatedFault.id)
    .where(SimulatedFault.account == bindparam("of"), ~SimulatedFault.used)
    .limit(1)
)
_ADD_ORDERS = insert(_ORDERS)
_ADD_EXECUTIONS = insert(_EXECUTIONS)
_STORE = (  # whoever wrote since these books were read makes it miss
    update(_ACCOUNTS)
    .where(_ACCOUNTS.c.account == bindparam("of_account"))
    .where(_ACCOUNTS.c.next_number == bindparam("was_number"))
    .where(_ACCOUNTS.c.played_until == bindparam("was_played_until"))
    .values({name: bindparam(name) for name in ("cash", "played_until", "next_number")})
)
_CHANGE = (
    update(_ORDERS)
    .where(_ORDERS.c.account == bindparam("of_account"), _ORDERS.c.id == bindparam("of_id"))
    .values({name: bindparam(f"new_{name}") for name in _CHANGING})
)


@dataclass(slots=True)
class Till:
    """The account's money and the exchange's counters."""

    cash: Decimal
    multiplier: Decimal
    played_until: datetime
    next_number: int


class Ledger:
    """Reads and writes one account's books; every write is one transaction."""

    def __init__(self, db: Database, account: str) -> None:
        self._db = db
        self._account = account
        self._stored: tuple[int, datetime] | None = None  # by which a foreign write is noticed

    def open(self, opening: Till) -> Till:
        """Return the account's till, made with these amounts if it is new."""
        with self._db.write() as tx:
            row = tx.get(SimulatedAccount, self._account)
            if row is None:
                row = SimulatedAccount(
                    account=self._account,
                    cash=opening.cash,
                    multiplier=opening.multiplier,
                    played_until=opening.played_until,
                    next_number=opening.next_number,
                )
                tx.add(row)
        self._stored = row.next_number, row.played_until
        return Till(row.cash, row.multiplier, row.played_until, row.next_number)

    def orders(self, since: datetime) -> list[ExchangeOrder]:
        """Return the orders that are open or have changed since a moment, oldest first."""
        recent = SimulatedOrder.status.in_(OPEN) | (SimulatedOrder.updated_at >= since)
        with self._db.read() as tx:
            return [*map(_order, tx.scalars(self._orders().where(recent)))]

    def order(self, order_id: str) -> ExchangeOrder | None:
        """Return an order by the exchange's id."""
        return self._find(SimulatedOrder.id == order_id)

    def order_of_client(self, client_order_id: str) -> ExchangeOrder | None:
        """Return an order by its client's id."""
        return self._find(SimulatedOrder.client_order_id == client_order_id)

    def executions(self, since: datetime) -> list[Execution]:
        """Return the executions from a moment on, oldest first."""
        recent = self._executions().where(SimulatedExecution.filled_at >= since)
        with self._db.read() as tx:
            return [*map(_execution, tx.scalars(recent))]

    def every_execution(self) -> Iterator[Execution]:
        """Go through all executions, oldest first; there may be very many."""
        paged = self._executions().execution_options(yield_per=A_PAGE)
        with self._db.read() as tx:
            yield from map(_execution, tx.scalars(paged))

    def take_fault(self, symbol: str) -> tuple[str, float] | None:
        """Return the trouble that was asked for a symbol's next order, once."""
        with self._db.write() as tx:
            fault = tx.scalars(
                select(SimulatedFault)
                .where(SimulatedFault.account == self._account, ~SimulatedFault.used)
                .where(SimulatedFault.symbol == symbol)
                .order_by(SimulatedFault.id)
            ).first()
            if fault is None:
                return None
            fault.used = True
            return fault.kind, fault.amount

    def has_faults(self) -> bool:
        """Say whether any trouble is asked for."""
        with self._db.read() as tx:
            return tx.connection().execute(_FAULT, {"of": self._account}).first() is not None

    def save(
        self,
        till: Till,
        *,
        added: Sequence[ExchangeOrder] = (),
        changed: Iterable[ExchangeOrder] = (),
        executions: Sequence[tuple[int, Execution]] = (),
    ) -> None:
        """Write what happened, whole or not at all.

        Raises:
            NotTheEngineError: another process has written since these books were read.
        """
        with self._db.write() as tx:
            self._store(tx, till)
            if added:
                tx.connection().execute(_ADD_ORDERS, [self._row(order) for order in added])
            self._update_orders(tx, [order for order in changed if order not in added])
            if executions:
                tx.connection().execute(_ADD_EXECUTIONS, [self._fill(*e) for e in executions])
        self._stored = till.next_number, till.played_until

    def _store(self, tx: Transaction, till: Till) -> None:
        number, played_until = self._stored or (till.next_number, till.played_until)
        stored = tx.connection().execute(
            _STORE,
            {
                "of_account": self._account,
                "was_number": number,
                "was_played_until": played_until,
                "cash": till.cash,
                "played_until": till.played_until,
                "next_number": till.next_number,
            },
        )
        if not stored.rowcount:
            raise NotTheEngineError("the exchange's books were written by another engine")

    def _update_orders(self, tx: Transaction, orders: list[ExchangeOrder]) -> None:
        if not orders:
            return
        rows = [
            {"of_account": self._account, "of_id": o.id}
            | {f"new_{name}": getattr(o, name) for name in _CHANGING}
            for o in orders
        ]
        tx.connection().execute(_CHANGE, rows)

    def _orders(self) -> Select[SimulatedOrder]:
        ours = select(SimulatedOrder).where(SimulatedOrder.account == self._account)
        return ours.order_by(SimulatedOrder.number)

    def _executions(self) -> Select[SimulatedExecution]:
        ours = select(SimulatedExecution).where(SimulatedExecution.account == self._account)
        return ours.order_by(SimulatedExecution.number)

    def _find(self, wanted: ColumnElement[bool]) -> ExchangeOrder | None:
        with self._db.read() as tx:
            found = tx.scalar(self._orders().where(wanted))
        return _order(found) if found is not None else None

    def _row(self, order: ExchangeOrder) -> dict[str, Any]:
        return {"account": self._account} | {n: getattr(order, n) for n in _ORDER_FIELDS}

    def _fill(self, number: int, execution: Execution) -> dict[str, Any]:
        return {
            "account": self._account,
            "id": execution.execution_id,
            "number": number,
            "order_id": execution.broker_order_id,
            "client_order_id": execution.client_order_id,
            "symbol": execution.symbol,
            "side": execution.side,
            "quantity": execution.quantity,
            "price": execution.price,
            "filled_at": execution.filled_at,
        }


def _order(row: SimulatedOrder) -> ExchangeOrder:
    return ExchangeOrder(**{name: getattr(row, name) for name in _ORDER_FIELDS})


def _execution(row: SimulatedExecution) -> Execution:
    return Execution(
        execution_id=row.id,
        broker_order_id=row.order_id,
        client_order_id=row.client_order_id,
        symbol=row.symbol,
        side=row.side,
        quantity=row.quantity,
        price=row.price,
        filled_at=row.filled_at,
    )
