"""What is wrong with a setting is told in sentences, each naming its field and its bounds."""

import pytest
from pydantic import BaseModel, Field, ValidationError, model_validator

from engine.actions.trading_settings import MODELS, problems
from engine.rules.settings_sentences import bounds, sentences
from models.trading_settings import RiskSettings, StrategySettings
from models.vocabulary import SettingsKind

RISK, STRATEGY = SettingsKind.RISK, SettingsKind.STRATEGY
TIMES = "\N{MULTIPLICATION SIGN}"


@pytest.mark.parametrize(
    ("kind", "name", "value", "sentence"),
    [
        (
            *(RISK, "risk_per_trade", "2"),
            "Risk per trade must be more than 0 % and at most 100 % (0.01 is 1 %).",
        ),
        (
            *(RISK, "risk_per_trade", ""),
            "Risk per trade must be a number, more than 0 % and at most 100 % (0.01 is 1 %).",
        ),
        (
            *(RISK, "max_leverage", "5"),
            f"Greatest leverage must be more than 0{TIMES} and at most 4{TIMES}.",
        ),
        (
            *(RISK, "max_notional", "-1"),
            "Most dollars in one symbol must be more than $0, or empty for none.",
        ),
        (RISK, "risk_basis", "cash", "Risk per trade is a part of cannot be this: choose another."),
        (RISK, "max_positions", "1.5", "Most positions must be a whole number between 1 and 200."),
        (STRATEGY, "min_price", "-3", "Lowest price must be at least $0."),
        (STRATEGY, "min_price", "NaN", "Lowest price must be a number, at least $0."),
        (STRATEGY, "tick_size", "2", "Tick must be between $0 and $1."),
        (STRATEGY, "tick_size", "0.0000001", "Tick can have at most 6 decimal places."),
        (STRATEGY, "min_avg_volume", "-1", "Lowest average volume(14) must be at least 0 shares."),
        (
            *(STRATEGY, "scan_patience", "301"),
            "Seconds to wait for late opening bars must be between 0 and 300 seconds.",
        ),
    ],
)
def test_a_sentence_names_the_field_and_its_bounds_with_units(
    kind: SettingsKind, name: str, value: str, sentence: str
) -> None:
    assert problems(kind, {name: value}) == [sentence]


def test_a_rule_of_alerts_is_named_by_what_it_is_about() -> None:
    wanted = {"rules": {"not_flat": {"warning_throttle": "-5"}}}
    assert problems(SettingsKind.ALERTS, wanted) == [
        "Not flat: seconds between warnings about the same must be between 0 and 86,400 seconds."
    ]


def test_no_sentence_is_in_the_words_of_a_library() -> None:
    """Whatever is wrong with any field of any form."""
    for kind, model in MODELS.items():
        for name in model.model_fields:
            for value in ("x", "", "-1", "1e99", None, [1], "0.12345678901"):
                for sentence in problems(kind, {name: value}):
                    assert "nput" not in sentence
                    assert sentence.endswith(".")


def test_every_number_of_the_forms_says_what_it_may_be() -> None:
    for model in (StrategySettings, RiskSettings):
        for name, about in model.model_fields.items():
            is_number = about.annotation not in {bool, None} and about.metadata
            assert bool(bounds(name, about)) == bool(is_number)


class Range(BaseModel):
    """Settings of which one depends on another."""

    least: int = Field(0, ge=0, le=9, title="Least")
    most: int = Field(5, title="Most")

    @model_validator(mode="after")
    def _in_order(self) -> "Range":
        if self.least > self.most:
            raise ValueError("the least is more than the most")
        return self


def test_what_is_wrong_with_several_values_together_is_said_in_its_own_words() -> None:
    with pytest.raises(ValidationError) as caught:
        Range(least=7)
    assert sentences(Range, caught.value) == ["The least is more than the most."]


def test_only_the_last_of_two_bounds_has_a_unit_behind_it() -> None:
    both = {
        "stop_atr_fraction": "between 0 and 900 % (0.01 is 1 %)",
        "tick_size": "between $0 and $9",
    }
    about = Range.model_fields["least"]
    assert {name: bounds(name, about) for name in both} == both
