"""Client order ids: the same order always has the same name (contracts, Client order ids)."""

from __future__ import annotations

from datetime import date

from models.vocabulary import OrderPurpose

PREFIX = "orb"


def client_order_id(session: date, symbol: str, purpose: OrderPurpose, attempt: int) -> str:
    """Return e.g. `orb-20261120-AAPL-entry-1`."""
    return f"{PREFIX}-{session:%Y%m%d}-{symbol}-{purpose}-{attempt}"


def is_ours(given: str) -> bool:
    """Say whether a client order id looks like one of the desk's."""
    return given.startswith(f"{PREFIX}-")
