"""How sentences tell money and prices: in the form of the pages."""

from __future__ import annotations

from decimal import Decimal

MINUS = "\N{MINUS SIGN}"
CENT = Decimal("0.01")


def dollars(amount: Decimal) -> str:
    """Return an amount of money."""
    cents = round(amount, 2)
    return f"{MINUS if cents < 0 else ''}${abs(cents):,.2f}"


def gain(amount: Decimal) -> str:
    """Return a profit or loss with its sign."""
    return f"{'+' if round(amount, 2) > 0 else ''}{dollars(amount)}"


def price(value: Decimal) -> str:
    """Return a price with as many places as it has, and at least two."""
    exact = value.normalize()
    return f"{exact:,f}" if exact % CENT else f"{exact:,.2f}"
