"""The daily bars of a played market, as if a source had them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from engine.adapters.market_playback import PlayedData
from engine.market_hours import Session
from models.market import Listing, MarketDay, Split


class RecordedDaily:
    """A daily source that knows all there will ever be, and tells what the clock allows."""

    name = "recorded"
    revises = False
    keeps_list = False

    def __init__(self, data: PlayedData) -> None:
        self._data = data

    @property
    def feed(self) -> str:
        """Return the market's feed: bars by minute and by day are of one kind."""
        return self._data.feed

    def day(self, session: Session) -> MarketDay:
        """Return the bars of a session that has closed."""
        bars = self._data.daily_bars([session.day]).columns(0, 1)
        rows = bars.present.nonzero()[0].tolist()  # none where the session has not closed
        rows.sort(key=bars.symbols.__getitem__)
        return MarketDay(
            session=session.day,
            symbols=tuple(bars.symbols[row] for row in rows),
            open=bars.open[rows].ravel(),
            high=bars.high[rows].ravel(),
            low=bars.low[rows].ravel(),
            close=bars.close[rows].ravel(),
            volume=bars.volume[rows].ravel(),
        )

    def splits(self, first: date, last: date) -> Sequence[Split]:
        """Return the market's splits."""
        return [
            Split(
                symbol=split.symbol,
                session=split.session,
                new_shares=Decimal(split.ratio),
                old_shares=Decimal(1),
            )
            for split in self._data.market.splits
            if first <= split.session <= last
        ]

    def listings(self) -> Sequence[Listing]:
        """Return none: in a played market everything can be traded and borrowed."""
        return ()

    def sectors(self) -> Mapping[str, str]:
        """Return the sectors of invented companies; recorded bars tell none."""
        return self._data.market.sectors
