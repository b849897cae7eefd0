"""Turn planned signals into protected entry orders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import bindparam, exists, select, update
from sqlalchemy.orm import Session as Transaction

from engine.actions.bookkeeping import open_trades
from engine.actions.broker_trouble import account_troubles, is_skewed, other_account_troubles
from engine.actions.control import control_states
from engine.actions.foreign import foreign_symbols
from engine.actions.intents import Intent, StopIntent, intend
from engine.actions.trading_settings import settings_in_force
from engine.actions.transitions import refuse_signal
from engine.actions.waiting_entries import IS_WAITING, judge_price, send_waiting
from engine.desk import Desk
from engine.market_hours import Session
from engine.rules.amounts import price
from engine.rules.risk import LATE_AFTER, Gate, check_entry
from engine.rules.sizing import Purse, shares
from models.broker import AccountState, Mark, Refusal
from models.reconciliation import DifferenceRow
from models.statuses import OPEN_ORDER_STATUSES
from models.tables import rows
from models.trading import Order, Signal
from models.vocabulary import (
    Control,
    DifferenceStatus,
    OrderPurpose,
    OrderType,
    Side,
    SignalStatus,
    TradingMode,
)

_SIGNALS = rows(Signal)
_IS_PLANNED = (
    _SIGNALS.c.account == bindparam("account"),
    _SIGNALS.c.session == bindparam("session"),
    _SIGNALS.c.status == SignalStatus.PLANNED,
)
_ANYTHING = select(exists().where(*_IS_PLANNED) | exists().where(*IS_WAITING))
_PLANNED = select(Signal).where(*_IS_PLANNED).order_by(_SIGNALS.c.rank)


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
        if not tx.scalar(_ANYTHING, {"account": desk.account, "session": session.day}):
            return None
        planned = _planned(tx, desk, session)
    intended = _intend_all(desk, session, planned) if planned else 0
    sent = send_waiting(desk, session)
    return f"intended {intended}, sent {sent} entries" if intended or sent else None


def _planned(tx: Transaction, desk: Desk, session: Session) -> Sequence[Signal]:
    return tx.scalars(_PLANNED, {"account": desk.account, "session": session.day}).all()


def _intend_all(desk: Desk, session: Session, planned: Sequence[Signal]) -> int:
    with desk.db.read() as tx:
        states = control_states(tx, session.opens_at)
    if _must_wait(desk, states) and desk.clock.now() < session.entries_until:
        return 0
    account, skew = desk.broker.account(), desk.broker.clock_skew()
    marks = desk.data.marks([signal.symbol for signal in planned])
    intents: list[Intent] = []
    desk.lease.renew()  # each of these answers may have been waited for
    with desk.db.write() as tx:
        round_ = _Round(tx, desk, session, states, _Broker(account, skew), marks)
        for signal in planned:
            quantity = shares(
                signal.entry_level, signal.stop_distance, round_.purse, round_.inforce.risk
            )
            refusal = round_.refusal(signal, quantity, taken=len(intents))
            if refusal is not None:
                refuse_signal(tx, desk, signal.id, refusal)
                continue
            intents.append(_intent(desk, signal, quantity, round_))
        _submit_signals(tx, desk, intents)
        intend(tx, desk, intents, round_.inforce)
    return len(intents)


@dataclass(frozen=True, slots=True)
class _Broker:
    """What the broker says of itself at the time."""

    account: AccountState
    skew: timedelta

    def refusal(self, side: Side, speed: float) -> Refusal | None:
        """Return why it cannot be trusted with an entry, None if it can."""
        if trouble := next(account_troubles("The broker", self.account), None):
            return trouble
        if is_skewed(self.skew, speed):
            seconds = self.skew.total_seconds()
            return Refusal("clock_skew", f"The broker's clock differs by {seconds:.1f} seconds.")
        if side is Side.SHORT and not self.account.shorting_enabled:
            return Refusal("no_shorting", "The account may not sell short.")
        return None


class _Round:
    """What one round of entries is judged by: the same for every signal."""

    def __init__(
        self,
        tx: Transaction,
        desk: Desk,
        session: Session,
        states: Mapping[str, Control],
        broker: _Broker,
        marks: Mapping[str, Mark],
    ) -> None:
        self.inforce = settings_in_force(tx)
        self.marks = marks
        self._now = desk.clock.now()
        self._session = session
        self._states = states
        self._mode = desk.mode
        self._speed = desk.clock.speed
        self._broker = broker
        self._occupied = occupied(tx, desk)
        self._foreign = foreign_symbols(tx, desk)
        self.purse = Purse(
            equity=broker.account.equity,
            buying_power=broker.account.buying_power,
            free_slots=self.inforce.risk.max_positions - self._occupied,
        )

    def refusal(self, signal: Signal, quantity: int, *, taken: int) -> Refusal | None:
        """Return why a signal may not be followed, None if it may."""
        if refusal := self._broker.refusal(signal.side, self._speed):
            return refusal
        if signal.symbol in self._foreign:
            return Refusal("foreign", "The account holds or trades this symbol for somebody else.")
        gate = Gate(
            now=self._now,
            entries_until=self._session.entries_until,
            states=self._states,
            mode=self._mode,
            occupied=self._occupied + taken,
            quantity=quantity,
        )
        refusal = check_entry(gate, self.inforce.risk) or self._ran_away(signal)
        return refusal or (_shadow(signal, quantity) if self.inforce.risk.shadow else None)

    def _ran_away(self, signal: Signal) -> Refusal | None:
        late = signal.late or self._now - self._session.scan_at > LATE_AFTER
        mark = self.marks.get(signal.symbol)
        if not late or mark is None:
            return None
        return judge_price(signal, mark, self.inforce.strategy.ran_away_fraction)


def _shadow(signal: Signal, quantity: int) -> Refusal:
    """Say what would have been sent, instead of sending it."""
    return Refusal(
        "shadow",
        f"Shadow mode: it would have sent {signal.side.entry} {quantity:,} at "
        f"{price(signal.entry_level)} with a stop at {price(signal.planned_stop)}.",
    )


def _must_wait(desk: Desk, states: Mapping[str, Control]) -> bool:
    """Say whether something that may end stands against entries.

    That is a pause, a difference, or positions of the account that was traded before.
    """
    with desk.db.read() as tx:
        unexplained = tx.execute(
            select(DifferenceRow.id)
            .where(
                DifferenceRow.account == desk.account,
                DifferenceRow.status == DifferenceStatus.OPEN,
            )
            .limit(1)
        ).first()
    switched = desk.mode is not TradingMode.SIMULATED and any(other_account_troubles(desk))
    return unexplained is not None or switched or _only_paused(states)


def _only_paused(states: Mapping[str, Control]) -> bool:
    """Say whether nothing but a pause, which may end, stands against entries."""
    values = set(states.values())
    return Control.PAUSED in values and Control.HALTED not in values


def occupied(tx: Transaction, desk: Desk) -> int:
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


def _intent(desk: Desk, signal: Signal, quantity: int, round_: _Round) -> Intent:
    mark = round_.marks.get(signal.symbol)
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
        tick_size=round_.inforce.strategy.tick_size,
        signal_id=signal.id,
        attached=attached if attaches else None,
        correlation_id=signal.correlation_id,
    )


def _submit_signals(tx: Transaction, desk: Desk, intents: Sequence[Intent]) -> None:
    if not intents:
        return
    tx.connection().execute(
        update(_SIGNALS)
        .where(_SIGNALS.c.id == bindparam("of_id"))
        .values(
            quantity=bindparam("shares"),
            status=SignalStatus.SUBMITTED,
            updated_at=desk.clock.now(),
        ),
        [{"of_id": intent.signal_id, "shares": intent.quantity} for intent in intents],
    )
