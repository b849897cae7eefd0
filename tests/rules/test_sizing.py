"""How many shares: by risk, leverage, buying power and the most dollars in one symbol."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.rules.sizing import Purse, shares
from models.trading_settings import RiskBasis, RiskSettings

RISK = RiskSettings()
MONEY = st.integers(1, 10**7).map(Decimal)
CENTS = st.integers(1, 10**6).map(lambda cents: Decimal(cents) / 100)


def purse(equity: int = 100_000, buying_power: int = 400_000, free_slots: int = 5) -> Purse:
    return Purse(equity=Decimal(equity), buying_power=Decimal(buying_power), free_slots=free_slots)


def size(level: str, distance: str, given: Purse | None = None, risk: RiskSettings = RISK) -> int:
    return shares(Decimal(level), Decimal(distance), given or purse(), risk)


def test_a_stop_costs_a_hundredth_of_the_equity() -> None:
    assert size("10", "1") == 1000


def test_a_near_stop_is_capped_by_the_leverage_of_a_slot() -> None:
    assert size("50", "0.05") == 1600  # 4 x 100,000 / 5 / 50


def test_shares_are_whole_and_rounded_down() -> None:
    assert size("10", "1.0001") == 999


def test_a_slot_risks_a_part_of_the_part() -> None:
    slot = RiskSettings(risk_basis=RiskBasis.SLOT)
    assert size("10", "1", risk=slot) == 200


def test_buying_power_is_shared_among_the_free_slots() -> None:
    assert size("10", "0.1", purse(buying_power=10_000, free_slots=2)) == 500


def test_no_symbol_gets_more_dollars_than_it_may() -> None:
    assert size("10", "0.1", risk=RiskSettings(max_notional=Decimal(4_999))) == 499


@pytest.mark.parametrize(
    ("level", "distance", "given"),
    [
        ("10", "0", purse()),
        ("0", "1", purse()),
        ("10", "1", purse(equity=0)),
        ("10", "1", purse(equity=-5)),
        ("10", "1", purse(buying_power=0)),
        ("10", "1", purse(buying_power=-100)),
        ("10", "1", purse(free_slots=0)),
        ("500000", "1", purse()),
    ],
)
def test_where_nothing_can_be_bought_the_size_is_zero(
    level: str, distance: str, given: Purse
) -> None:
    assert size(level, distance, given) == 0


PURSES = st.builds(Purse, equity=MONEY, buying_power=MONEY, free_slots=st.integers(1, 5))


@given(CENTS, CENTS, PURSES, st.sampled_from(RiskBasis))
def test_no_size_breaks_a_limit(
    level: Decimal, distance: Decimal, given: Purse, basis: RiskBasis
) -> None:
    risk = RiskSettings(risk_basis=basis)
    count = shares(level, distance, given, risk)
    assert count * distance <= risk.risk_per_trade * given.equity
    assert count * level * risk.max_positions <= risk.max_leverage * given.equity
    assert count * level * given.free_slots <= given.buying_power
