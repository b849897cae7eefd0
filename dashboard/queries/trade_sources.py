"""What a trade's figures were made of, as far as it is stored: settings, account, usual volume."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from engine.desk import Desk
from engine.rules.scan import OPENING_MINUTES
from models.accounts import AccountSnapshot
from models.market_data import OpeningRange, UniverseRow
from models.people import SettingsVersion
from models.trading import Order, Signal, Trade
from models.trading_settings import RiskSettings
from models.vocabulary import RvolBasis, SettingsKind

DEFAULTS = 0  # the version before the first that was stored


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountThen:
    """The account as it was last recorded before an order was sized."""

    at: datetime
    equity: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What a trade's size and its relative volume were made of; None: not kept."""

    risk: RiskSettings | None
    risk_version: int | None
    is_of_order: bool  # else the settings are of the signal: those of the order are not known
    account: AccountThen | None
    usual_volume: float | None  # of the opening range


def sources_of(
    tx: Transaction, desk: Desk, trade: Trade, signal: Signal | None, entry: Order | None
) -> Sources:
    """Return the sources of a trade: its size is of when its entry was intended."""
    known = entry.risk_version if entry else None
    version = known if known is not None else signal.risk_version if signal else None
    return Sources(
        risk=_risk(tx, version) if version is not None else None,
        risk_version=version,
        is_of_order=known is not None,
        account=_account(tx, trade, entry.intended_at) if entry else None,
        usual_volume=_usual_volume(tx, desk, trade),
    )


def _risk(tx: Transaction, version: int) -> RiskSettings | None:
    if version == DEFAULTS:
        return RiskSettings()
    row = tx.scalar(
        select(SettingsVersion).where(
            SettingsVersion.kind == SettingsKind.RISK, SettingsVersion.version == version
        )
    )
    return RiskSettings.model_validate(row.body) if row else None


def _account(tx: Transaction, trade: Trade, until: datetime) -> AccountThen | None:
    row = tx.scalar(
        select(AccountSnapshot)
        .where(
            AccountSnapshot.account == trade.account,
            AccountSnapshot.session == trade.session,
            AccountSnapshot.at <= until,
        )
        .order_by(AccountSnapshot.at.desc())
        .limit(1)
    )
    return AccountThen(at=row.at, equity=row.equity) if row else None


def _usual_volume(tx: Transaction, desk: Desk, trade: Trade) -> float | None:
    """Return what the opening volume was divided by (engine.rules.scan.relative_volume)."""
    found = tx.get(OpeningRange, (trade.session, trade.symbol))
    if found is None or found.rvol_basis is None:
        return None
    if found.rvol_basis is RvolBasis.OPENING_RANGE:
        numbers = tx.get(UniverseRow, (trade.session, trade.symbol))
        return numbers.mean_opening_volume14 if numbers else None
    session = desk.hours.session_on(trade.session)
    if session is None or found.avg_volume14 is None:
        return None
    return found.avg_volume14 * OPENING_MINUTES / session.minutes
