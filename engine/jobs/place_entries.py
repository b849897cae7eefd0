"""Turn planned signals into protected entry orders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session as Transaction

from engine.actions.bookkeeping import open_trades
from engine.actions.control import control_states
from engine.actions.intents import Intent, StopIntent, intend
from engine.actions.trading import send, withdraw
from engine.actions.trading_settings import InForce, settings_in_force
from engine.actions.transitions import refuse_signal
from engine.desk import Desk
from engine.market_hours import Session
from engine.rules.risk import LATE_AFTER, Gate, check_entry, ran_away
from engine.rules.sizing import Purse, shares
from models.tables import rows
from models.trading import Order, Signal
from models.vocabulary import (
    OPEN_ORDER_STATUSES,
    Control,
    Mark,
    OrderPurpose,
    OrderStatus,
    OrderType,
    Refusal,
    SignalStatus,
)

_SIGNALS = rows(Signal)


def place_entries(desk: Desk) -> str | None:
    """Size and send the session's planned signals.

    1. Every signal is sized with the same purse, so their order does not matter.
    2. Each is refused with a code, or intended; all intents are one commit.
    3. Intended entries are sent one by one, those of a crashed run included. The kill switch is
       asked again before each.

    While entries are paused, planned signals wait; the price guard judges them when they go on.
    """
    session = desk.session()
    if session is None or desk.clock.now() < session.scan_at:
        return None
    with desk.db.read() as tx:
        planned = _planned(tx, desk, session)
        states = control_states(tx, session.opens_at)
    intended = _intend_all(desk, session, planned, states) if planned else 0
    sent = _send_all(desk, session)
    return f"intended {intended}, sent {sent} entries" if intended or sent else None


def _planned(tx: Transaction, desk: Desk, session: Session) -> Sequence[Signal]:
    return tx.scalars(
        select(Signal)
        .where(
            Signal.account == desk.account,
            Signal.session == session.day,
            Signal.status == SignalStatus.PLANNED,
        )
        .order_by(Signal.rank)
    ).all()


def _intend_all(
    desk: Desk, session: Session, planned: Sequence[Signal], states: Mapping[str, Control]
) -> int:
    if _only_paused(states) and desk.clock.now() < session.entries_until:
        return 0
    account = desk.broker.account()
    late = any(signal.late for signal in planned) or _is_late(desk, session)
    marks = desk.data.marks([s.symbol for s in planned])
    intents: list[Intent] = []
    with desk.db.write() as tx:
        inforce = settings_in_force(tx)
        occupied = _occupied(tx, desk)
        purse = Purse(
            equity=account.equity,
            buying_power=account.buying_power,
            free_slots=inforce.risk.max_positions - occupied,
        )
        for signal in planned:
            quantity = shares(signal.entry_level, signal.stop_distance, purse, inforce.risk)
            refusal = check_entry(
                Gate(
                    now=desk.clock.now(),
                    entries_until=session.entries_until,
                    states=states,
                    occupied=occupied + len(intents),
                    quantity=quantity,
                ),
                inforce.risk,
            ) or (_too_far(signal, marks.get(signal.symbol), inforce) if late else None)
            if refusal is not None:
                refuse_signal(tx, desk, signal.id, refusal)
                continue
            intents.append(_intent(desk, signal, quantity, inforce, marks.get(signal.symbol)))
            _submit_signal(tx, desk, signal, quantity)
        intend(tx, desk, intents)
    return len(intents)


def _only_paused(states: Mapping[str, Control]) -> bool:
    """Say whether nothing but a pause, which may end, stands against entries."""
    values = set(states.values())
    return Control.PAUSED in values and Control.HALTED not in values


def _is_late(desk: Desk, session: Session) -> bool:
    return desk.clock.now() - session.scan_at > LATE_AFTER


def _too_far(signal: Signal, mark: Mark | None, inforce: InForce) -> Refusal | None:
    if mark is None:
        return None
    return ran_away(
        signal.side,
        signal.entry_level,
        mark.price,
        signal.stop_distance,
        inforce.strategy.ran_away_fraction,
    )


def _occupied(tx: Transaction, desk: Desk) -> int:
    """Count open positions and entries that may become one."""
    trades = {trade.symbol for trade in open_trades(tx, desk)}
    entries = set(
        tx.scalars(
            select(Order.symbol).where(
                Order.account == desk.account,
                Order.purpose == OrderPurpose.ENTRY,
                Order.status.in_(OPEN_ORDER_STATUSES),
            )
        )
    )
    return len(trades | entries)


def _intent(
    desk: Desk, signal: Signal, quantity: int, inforce: InForce, mark: Mark | None
) -> Intent:
    attaches = desk.broker.attaches(signal.side, signal.planned_stop, mark)
    attached = StopIntent(stop_price=signal.planned_stop, offset=signal.stop_distance)
    return Intent(
        session=signal.session,
        symbol=signal.symbol,
        purpose=OrderPurpose.ENTRY,
        side=signal.side.entry,
        type=OrderType.STOP,
        quantity=quantity,
        stop_price=signal.entry_level,
        tick_size=inforce.strategy.tick_size,
        signal_id=signal.id,
        attached=attached if attaches else None,
        correlation_id=signal.correlation_id,
    )


def _submit_signal(tx: Transaction, desk: Desk, signal: Signal, quantity: int) -> None:
    tx.execute(
        update(_SIGNALS)
        .where(_SIGNALS.c.id == signal.id)
        .values(quantity=quantity, status=SignalStatus.SUBMITTED, updated_at=desk.clock.now())
    )


def _send_all(desk: Desk, session: Session) -> int:
    with desk.db.read() as tx:
        waiting = tx.scalars(
            select(Order)
            .where(
                Order.account == desk.account,
                Order.purpose == OrderPurpose.ENTRY,
                Order.status == OrderStatus.INTENDED,
            )
            .order_by(Order.id)
        ).all()
    if desk.clock.now() >= session.entries_until:
        withdraw(desk, waiting, "too_late", "The session's entries have ended.")
        return 0
    for order in waiting:
        send(desk, order)
    return len(waiting)
