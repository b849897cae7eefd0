"""How each measure of execution is called and written, and the symbols it was greatest for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.components.charts import LOSS, QUIET
from dashboard.components.figures import fixed, hop, many
from dashboard.components.groups import way_to_group
from dashboard.components.panels import NOTHING_YET
from dashboard.queries.measures import Measure, Measured, SymbolExecution, telling
from dashboard.queries.trades import TradeFilter

LEAD = "Medians of each symbol, of times without a stop the longest. The greatest first, by {}."


@dataclass(frozen=True, slots=True)
class Wording:
    """A measure in words: its name, the short one of a column, and its values."""

    name: str
    column: str
    write: Callable[[float | None], str]
    axis: Mapping[str, str]  # what a chart's axis adds to a number
    greatest: str = "worst"
    colour: str = LOSS  # of what is near the greatest

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
        "order to fill, waiting for its level included",
        "Order to fill",
        hop,
        SECONDS,
        greatest="longest",
        colour=QUIET,
    ),
    Measure.WITHOUT_STOP: Wording("time without a live stop", "Longest without stop", hop, SECONDS),
}


def symbols_shown(found: Measured, wanted: TradeFilter) -> dict[str, Any]:
    """Return what `assets/analytics.js` draws: the symbols that the measure was greatest for.

    The figures of every measure stand beside each other, the chosen one first with its bar.
    """
    order = [found.measure, *(each for each in Measure if each is not found.measure)]
    name = WORDINGS[found.measure].name
    greatest = max((_figure(row, found.measure) or 0 for row in found.symbols), default=0)
    return {
        "none": "" if found.symbols else f"Nothing was measured: {name}.",
        "lead": LEAD.format(name),
        "titles": ["Measured", *(WORDINGS[each].column for each in order)],
        "rows": [
            {**_row(row, order, greatest), "way": way_to_group(wanted, "symbol", row.symbol)}
            for row in found.symbols
        ],
        "gap": _gap(found.left_out),
    }


def _row(row: SymbolExecution, order: Sequence[Measure], greatest: float) -> dict[str, Any]:
    part = max(0.0, _figure(row, order[0]) or 0) / greatest if greatest > 0 else 0.0
    figures = [WORDINGS[each].write(_figure(row, each)) for each in order]
    return {
        "name": row.symbol,
        "figures": [f"{row.spreads[order[0]].count:,}", *figures],
        "part": round(part * 100, 1),
    }


def _figure(row: SymbolExecution, measure: Measure) -> float | None:
    found = row.spreads.get(measure)
    return None if found is None else telling(measure, found)


def _gap(left_out: int) -> str:
    if not left_out:
        return ""
    are, one = ("is", "it") if left_out == 1 else ("are", "one")
    return f"{many(left_out, 'symbol')} {are} not shown: ask for {one} above"
