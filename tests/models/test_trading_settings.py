"""Strategy and risk settings: what no desk may be set to."""

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from models.trading_settings import RiskSettings, StrategySettings


def test_the_defaults_are_those_of_the_study() -> None:
    strategy, risk = StrategySettings(), RiskSettings()
    assert (strategy.top_n, strategy.stop_atr_fraction) == (20, Decimal("0.10"))
    assert (risk.risk_per_trade, risk.max_positions, risk.max_leverage) == (
        Decimal("0.01"),
        5,
        Decimal(4),
    )


@pytest.mark.parametrize(
    "value",
    [
        {"top_n": 0},
        {"min_price": -1},
        {"min_rvol": "nan"},
        {"min_rvol": "inf"},
        {"stop_atr_fraction": 0},
        {"tick_size": "-0.01"},
        {"tick_size": "0.0000001"},  # could not be stored with an order
        {"tick": "0.01"},
    ],
)
def test_a_strategy_without_sense_is_refused(value: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        StrategySettings(**value)


@pytest.mark.parametrize(
    "value",
    [
        {"risk_per_trade": 0},
        {"risk_per_trade": "1.01"},
        {"max_leverage": "4.01"},
        {"max_positions": 0},
        {"max_notional": 0},
        {"daily_loss_limit": 0},
        {"risk_basis": "luck"},
    ],
)
def test_a_risk_without_sense_is_refused(value: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        RiskSettings(**value)


def test_settings_do_not_change_under_the_engine() -> None:
    with pytest.raises(ValidationError):
        RiskSettings().max_positions = 100  # type: ignore[misc]


def test_a_tick_of_zero_turns_rounding_off() -> None:
    assert StrategySettings(tick_size=Decimal(0)).tick_size == 0
