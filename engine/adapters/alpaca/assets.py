"""What can be traded at Alpaca, and what can be lent."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from engine.adapters.alpaca.http import AlpacaHttp
from engine.clock import Clock

KEPT = timedelta(hours=6)
NOT_LISTED = frozenset({"OTC", "CRYPTO", ""})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One symbol at the broker."""

    symbol: str
    tradable: bool
    shortable: bool  # and easy to borrow


class Assets:
    """The broker's list of US stocks, asked for a few times a day."""

    def __init__(self, http: AlpacaHttp, clock: Clock) -> None:
        self._http = http
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[str, Asset] = {}
        self._asked_at: datetime | None = None

    def symbols(self) -> Sequence[str]:
        """Return the listed symbols that are tradable, sorted."""
        return sorted(asset.symbol for asset in self.known().values() if asset.tradable)

    def known(self) -> Mapping[str, Asset]:
        """Return every listed asset by symbol."""
        with self._lock:
            now = self._clock.now()
            if self._asked_at is None or not timedelta(0) <= now - self._asked_at < KEPT:
                rows = self._http.get("/assets", {"status": "active", "asset_class": "us_equity"})
                self._known = {a.symbol: a for a in map(_asset, rows) if a is not None}
                self._asked_at = now
            return self._known


def _asset(row: Mapping[str, Any]) -> Asset | None:
    symbol = str(row.get("symbol") or "")
    if not symbol or str(row.get("exchange") or "") in NOT_LISTED:
        return None
    # `easy_to_borrow` is deprecated for `borrow_status` (June 2026); either may be missing.
    easy = row.get("borrow_status", "easy_to_borrow" if row.get("easy_to_borrow") else "")
    return Asset(
        symbol=symbol,
        tradable=bool(row.get("tradable")),
        shortable=bool(row.get("shortable")) and easy == "easy_to_borrow",
    )
