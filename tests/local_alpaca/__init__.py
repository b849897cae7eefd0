"""A local Alpaca: the broker's REST and streams on 127.0.0.1, for tests of the desk.

    with LocalAlpaca(PlayedMarket(bars=bars), clock, Rules()) as broker:
        broker.faults.add(Respond(504, acts=True), method="POST", path="/v2/orders")
        ...                                     # a client of broker.url places an order
        broker.advance_to(clock.now() + timedelta(minutes=1))
        assert broker.ledger.unprotected() == []

The exchange (exchange.py, order_life.py, matching.py and the checks) knows no clock and no
network. The fronts bring requests to it one at a time, faults.py troubles both, and ledger.py
keeps what really happened.
"""

from tests.local_alpaca.application import Keys
from tests.local_alpaca.assets import Asset
from tests.local_alpaca.played_market import PlayedMarket
from tests.local_alpaca.rules import Rules
from tests.local_alpaca.server import LocalAlpaca

__all__ = ["Asset", "Keys", "LocalAlpaca", "PlayedMarket", "Rules"]
