"""How each measure of execution is called and written, and the symbols it was worst for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.components.figures import fixed, hop
from dashboard.components.panels import NOTHING_YET
from dashboard.queries.measures import Measure, Measured, SymbolExecution

LEFT_OUT = "{:,} symbols that did better are not shown: ask for one above"


@dataclass(frozen=True, slots=True)
class Wording:
    """A measure in words: its name, the short one of a column, and its values."""

    name: str
    column: str
    write: Callable[[float | None], str]
    axis: Mapping[str, str]  # what a chart's axis adds to a number

    @property
    def title(self) -> str:
        """Return its name as a line of a table begins."""
        return self.name[0].upper() + self.name[1:]


def finely(value: float | None) -> str:
    """Return a multiple of the risk in its thousandths: entries miss by no more."""
    return NOTHING_YET if value is None else f"{fixed(value, 3)} R"


def per_share(value: float | None) -> str:
    """Return money for a share, of which parts of a cent count."""
    return NOTHING_YET if value is None else fixed(value, 4, prefix="$")


MULTIPLES, MONEY, SECONDS = (
    {"ticksuffix": " R"},
    {"tickprefix": "$"},
    {"ticksuffix": " s", "tickformat": ",~g"},
)
WORDINGS: Mapping[Measure, Wording] = {
    Measure.ENTRY_SLIPPAGE: Wording(
        "entry slippage as a part of the risk", "Entry slippage", finely, MULTIPLES
    ),
    Measure.STOP_SLIPPAGE: Wording(
        "stop slippage against its level, $ a share", "Stop slippage", per_share, MONEY
    ),
    Measure.RANGE_TO_ORDER: Wording(
        "end of the opening range to order", "Range to order", hop, SECONDS
    ),
    Measure.ORDER_TO_ANSWER: Wording(
        "order to the broker's answer", "Order to answer", hop, SECONDS
    ),
    Measure.ORDER_TO_FILL: Wording(
        "order to fill, waiting for its level included", "Order to fill", hop, SECONDS
    ),
    Measure.WITHOUT_STOP: Wording("time without a live stop", "Without stop", hop, SECONDS),
}


def symbols_shown(found: Measured) -> dict[str, Any]:
    """Return what `assets/analytics.js` draws: the symbols that the measure was worst for.

    The medians of every measure stand beside each other, the chosen one first with its bar.
    """
    order = [found.measure, *(each for each in Measure if each is not found.measure)]
    name, left_out = WORDINGS[found.measure].name, found.symbols - len(found.worst)
    greatest = max((row.medians[found.measure] or 0 for row in found.worst), default=0)
    return {
        "none": "" if found.worst else f"Nothing was measured: {name}.",
        "lead": f"Medians of each symbol; the worst come first, by {name}.",
        "titles": ["Measured", *(WORDINGS[each].column for each in order)],
        "rows": [_row(row, order, greatest) for row in found.worst],
        "gap": LEFT_OUT.format(left_out) if left_out else "",
    }


def _row(row: SymbolExecution, order: Sequence[Measure], greatest: float) -> dict[str, Any]:
    part = max(0.0, row.medians[order[0]] or 0) / greatest if greatest > 0 else 0.0
    figures = [WORDINGS[each].write(row.medians[each]) for each in order]
    return {
        "name": row.symbol,
        "figures": [f"{row.count:,}", *figures],
        "part": round(part * 100, 1),
    }
