"""What stands against an entry: each refusal with its code, in its order."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.rules.risk import Gate, blocked_by_control, check_entry, loss_limit_reached, ran_away
from models.trading_settings import RiskSettings
from models.vocabulary import Control, Side, TradingMode

FLATTEN_AT = datetime(2026, 11, 20, 20, 55, tzinfo=UTC)
ACTIVE, PAUSED, HALTED = Control
LIMIT = RiskSettings(max_positions=5)


def gate(**changes: Any) -> Gate:
    """A gate that lets an entry pass, unless said otherwise."""
    given: dict[str, Any] = {
        "now": FLATTEN_AT - timedelta(seconds=1),
        "entries_until": FLATTEN_AT,
        "states": {},
        "mode": TradingMode.SIMULATED,
        "occupied": 4,
        "quantity": 1,
    }
    return Gate(**given | changes)


def code(**changes: Any) -> str | None:
    refusal = check_entry(gate(**changes), LIMIT)
    return refusal.code if refusal else None


def test_an_entry_that_nothing_stands_against_may_be_sent() -> None:
    assert code() is None


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"states": {"all": HALTED}}, "halted"),
        ({"states": {"all": PAUSED}}, "paused"),
        ({"states": {"entry": PAUSED}}, "paused"),
        ({"states": {"daily_loss": PAUSED}}, "daily_loss"),
        ({"now": FLATTEN_AT}, "too_late"),
        ({"now": FLATTEN_AT + timedelta(hours=1)}, "too_late"),
        ({"occupied": 5}, "max_positions"),
        ({"occupied": 6}, "max_positions"),
        ({"quantity": 0}, "size"),
        ({"mode": TradingMode.LIVE}, "live_not_confirmed"),
        ({"mode": TradingMode.LIVE, "states": {"live": PAUSED}}, "live_not_confirmed"),
    ],
)
def test_each_refusal_has_its_code(changes: dict[str, Any], expected: str) -> None:
    assert code(**changes) == expected


@pytest.mark.parametrize(
    "states",
    [
        {"all": ACTIVE, "entry": ACTIVE, "daily_loss": ACTIVE},
        {"exit": PAUSED},
        {"live": PAUSED},
        {"bot:dipper": PAUSED},
    ],
)
def test_what_is_not_about_entries_does_not_stop_them(states: dict[str, Control]) -> None:
    assert code(states=states) is None


def test_live_entries_pass_once_live_is_confirmed() -> None:
    assert code(mode=TradingMode.LIVE, states={"live": ACTIVE}) is None


@given(
    st.dictionaries(st.sampled_from(["all", "entry", "exit", "bot:x"]), st.sampled_from(Control))
)
def test_a_kill_of_any_scope_stops_every_entry(states: dict[str, Control]) -> None:
    refusal = blocked_by_control(states | {"bot:y": HALTED})
    assert refusal is not None
    assert refusal.code == "halted"


def test_the_kill_switch_is_named_before_anything_else() -> None:
    everything = {"all": PAUSED, "entry": HALTED, "daily_loss": PAUSED}
    assert code(states=everything, occupied=9, quantity=0) == "halted"


def test_a_refusal_says_the_figures() -> None:
    refusal = check_entry(gate(occupied=7), LIMIT)
    assert refusal is not None
    assert refusal.sentence == "7 positions and working entries: the limit is 5."


# ---------------------------------------------------------------------------- late entries
@pytest.mark.parametrize(
    ("side", "price", "code_"),
    [
        (Side.LONG, "100.05", None),  # half of the distance: just allowed
        (Side.LONG, "100.050001", "ran_away"),
        (Side.LONG, "99", None),  # has not reached the level yet
        (Side.SHORT, "99.95", None),
        (Side.SHORT, "99.949999", "ran_away"),
        (Side.SHORT, "101", None),
    ],
)
def test_a_late_entry_is_refused_when_the_price_has_run(
    side: Side, price: str, code_: str | None
) -> None:
    refusal = ran_away(side, Decimal(100), Decimal(price), Decimal("0.10"), Decimal("0.5"))
    assert (refusal.code if refusal else None) == code_


# ---------------------------------------------------------------------------- the loss limit
@pytest.mark.parametrize(
    ("equity", "reached"), [("95000.000001", False), ("95000", True), ("0", True), ("-1", True)]
)
def test_the_loss_limit_is_reached_at_its_fraction(equity: str, reached: bool) -> None:  # noqa: FBT001
    assert loss_limit_reached(Decimal(100_000), Decimal(equity), Decimal("0.05")) is reached
