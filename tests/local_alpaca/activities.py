"""The account's fills as activities, newest first, page by page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.market_hours import new_york
from tests.local_alpaca.moments import DAY, as_datetime, parse, stamp
from tests.local_alpaca.refusals import bad_parameter
from tests.local_alpaca.updates import Execution
from tests.local_alpaca.wire import plain

LARGEST_PAGE = 100


def activities(executions: Sequence[Execution], query: Mapping[str, str]) -> list[dict[str, Any]]:
    """Answer GET /v2/account/activities/FILL."""
    size = int(query.get("page_size", LARGEST_PAGE))
    if not 1 <= size <= LARGEST_PAGE:
        raise bad_parameter(f"page_size must be between 1 and {LARGEST_PAGE}")
    wanted = [one for one in executions if _is_wanted(one, query)]
    wanted.sort(key=lambda one: (one.filled_at, one.booked_at))
    if query.get("direction", "desc") == "desc":
        wanted.reverse()
    rest = _after_token([_as_json(one) for one in wanted], query.get("page_token"))
    return rest[:size]


def _is_wanted(one: Execution, query: Mapping[str, str]) -> bool:
    if query.get("order_id") not in {None, one.order_id}:
        return False
    if "date" in query and not 0 <= one.filled_at - parse(query["date"]) < DAY:
        return False
    after, until = query.get("after"), query.get("until")
    return not (
        (after and one.filled_at <= parse(after)) or (until and one.filled_at >= parse(until))
    )


def _after_token(rows: list[dict[str, Any]], token: str | None) -> list[dict[str, Any]]:
    if not token:
        return rows
    ids = [row["id"] for row in rows]
    if token not in ids:
        raise bad_parameter(f"invalid page_token: {token}")
    return rows[ids.index(token) + 1 :]


def _as_json(one: Execution) -> dict[str, Any]:
    at = new_york(as_datetime(one.filled_at))  # the id's digits are New York's clock
    return {
        "id": f"{at:%Y%m%d%H%M%S}{at.microsecond // 1000:03d}::{one.id}",
        "activity_type": "FILL",
        "transaction_time": stamp(one.filled_at),
        "type": "partial_fill" if one.is_partial else "fill",
        "price": plain(one.price),
        "qty": plain(one.quantity),
        "side": one.side,
        "symbol": one.symbol,
        "leaves_qty": plain(one.leaves),
        "order_id": one.order_id,
        "cum_qty": plain(one.cumulative),
        "order_status": "partially_filled" if one.is_partial else "filled",
    }
