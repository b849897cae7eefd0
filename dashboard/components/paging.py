"""Long tables, read from the server page by page as somebody scrolls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dash_ag_grid as dag

from dashboard.components.grids import Column, grid

ROWS = 100  # at once
MOST_ROWS = 500
MOST_BLOCKS = 8


@dataclass(frozen=True, slots=True)
class RowsWanted:
    """What a table asks for: (column, descending) in the order that sorts it, and which rows."""

    sort: Sequence[tuple[str, bool]]
    offset: int
    limit: int


def paged_grid(id_: str, columns: list[Column], **options: Any) -> dag.AgGrid:
    """Show a table whose rows come as they are scrolled to."""
    return grid(
        id_,
        columns,
        row_id="params.data.id + ''",
        is_paged=True,
        cacheBlockSize=ROWS,
        infiniteInitialRowCount=1,
        maxBlocksInCache=MOST_BLOCKS,  # or a refresh would ask for all that was scrolled past
        maxConcurrentDatasourceRequests=1,  # the table takes each answer for its last question's
        **options,
    )


def rows_wanted(request: Mapping[str, Any]) -> RowsWanted:
    """Read a table's request; whatever it asks, it gets no more than a bounded page."""
    first, end = int(request.get("startRow") or 0), int(request.get("endRow") or ROWS)
    sort = [(str(by["colId"]), by["sort"] == "desc") for by in request.get("sortModel") or []]
    return RowsWanted(sort, max(0, first), min(max(0, end - first), MOST_ROWS))
