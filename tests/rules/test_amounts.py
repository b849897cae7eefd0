"""Money in sentences reads as it does on the pages."""

from decimal import Decimal

import pytest

from dashboard.components import figures
from engine.rules.amounts import dollars, gain, price


@pytest.mark.parametrize("amount", ["0", "0.004", "-0.004", "1213", "-266.24", "667.155", "25000"])
def test_a_sentence_writes_dollars_as_a_page_does(amount: str) -> None:
    assert dollars(Decimal(amount)) == figures.dollars(Decimal(amount))


@pytest.mark.parametrize(
    ("amount", "text"),
    [("667.15", "+$667.15"), ("-266.24", "\N{MINUS SIGN}$266.24"), ("0", "$0.00")],
)
def test_a_profit_or_loss_has_its_sign(amount: str, text: str) -> None:
    assert gain(Decimal(amount)) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("181.200000", "181.20"),
        ("104", "104.00"),
        ("0.9155", "0.9155"),
        ("0.912345", "0.912345"),
        ("1213.5", "1,213.50"),
    ],
)
def test_a_price_has_all_its_places_and_at_least_two(value: str, text: str) -> None:
    assert price(Decimal(value)) == text
