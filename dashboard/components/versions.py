"""Choices of a version of the settings, by its number and the day since which it is in force."""

from __future__ import annotations

from datetime import datetime

from dash import html
from sqlalchemy.orm import Session as Transaction

from dashboard.components.filters import choice
from dashboard.queries.versions import DEFAULTS, newest_versions
from engine.desk import Desk
from engine.market_hours import new_york
from models.vocabulary import SettingsKind


def version_fields(desk: Desk, strategy: tuple[str, str], risk: tuple[str, str]) -> list[html.Div]:
    """Show a choice of the strategy's versions and one of the risk's, each by id and value."""
    now = desk.clock.now()
    with desk.db.read() as tx:
        return [
            _field(tx, now, SettingsKind.STRATEGY, *strategy),
            _field(tx, now, SettingsKind.RISK, *risk),
        ]


def _field(tx: Transaction, now: datetime, kind: SettingsKind, id_: str, value: str) -> html.Div:
    since = {row.version: row.created_at for row in newest_versions(tx, kind)}
    labels = {str(version): _words(version, at, now) for version, at in since.items()}
    labels[str(DEFAULTS)] = f"v{DEFAULTS} (defaults)"
    return choice(id_, f"{kind.capitalize()} version", labels, value, "Every version", labels)


def _words(version: int, at: datetime, now: datetime) -> str:
    day = new_york(at)
    year = "" if day.year == new_york(now).year else f", {day.year}"
    return f"v{version} since {day:%b} {day.day}{year}"
