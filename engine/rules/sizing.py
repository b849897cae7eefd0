"""How many shares: the same whatever the order in which symbols are looked at."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

from models.trading_settings import RiskBasis, RiskSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Purse:
    """What there is to size with. `free_slots` is how many more positions may be opened."""

    equity: Decimal
    buying_power: Decimal
    free_slots: int


def shares(level: Decimal, stop_distance: Decimal, purse: Purse, risk: RiskSettings) -> int:
    """Return the size of an entry (contracts, Size); 0 means: refuse with code `size`.

    Buying power is shared evenly among the free slots, so no symbol's size depends on which
    others were sized before it.
    """
    if level <= 0 or stop_distance <= 0 or purse.free_slots < 1 or purse.equity <= 0:
        return 0
    part = Decimal(risk.max_positions if risk.risk_basis is RiskBasis.SLOT else 1)
    caps = [
        risk.risk_per_trade * purse.equity / part / stop_distance,
        risk.max_leverage * purse.equity / risk.max_positions / level,
        purse.buying_power / purse.free_slots / level,
    ]
    if risk.max_notional is not None:
        caps.append(risk.max_notional / level)
    return max(0, int(min(caps).to_integral_value(rounding=ROUND_FLOOR)))
