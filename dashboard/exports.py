"""Trades as files: exactly what the filters of the History page show."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import fields
from io import StringIO
from typing import Any

from flask import Flask, Response, request

from dashboard.queries.history import closed_only
from dashboard.queries.trades import TradeFilter, TradeLine, read_filter, trade_lines
from dashboard.wire import plain, to_json
from engine.desk import Desk

COLUMNS = tuple(field.name for field in fields(TradeLine))
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # with these a spreadsheet would run a text


def mount_exports(server: Flask, desk: Desk) -> None:
    """Add the files; the address carries the filters."""

    @server.get("/history/trades.csv")
    def trades_csv() -> Response:
        return _file(_csv(_records(desk, read_filter(request.args))), "text/csv", "csv")

    @server.get("/history/trades.json")
    def trades_json() -> Response:
        rows = list(_records(desk, read_filter(request.args)))
        return _file([to_json(rows)], "application/json", "json")


def _records(desk: Desk, wanted: TradeFilter) -> Iterator[dict[str, Any]]:
    with desk.db.read() as tx:
        rows = trade_lines(tx, desk, closed_only(wanted))
    return (plain(row) for row in rows)


def _csv(records: Iterable[dict[str, Any]]) -> Iterator[str]:
    yield _line(COLUMNS)
    for record in records:
        yield _line(harmless(record[name]) for name in COLUMNS)


def harmless(value: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula; numbers stay numbers."""
    if isinstance(value, str) and value.startswith(FORMULA) and not _is_number(value):
        return f"'{value}"
    return value


def _is_number(text: str) -> bool:
    return text.lstrip("-").replace(".", "", 1).isdecimal()


def _line(cells: Iterable[Any]) -> str:
    buffer = StringIO()
    csv.writer(buffer).writerow("" if cell is None else cell for cell in cells)
    return buffer.getvalue()


def _file(content: Iterable[str], kind: str, ending: str) -> Response:
    answer = Response(content, mimetype=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="bellwether-trades.{ending}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer
