"""The audit, for programs and spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import fields
from typing import Literal

from flask import Response, abort

from dashboard.api.endpoint import Asked, Endpoints
from dashboard.api.fields import Asking, Moment, Paging, Who, Word
from dashboard.queries.audit import AuditFilter, audit_export, audit_page
from dashboard.queries.pages import Page, Place
from dashboard.queries.records import AuditRecord
from dashboard.wire import plain, to_json
from engine.actions.permissions import Permission
from models.vocabulary import Outcome, Way

endpoints = Endpoints()
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what spreadsheets take for one


class OfAudit(Asking):
    """Which rows."""

    actor: Who | None = None
    actor_begins: Who | None = None
    action: Word | None = None
    outcome: Outcome | None = None
    way: Way | None = None
    since: Moment | None = None
    until: Moment | None = None


class AuditList(OfAudit, Paging):
    """Which rows, a page at a time."""


class AuditExport(OfAudit):
    """Which rows, all of them in one file."""

    format: Literal["json", "csv"] = "json"


@endpoints.get("/audit", Permission.VIEW_AUDIT)
def audit(asked: Asked, query: AuditList) -> Page[AuditRecord]:
    """Who did what, or was refused, from where; the newest first."""
    with asked.desk.db.read() as tx:
        return audit_page(tx, _wanted(query), Place(query.limit, query.cursor))


@endpoints.get("/audit/export", Permission.VIEW_AUDIT, media_types=("application/json", "text/csv"))
def export_audit(asked: Asked, query: AuditExport) -> list[AuditRecord]:
    """The same in one file, as JSON or CSV."""
    with asked.desk.db.read() as tx:
        rows = audit_export(tx, _wanted(query))
        as_csv = query.format == "csv"
        text = "".join(csv_lines(rows)) if as_csv else to_json([plain(row) for row in rows])
    kind = "text/csv" if as_csv else "application/json"
    name = {"Content-Disposition": f"attachment; filename=bellwether-audit.{query.format}"}
    abort(Response(text, headers=name, mimetype=kind))


def csv_lines(rows: Iterable[AuditRecord]) -> Iterator[str]:
    """Write rows as CSV in which no cell is a formula, whatever somebody typed."""
    names = [each.name for each in fields(AuditRecord)]
    yield _line(names)
    for row in rows:
        values = plain(row)
        yield _line([harmless(values[name]) for name in names])


def harmless(value: object) -> str:
    """Return a cell that a spreadsheet shows and does not execute."""
    text = to_json(value) if isinstance(value, dict) else "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


def _line(cells: Iterable[str]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerow(cells)
    return written.getvalue()


def _wanted(query: OfAudit) -> AuditFilter:
    return AuditFilter(**{name: getattr(query, name) for name in OfAudit.model_fields})
