"""Shows what a scan would find now and the orders that would follow, and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator

from engine.desk import Desk
from engine.jobs.preview import PreviewOrder, preview


def dry_scan(desk: Desk) -> Iterator[str]:
    """Return one line for each symbol that passes, best rank first, and a summary.

    Raises:
        DeskError: there is nothing to scan.
    """
    found = preview(desk)
    yield from map(_line, found.orders)
    if not found.is_final:
        yield "The opening range is not over: these are its figures so far."
    if found.is_scanned:
        yield "Today's scan is stored already: another one changes nothing."
    yield (
        f"{found.looked_at:,} symbols, {len(found.orders)} pass every filter, {found.sent} orders "
        "would be sent; nothing was stored"
    )


def _line(order: PreviewOrder) -> str:
    return (
        f"{order.rank:>3}  {order.symbol:8} {order.side:5}  RVOL {order.rvol:6.2f}  "
        f"level {order.entry_level}  stop {order.planned_stop}  "
        + (f"{order.code}: {order.sentence}" if order.code else f"{order.quantity:,} shares")
    )
