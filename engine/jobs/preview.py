"""What a scan would find now, and the orders that would follow: nothing is stored or sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session as Transaction

from engine.actions.control import control_states
from engine.actions.foreign import foreign_symbols
from engine.actions.trading_settings import InForce, settings_in_force
from engine.desk import Desk
from engine.errors import InvalidRequestError
from engine.jobs.place_entries import occupied
from engine.jobs.scan_opening_range import is_scanned, judge, load_universe, planned_signal
from engine.market_hours import Session, new_york_clock
from engine.rules.risk import Gate, check_entry
from engine.rules.sizing import Purse, shares
from models.accounts import AccountNow
from models.broker import Refusal
from models.trading import Signal
from models.vocabulary import Control, Side


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewOrder:
    """One entry that would be sent, or the rule that would keep it back."""

    rank: int
    symbol: str
    side: Side
    rvol: float
    entry_level: Decimal
    planned_stop: Decimal
    quantity: int
    risk: Decimal  # what the stop would cost
    value: Decimal
    code: str | None
    sentence: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What would happen now."""

    session: Session
    at: datetime
    feed: str
    is_final: bool  # the opening range is over
    is_scanned: bool  # today's scan is stored: another would change nothing
    looked_at: int
    ranked: int
    stale: int
    equity: Decimal | None  # as last read; None: sizes are not known
    orders: Sequence[PreviewOrder]

    @property
    def sent(self) -> int:
        """Return how many orders would go out."""
        return sum(order.code is None for order in self.orders)


def preview(desk: Desk) -> Preview:
    """Judge the opening range as it is now and size what passes, as the engine would.

    What only the broker can say at that moment is not asked: prices that ran away from a late
    entry, its clock, whether the account may sell short.

    Raises:
        InvalidRequestError: there is nothing to scan now.
    """
    session = _session(desk)
    now = desk.clock.now()
    with desk.db.read() as tx:
        universe, inforce = load_universe(tx, session), settings_in_force(tx)
        scanned = is_scanned(tx, session)
    if not universe.symbols:
        raise InvalidRequestError(
            f"there are no numbers for {session.day} yet: they are made of the bars of the "
            "sessions before, so sync first"
        )
    looked = judge(desk, session, universe, inforce.strategy)
    signals = [planned_signal(desk, session, row, inforce, late=False) for row in looked.signals()]
    with desk.db.read() as tx:
        account = tx.get(AccountNow, desk.account)
        orders = _Sizing(tx, desk, session, inforce, account).orders(signals)
    return Preview(
        session=session,
        at=now,
        feed=desk.data.feed,
        is_final=now >= session.scan_at,
        is_scanned=scanned,
        looked_at=len(looked),
        ranked=int((looked.ranks > 0).sum()),
        stale=int(looked.failures["stale"].sum()),
        equity=account.equity if account else None,
        orders=orders,
    )


def _session(desk: Desk) -> Session:
    session = desk.session()
    if session is None:
        raise InvalidRequestError("there is no trading today")
    if desk.clock.now() <= session.opens_at:
        opens = new_york_clock(session.opens_at)
        raise InvalidRequestError(f"there is no opening range yet: it begins at {opens} New York")
    return session


class _Sizing:
    """What every order of one preview is sized and judged by."""

    def __init__(
        self,
        tx: Transaction,
        desk: Desk,
        session: Session,
        inforce: InForce,
        account: AccountNow | None,
    ) -> None:
        self._now = desk.clock.now()
        self._mode = desk.mode
        self._session = session
        self._risk = inforce.risk
        self._states: dict[str, Control] = control_states(tx, session.opens_at)
        self._occupied = occupied(tx, desk)
        self._foreign = foreign_symbols(tx, desk)
        self._purse = None if account is None else self._filled(account)

    def orders(self, signals: Sequence[Signal]) -> list[PreviewOrder]:
        """Size signals by rank; each that passes takes a place from those after it."""
        made: list[PreviewOrder] = []
        for signal in signals:
            taken = sum(order.code is None for order in made)
            made.append(self._order(signal, taken))
        return made

    def _filled(self, account: AccountNow) -> Purse:
        return Purse(
            equity=account.equity,
            buying_power=account.buying_power,
            free_slots=self._risk.max_positions - self._occupied,
        )

    def _order(self, signal: Signal, taken: int) -> PreviewOrder:
        quantity = (
            shares(signal.entry_level, signal.stop_distance, self._purse, self._risk)
            if self._purse
            else 0
        )
        refusal = self._refusal(signal, quantity, taken)
        return PreviewOrder(
            rank=signal.rank,
            symbol=signal.symbol,
            side=signal.side,
            rvol=signal.rvol,
            entry_level=signal.entry_level,
            planned_stop=signal.planned_stop,
            quantity=quantity,
            risk=signal.stop_distance * quantity,
            value=signal.entry_level * quantity,
            code=refusal.code if refusal else None,
            sentence=refusal.sentence if refusal else None,
        )

    def _refusal(self, signal: Signal, quantity: int, taken: int) -> Refusal | None:
        if self._purse is None:
            return Refusal("account_unreadable", "The account has not been read yet.")
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
        if refusal := check_entry(gate, self._risk):
            return refusal
        shadow = Refusal("shadow", "Shadow mode: it would be written down, and not sent.")
        return shadow if self._risk.shadow else None
