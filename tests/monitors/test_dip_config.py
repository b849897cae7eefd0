"""`config.py` is read and never run; secrets and computed values are named alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.monitors.dip_config import UnreadableConfigError, read_config


def test_plain_values_are_told_wherever_they_stand() -> None:
    text = "A = 1\nB: float = -0.5\nclass Config:\n    C = {'x': (1, 2), 'd': {'y'}}\nD = E = 'e'"
    assert read_config(text).values == {
        "A": 1,
        "B": -0.5,
        "Config.C": {"x": [1, 2], "d": ["y"]},
        "D": "e",
        "E": "e",
    }


def test_nothing_is_run() -> None:
    found = read_config("A = __import__('os').abort()\nraise SystemExit")
    assert (found.values, found.computed) == ({}, ["A"])


def test_secrets_are_withheld_at_any_depth() -> None:
    found = read_config("API_KEY = 'x'\nALPACA = {'secret': 'y', 'paper': True}")
    assert found.values == {"ALPACA": {"paper": True}}
    assert found.withheld == ["API_KEY", "ALPACA.secret"]


@pytest.mark.parametrize("value", ["1e999", "10**9", "9" * 40, "b'x'", "1j", "..."])
def test_what_json_cannot_carry_is_left_out(value: str) -> None:
    found = read_config(f"A = {value}")
    assert (found.values, found.computed) == ({}, ["A"])


@pytest.mark.parametrize("text", ["def (:", "A = '\0'", "A = " + "[" * 900, "#" * 300_000])
def test_what_is_no_python_is_said(text: str) -> None:
    with pytest.raises(UnreadableConfigError):
        read_config(text)


@given(st.text(max_size=100))
def test_no_text_is_fatal(text: str) -> None:
    try:
        read_config(text)
    except UnreadableConfigError:
        return
