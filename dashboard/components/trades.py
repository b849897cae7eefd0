"""Columns of round trips, which several pages list."""

from __future__ import annotations

from typing import Any

from dashboard.components.grids import AGED, Column, gain_column, number_column, text_column
from dashboard.queries.trades import TradeLine
from dashboard.wire import plain

FIXED: dict[str, Any] = {"sortable": False}  # made from other columns: no index sorts it
HELD = {"function": "heldFor(params.data)"}  # of an open position: so far


def trade_columns() -> list[Column]:
    """Return the columns of a list of trades."""
    return [
        text_column("symbol", "Symbol", pinned="left", width=92, cellRenderer="PositionLink"),
        text_column("session", "Date", width=104),
        text_column("side", "Side", width=84, cellRenderer="SideMark"),
        text_column("status", "Status", width=86, cellRenderer="StatusMark"),
        number_column("quantity", "Qty", "count", width=80),
        number_column("entry_price", "Entry", width=94),
        number_column("exit_price", "Exit", width=94),
        gain_column("pnl", "P&L $", minWidth=118, flex=1, valueGetter=_live("pnl"), **AGED),
        gain_column(
            "pnl_r", "P&L R", "gainR", width=98, valueGetter=_live("pnl_r"), **FIXED, **AGED
        ),
        text_column("exit_reason", "Exit by", width=92),
        _clock_column("opened_at", "Opened"),
        _clock_column("closed_at", "Closed"),
        number_column("seconds", "Held", "lasted", width=98, valueGetter=HELD, **FIXED),
        _unprotected_column(),
    ]


def trade_record(row: TradeLine) -> dict[str, Any]:
    """Return a row for the table."""
    record: dict[str, Any] = plain(row)
    return record


def _live(field: str) -> dict[str, str]:
    """Say what an open position has gained by now, not what it has realised."""
    return {"function": f"number(live(params.data, '{field}'))"}


def _unprotected_column() -> Column:
    """Say for how long no stop was live; of an open position also now, and that it is so."""
    return number_column(
        "naked_seconds",
        "No stop",
        width=102,
        valueGetter={"function": "unprotected(params.data)"},
        valueFormatter={"function": "unprotectedText(params.data, params.value)"},
        cellClassRules={"naked": "isNaked(params.data)"},
        **FIXED,
    )


def _clock_column(field: str, header: str) -> Column:
    form = {"function": "clock(params.value)"}
    return text_column(field, header, width=92, valueFormatter=form, cellClass="time")
