"""What the account holds: cash, shares and what they cost."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

NOTHING = Decimal(0)


@dataclass(slots=True)
class Position:
    """Shares of one symbol, negative when short, and their average price."""

    symbol: str
    quantity: Decimal = NOTHING
    average_price: Decimal = NOTHING

    def trade(self, quantity: Decimal, price: Decimal) -> None:
        """Add signed shares. What goes through zero starts a position at the new price."""
        after = self.quantity + quantity
        if self.quantity * quantity >= 0:
            cost = self.average_price * self.quantity + price * quantity
            self.average_price = cost / after
        elif self.quantity * after < 0:
            self.average_price = price
        self.quantity = after


class Holdings:
    """Cash and positions, changed by executions alone."""

    def __init__(self, cash: Decimal) -> None:
        self.cash = cash
        self._positions: dict[str, Position] = {}

    def trade(self, symbol: str, quantity: Decimal, price: Decimal) -> Decimal:
        """Book signed shares and return how many are held afterwards."""
        position = self._positions.setdefault(symbol, Position(symbol))
        position.trade(quantity, price)
        self.cash -= quantity * price
        if not position.quantity:
            del self._positions[symbol]
        return position.quantity

    def quantity(self, symbol: str) -> Decimal:
        """Return the signed shares held."""
        held = self._positions.get(symbol)
        return held.quantity if held else NOTHING

    def find(self, symbol: str) -> Position | None:
        """Return the position in a symbol, None when flat."""
        return self._positions.get(symbol)

    def all(self) -> list[Position]:
        """Return every position by symbol."""
        return [self._positions[symbol] for symbol in sorted(self._positions)]
