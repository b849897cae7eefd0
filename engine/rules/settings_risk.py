"""Which changes of the risk settings let the desk lose more than before."""

from __future__ import annotations

from decimal import Decimal

from models.trading_settings import RiskBasis, RiskSettings

MORE_IS_RISKIER = ("risk_per_trade", "max_leverage", "max_positions", "daily_loss_limit")
SAFEGUARDS = ("shadow", "flatten_on_loss_limit")  # on is safer
NO_LIMIT = Decimal("Infinity")


def risk_rises(before: RiskSettings, after: RiskSettings) -> frozenset[str]:
    """Return the names of the settings whose change raises the risk."""
    raised = {name for name in MORE_IS_RISKIER if getattr(after, name) > getattr(before, name)}
    raised |= {name for name in SAFEGUARDS if getattr(before, name) and not getattr(after, name)}
    if (after.max_notional or NO_LIMIT) > (before.max_notional or NO_LIMIT):
        raised.add("max_notional")
    if before.risk_basis is RiskBasis.SLOT and after.risk_basis is RiskBasis.EQUITY:
        raised.add("risk_basis")
    return frozenset(raised)
