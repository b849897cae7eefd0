"""A local Alpaca: the broker's REST and streams on 127.0.0.1, for tests of the desk."""

from tests.local_alpaca.assets import Asset
from tests.local_alpaca.played_market import PlayedMarket
from tests.local_alpaca.rules import Rules
from tests.local_alpaca.server import LocalAlpaca

__all__ = ["Asset", "LocalAlpaca", "PlayedMarket", "Rules"]
