"""Each filter with the symbol's figure beside what the strategy asks for, and the verdict."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from dashboard.components.figures import fixed, price
from dashboard.components.panels import NOTHING_YET
from dashboard.queries.scanner_symbol import SymbolView
from engine.rules.daily_numbers import SESSIONS_NEEDED

TIMES = "\N{MULTIPLICATION SIGN}"
DIRECTIONS = {1: "up: long", -1: "down: short", 0: "none: doji"}


@dataclass(frozen=True, slots=True)
class Check:
    """One filter: its code, the figure, what is asked for, and whether it held (None: not yet)."""

    code: str
    name: str
    figure: str
    needs: str
    held: bool | None


def checks(view: SymbolView) -> list[Check]:
    """Return every filter in the order in which a row keeps their codes."""
    return [*_before_the_open(view), *_at_the_scan(view)]


def _before_the_open(view: SymbolView) -> Iterator[Check]:
    known, strategy = view.numbers, view.strategy
    failed = view.range.failed if view.range else known.failed if known else None
    close = known.last_close if known else None
    is_dear = close is not None and close >= strategy.min_price  # else the code is the open's
    yield Check(
        "price",
        "Last close",
        price(close),
        f"≥ {price(strategy.min_price)}",
        is_dear or _held("price", failed),
    )
    yield Check(
        "volume",
        "Average volume, 14",
        fixed(known.avg_volume14 if known else None, 0),
        f"≥ {strategy.min_avg_volume:,}",
        _held("volume", failed),
    )
    yield Check(
        "atr",
        "ATR, 14",
        price(known.atr14 if known else None),
        f"≥ {price(strategy.min_atr)}",
        _held("atr", failed),
    )
    present = str(int(view.bars.present.sum()))
    needed = f"all {SESSIONS_NEEDED}"
    yield Check("history", "Sessions before with a bar", present, needed, _held("history", failed))
    tradable = _yes(known.tradable if known else None)
    yield Check("tradable", "Tradable", tradable, "yes", _held("tradable", failed))


def _at_the_scan(view: SymbolView) -> Iterator[Check]:
    seen, strategy = view.range, view.strategy
    failed = seen.failed if seen else None
    has_bar = seen is not None and seen.open is not None
    for check in (
        Check("stale", "Opening range", _bars(view), "in time", _held("stale", failed)),
        _opening_price(view),
        Check(
            "rvol", "RVOL", _rvol(view), f"≥ {strategy.min_rvol:.2f}{TIMES}", _held("rvol", failed)
        ),
        Check("doji", "Direction", _direction(view), "up or down", _held("doji", failed)),
        Check("shortable", "Can be shorted", _short(view), "if down", _held("shortable", failed)),
        Check("halted", "Halted", _halted(view), "no", _held("halted", failed)),
        Check("rank", "Rank by RVOL", _rank(view), f"1 to {strategy.top_n}", _ranked(view)),
    ):
        # of a symbol that nobody asked for, only what it fails is known
        yield check if has_bar or check.held is False else replace(check, held=None)


def _opening_price(view: SymbolView) -> Check:
    seen, low = view.range, view.strategy.min_price
    opened = seen.open if seen else None
    is_dear = opened is not None and opened > low
    held = None if opened is None else is_dear or _held("price", seen.failed if seen else None)
    return Check("price", "Opening price", price(opened), f"> {price(low)}", held)


def _held(code: str, failed: Sequence[str] | None) -> bool | None:
    """Return what the stored row says; the figures beside it only explain it."""
    return None if failed is None else code not in failed


def _rvol(view: SymbolView) -> str:
    known = view.range.rvol if view.range else None
    return fixed(known) + TIMES if known is not None else NOTHING_YET


def _direction(view: SymbolView) -> str:
    seen = view.range
    return NOTHING_YET if seen is None or seen.open is None else DIRECTIONS[seen.direction]


def _halted(view: SymbolView) -> str:
    return NOTHING_YET if view.range is None else _yes("halted" in view.range.failed)


def _rank(view: SymbolView) -> str:
    return NOTHING_YET if view.range is None or view.range.rank is None else str(view.range.rank)


def _ranked(view: SymbolView) -> bool | None:
    seen = view.range
    return None if seen is None or seen.rank is None else "rank" not in seen.failed


def _bars(view: SymbolView) -> str:
    if view.range is None:
        return NOTHING_YET
    return "no bar" if view.range.open is None else f"{view.range.volume:,} shares"


def _short(view: SymbolView) -> str:
    if view.listed is not None:
        return f"{_yes(view.listed.shortable)}, {view.listed.borrow_status.replace('_', ' ')}"
    return _yes(view.numbers.shortable if view.numbers else None)


def _yes(value: bool | None) -> str:  # noqa: FBT001  # a word for a flag
    return NOTHING_YET if value is None else "yes" if value else "no"
