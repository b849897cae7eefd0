"""The outcome of a scan: columns for the table, rows for whoever looks at a few."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import overload

import numpy as np
from numpy.typing import NDArray

from models.market import Floats, Ints, OpeningColumns
from models.money import from_micros
from models.vocabulary import RvolBasis

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanRow:
    """What the scan says of one symbol."""

    symbol: str
    open: Decimal | None
    high: Decimal | None
    low: Decimal | None
    close: Decimal | None
    volume: int
    direction: int  # 1 up, -1 down, 0 doji
    rvol: float | None
    rvol_basis: RvolBasis | None
    atr14: Decimal | None
    avg_volume14: float | None
    rank: int | None
    failed: tuple[str, ...]
    entry_level: Decimal | None
    stop_distance: Decimal | None

    @property
    def passed(self) -> bool:
        """Say whether the symbol is to be traded."""
        return not self.failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan(Sequence[ScanRow]):
    """What the scan says of every symbol: columns of one length, read as rows where few matter."""

    symbols: tuple[str, ...]
    opening: OpeningColumns
    direction: Ints
    rvol: Floats
    has_rvol: Flags
    has_history: Flags  # of opening ranges
    known: Flags  # the daily numbers mean something
    atr14: Ints  # millionths
    avg_volume14: Floats
    ranks: Ints  # 0: none
    stop_distance: Ints  # millionths
    failures: Mapping[str, Flags]  # by code, in the order of a row

    @property
    def seen(self) -> Flags:
        """Say which symbols have bars in the opening range."""
        flags: Flags = self.opening.bars > 0
        return flags

    @property
    def passed(self) -> Flags:
        """Say which symbols are to be traded."""
        flags: Flags = ~np.any(list(self.failures.values()), axis=0)
        return flags

    @property
    def entry_level(self) -> Ints:
        """Return the high of a range that rose, the low of one that fell, else 0."""
        choices = [self.opening.high, self.opening.low]
        return np.select([self.direction > 0, self.direction < 0], choices, 0)

    @property
    def failed(self) -> list[tuple[str, ...]]:
        """Return each symbol's codes; equal ones are one object."""
        return codes_of(self.failures)

    def signals(self) -> list[ScanRow]:
        """Return the rows that are to be traded, best rank first."""
        places = self.passed.nonzero()[0]
        return sorted((self[int(place)] for place in places), key=lambda row: row.rank or 0)

    def __len__(self) -> int:
        return len(self.symbols)

    @overload
    def __getitem__(self, place: int) -> ScanRow: ...
    @overload
    def __getitem__(self, place: slice) -> list[ScanRow]: ...
    def __getitem__(self, place: int | slice) -> ScanRow | list[ScanRow]:
        if isinstance(place, slice):
            return [self._row(i) for i in range(*place.indices(len(self)))]
        return self._row(range(len(self))[place])

    def _row(self, i: int) -> ScanRow:
        seen, known = bool(self.seen[i]), bool(self.known[i])
        has_rvol, direction = bool(self.has_rvol[i]), int(self.direction[i])
        return ScanRow(
            symbol=self.symbols[i],
            open=_price(self.opening.open[i], seen),
            high=_price(self.opening.high[i], seen),
            low=_price(self.opening.low[i], seen),
            close=_price(self.opening.close[i], seen),
            volume=int(self.opening.volume[i]),
            direction=direction,
            rvol=float(self.rvol[i]) if has_rvol else None,
            rvol_basis=_basis(bool(self.has_history[i])) if has_rvol else None,
            atr14=_price(self.atr14[i], known),
            avg_volume14=float(self.avg_volume14[i]) if known else None,
            rank=int(self.ranks[i]) or None,
            failed=tuple(code for code, flags in self.failures.items() if flags[i]),
            entry_level=_price(self.entry_level[i], direction != 0),
            stop_distance=_price(self.stop_distance[i], known),
        )


def _price(micros: int, known: bool) -> Decimal | None:  # noqa: FBT001
    return from_micros(micros) if known else None


def _basis(has_history: bool) -> RvolBasis:  # noqa: FBT001
    return RvolBasis.OPENING_RANGE if has_history else RvolBasis.DAILY_VOLUME


def codes_of(failures: Mapping[str, Flags]) -> list[tuple[str, ...]]:
    """Return the codes of each symbol's failures, in their order; equal ones are one object."""
    codes = tuple(failures)
    bits = sum(flags.astype(np.int64) << place for place, flags in enumerate(failures.values()))
    numbers = np.asarray(bits).tolist()
    words = {
        number: tuple(code for place, code in enumerate(codes) if number >> place & 1)
        for number in set(numbers)
    }
    return [words[number] for number in numbers]
