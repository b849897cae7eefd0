"""What may be sent: the checks before every entry, each with a code and a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from engine.rules import amounts
from models.broker import Refusal
from models.trading_settings import RiskSettings
from models.vocabulary import Control, ControlScope, Side, TradingMode

LATE_AFTER = timedelta(seconds=60)  # past the scan: prices may have run, so they are looked at
LIVE = "live"  # the scope that says that real money may be traded
DAILY_LOSS = "daily_loss"  # the scope that the loss limit pauses, until the next session


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What the desk knows when an entry asks to pass."""

    now: datetime
    entries_until: datetime
    states: Mapping[str, Control]  # by scope
    mode: TradingMode
    occupied: int  # open positions and working entries
    quantity: int


def blocked_by_control(
    states: Mapping[str, Control], mode: TradingMode = TradingMode.SIMULATED
) -> Refusal | None:
    """Say whether a kill switch or pause stands against new entries, or live is not confirmed."""
    if mode is TradingMode.LIVE and states.get(LIVE) is not Control.ACTIVE:
        return Refusal("live_not_confirmed", "Live trading has not been confirmed.")
    if Control.HALTED in states.values():
        return Refusal("halted", "The kill switch is on: nothing new is sent.")
    if states.get(DAILY_LOSS, Control.ACTIVE) is not Control.ACTIVE:
        return Refusal("daily_loss", "The daily loss limit is reached: no more entries today.")
    for scope in (ControlScope.ALL, ControlScope.ENTRY):
        if states.get(scope, Control.ACTIVE) is not Control.ACTIVE:
            return Refusal("paused", f"Entries are paused (scope {scope}).")
    return None


def check_entry(gate: Gate, risk: RiskSettings) -> Refusal | None:
    """Return why an entry may not be sent, None if it may."""
    if refusal := blocked_by_control(gate.states, gate.mode):
        return refusal
    if gate.now >= gate.entries_until:
        return Refusal("too_late", "No entries in the last five minutes of the session.")
    if gate.occupied >= risk.max_positions:
        return Refusal(
            "max_positions",
            f"{gate.occupied} positions and working entries: the limit is {risk.max_positions}.",
        )
    if gate.quantity < 1:
        return Refusal("size", "Risk, leverage and buying power leave no whole share.")
    return None


def ran_away(
    side: Side, level: Decimal, price: Decimal, stop_distance: Decimal, fraction: Decimal
) -> Refusal | None:
    """Refuse an entry whose price has already run beyond its level by part of the stop distance.

    Only for entries that are placed late; at 9:35 the opening range has just ended.
    """
    beyond = side.sign * (price - level)
    if beyond <= fraction * stop_distance:
        return None
    sentence = (
        f"The price {amounts.price(price)} is {amounts.price(beyond)} beyond the entry level "
        f"{amounts.price(level)}."
    )
    return Refusal("ran_away", sentence)


def loss_limit_reached(starting_equity: Decimal, equity: Decimal, limit: Decimal) -> bool:
    """Say whether the day's loss has reached its limit, a fraction of the starting equity."""
    return equity <= starting_equity * (1 - limit)
