"""A market of any size for the benches: sources that answer at once, so that only we are timed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from engine.market_hours import Session
from models.broker import Mark
from models.market import (
    BarColumns,
    Floats,
    Listing,
    MarketDay,
    OpeningColumns,
    Split,
    empty_bars,
)


def symbols_of(count: int) -> tuple[str, ...]:
    return tuple(f"S{number:05d}" for number in range(count))


@dataclass(frozen=True)
class InventedDaily:
    """A whole market's daily bars; the first `liquid` symbols pass the filters of the universe."""

    count: int
    liquid: int
    name: str = "invented"
    feed: str = "sip"
    revises: bool = True
    keeps_list: bool = True

    def day(self, session: Session) -> MarketDay:
        random = np.random.default_rng(session.day.toordinal())
        level = np.linspace(20, 300, self.count)
        level[self.liquid :] = 4.0
        open_, close = (_micros(level * random.uniform(0.97, 1.03, self.count)) for _ in range(2))
        return MarketDay(
            session=session.day,
            symbols=symbols_of(self.count),
            open=open_,
            high=np.maximum(open_, close) + 400_000,
            low=np.minimum(open_, close) - 400_000,
            close=close,
            volume=random.integers(1_100_000, 9_000_000, self.count),
        )

    def splits(self, first: date, last: date) -> Sequence[Split]:  # noqa: ARG002
        return ()

    def listings(self) -> Sequence[Listing]:
        return [
            Listing(
                symbol=symbol,
                name=f"Company {symbol}",
                exchange="NYSE",
                tradable=True,
                shortable=True,
                borrow_status="easy_to_borrow",
            )
            for symbol in symbols_of(self.count)
        ]

    def sectors(self) -> Mapping[str, str]:
        return {}


@dataclass(frozen=True)
class InventedFeed:
    """Opening ranges of whatever symbols are asked for."""

    feed: str = "sip"
    is_recorded: bool = False

    def opening_range(
        self, session: Session, symbols: Sequence[str] | None = None
    ) -> OpeningColumns:
        asked = tuple(symbols or ())
        random = np.random.default_rng(session.day.toordinal())
        open_ = _micros(random.uniform(20, 300, len(asked)))
        close = open_ + random.integers(-90, 91, len(asked)) * 10_000
        return OpeningColumns(
            symbols=asked,
            open=open_,
            high=np.maximum(open_, close) + 50_000,
            low=np.minimum(open_, close) - 50_000,
            close=close,
            volume=random.integers(20_000, 300_000, len(asked)),
            bars=np.ones(len(asked), dtype=np.int64),
        )

    def opening_volumes(
        self, sessions: Sequence[Session], symbols: Sequence[str] | None = None
    ) -> Mapping[str, Sequence[int]]:
        return {symbol: [100_000] * len(sessions) for symbol in symbols or ()}

    def minute_bars(self, symbol: str, session: Session) -> BarColumns:  # noqa: ARG002
        return empty_bars()

    def marks(self, symbols: Sequence[str]) -> Mapping[str, Mark]:  # noqa: ARG002
        return {}

    def halted(self, session: Session) -> frozenset[str]:  # noqa: ARG002
        return frozenset()


def _micros(prices: Floats) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return (prices * 100).astype(np.int64) * 10_000
