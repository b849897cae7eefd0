"""Strategy and risk settings: typed, bounded, stored as numbered versions."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from models.money import PLACES

Fraction = Annotated[Decimal, Field(gt=0, le=1)]


class RiskBasis(StrEnum):
    """What `risk_per_trade` is a fraction of."""

    EQUITY = "equity"
    SLOT = "slot"  # a max_positions-th of the equity: the study's reading


class StrategySettings(BaseModel):
    """What the opening-range strategy looks for (contracts, Trading semantics)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    top_n: Annotated[int, Field(ge=1, le=200, title="Candidates to trade")] = 20
    min_price: Annotated[Decimal, Field(ge=0, title="Lowest price ($)")] = Decimal("5.00")
    min_avg_volume: Annotated[int, Field(ge=0, title="Lowest average volume(14)")] = 1_000_000
    min_atr: Annotated[Decimal, Field(ge=0, title="Lowest ATR(14) ($)")] = Decimal("0.50")
    min_rvol: Annotated[float, Field(ge=0, allow_inf_nan=False, title="Lowest relative volume")] = (
        1.0
    )
    stop_atr_fraction: Annotated[Fraction, Field(title="Stop distance (part of ATR)")] = Decimal(
        "0.10"
    )
    tick_size: Annotated[
        Decimal, Field(ge=0, le=1, decimal_places=PLACES, title="Tick ($, 0 = do not round)")
    ] = Decimal("0.01")
    ran_away_fraction: Annotated[
        Decimal, Field(ge=0, title="Entry refused beyond this part of the stop distance")
    ] = Decimal("0.5")
    scan_patience: Annotated[
        int, Field(ge=0, le=300, title="Seconds to wait for late opening bars")
    ] = 20
    sessions_kept: Annotated[int, Field(ge=15, le=1000, title="Sessions of daily bars kept")] = 30


class RiskSettings(BaseModel):
    """How much the desk may lose, hold and borrow (features SAFE-4, SAFE-5)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    risk_per_trade: Annotated[Fraction, Field(title="Risk per trade")] = Decimal("0.01")
    risk_basis: Annotated[RiskBasis, Field(title="Risk per trade is a part of")] = RiskBasis.EQUITY
    max_leverage: Annotated[Decimal, Field(gt=0, le=4, title="Greatest leverage")] = Decimal(4)
    max_positions: Annotated[int, Field(ge=1, le=200, title="Most positions")] = 5
    max_notional: Annotated[Decimal | None, Field(gt=0, title="Most dollars in one symbol")] = None
    daily_loss_limit: Annotated[Fraction, Field(title="Daily loss limit")] = Decimal("0.05")
    shadow: Annotated[bool, Field(title="Shadow mode: record the orders, send none")] = False
    flatten_on_loss_limit: Annotated[bool, Field(title="Close everything at the limit")] = False
