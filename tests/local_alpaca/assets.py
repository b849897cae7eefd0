"""What can be traded, and on which terms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_DNS, uuid5

from tests.local_alpaca.refusals import not_found, unprocessable


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One name of the exchange."""

    symbol: str
    exchange: str = "NASDAQ"
    is_active: bool = True
    tradable: bool = True
    shortable: bool = True
    easy_to_borrow: bool = True
    fractionable: bool = True
    attributes: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Return its id: the same for the same symbol in every run."""
        return str(uuid5(NAMESPACE_DNS, self.symbol))

    def as_json(self) -> dict[str, Any]:
        """Write it as the assets API does."""
        return {
            "id": self.id,
            "class": "us_equity",
            "exchange": self.exchange,
            "symbol": self.symbol,
            "name": f"{self.symbol} Common Stock",
            "status": "active" if self.is_active else "inactive",
            "tradable": self.tradable,
            "marginable": True,
            "maintenance_margin_requirement": 30,
            "margin_requirement_long": "30",
            "margin_requirement_short": "30",
            "shortable": self.shortable,
            "easy_to_borrow": self.easy_to_borrow,
            "borrow_status": "easy_to_borrow" if self.easy_to_borrow else "hard_to_borrow",
            "fractionable": self.fractionable,
            "attributes": list(self.attributes),
        }


class AssetBook:
    """Every asset of the exchange by symbol."""

    def __init__(self, assets: list[Asset]) -> None:
        self._assets = {asset.symbol: asset for asset in assets}

    def put(self, asset: Asset) -> None:
        """Add an asset, or change the terms of one."""
        self._assets[asset.symbol] = asset

    def ensure(self, symbol: str) -> None:
        """Add a symbol on ordinary terms unless it is known."""
        self._assets.setdefault(symbol, Asset(symbol=symbol))

    def all(self) -> list[Asset]:
        """Return every asset by symbol."""
        return [self._assets[symbol] for symbol in sorted(self._assets)]

    def named(self, symbol_or_id: str) -> Asset:
        """Return one asset by symbol or id, or answer 404."""
        found = self._assets.get(symbol_or_id) or self._by_id(symbol_or_id)
        if found is None:
            raise not_found(f"asset not found for {symbol_or_id}")
        return found

    def symbol_of(self, symbol_or_id: str) -> str:
        """Return the symbol that a path names by symbol or id."""
        found = self._assets.get(symbol_or_id) or self._by_id(symbol_or_id)
        return found.symbol if found else symbol_or_id

    def for_order(self, symbol: str) -> Asset:
        """Return the asset an order names, or refuse the order."""
        asset = self._assets.get(symbol)
        if asset is None:
            raise unprocessable(f'asset "{symbol}" not found')
        if not (asset.is_active and asset.tradable):
            raise unprocessable(f"asset {symbol} is not active")
        return asset

    def _by_id(self, asset_id: str) -> Asset | None:
        return next((asset for asset in self._assets.values() if asset.id == asset_id), None)
