"""Strategy and risk settings: what is in force, what would be, and every version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dashboard.api.endpoint import Asked, Endpoints
from dashboard.api.fields import Asking, Paging, Reason
from dashboard.queries.lists import version_page
from dashboard.queries.pages import Page, Place
from dashboard.queries.records import SettingsRecord
from engine.actions.permissions import Permission
from engine.actions.trading_settings import (
    change_settings,
    merged,
    settings_in_force,
    settings_of,
    validated,
)
from models.trading_settings import RiskSettings
from models.vocabulary import SettingsKind

endpoints = Endpoints()


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsNow:
    """All settings in force; version 0 means the defaults."""

    strategy: dict[str, Any]
    strategy_version: int
    risk: dict[str, Any]
    risk_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WouldBe:
    """The settings as they would be stored."""

    kind: SettingsKind
    settings: dict[str, Any]


class Proposal(Asking):
    """Some settings of one kind; the others stay as they are."""

    kind: SettingsKind
    changes: dict[str, Any]


class Change(Proposal):
    """A proposal that is meant."""

    reason: Reason


class OfKind(Paging):
    """Which versions."""

    kind: SettingsKind | None = None


@endpoints.get("/config", Permission.VIEW_SETTINGS)
def config(asked: Asked) -> SettingsNow:
    """The settings in force."""
    with asked.desk.db.read() as tx:
        now = settings_in_force(tx)
    return SettingsNow(
        strategy=now.strategy.model_dump(mode="json"),
        strategy_version=now.strategy_version,
        risk=now.risk.model_dump(mode="json"),
        risk_version=now.risk_version,
    )


@endpoints.get("/config/risk-limits", Permission.VIEW_SETTINGS)
def risk_limits(asked: Asked) -> RiskSettings:
    """The risk settings in force: how much may be lost, held and borrowed."""
    with asked.desk.db.read() as tx:
        return settings_in_force(tx).risk


@endpoints.put("/config", Permission.CHANGE_SETTINGS)
def change_config(asked: Asked, body: Change) -> SettingsNow:
    """Change settings: validated, versioned, audited; in force at once."""
    change_settings(asked.desk, asked.actor, body.kind, body.changes, body.reason)
    return config(asked)


@endpoints.post("/config/validate", Permission.VIEW_SETTINGS)
def validate_config(asked: Asked, body: Proposal) -> WouldBe:
    """Say what settings would be, or what is wrong with them; nothing is changed."""
    with asked.desk.db.read() as tx:
        now, _version = settings_of(tx, body.kind)
    changed = merged(now.model_dump(mode="json"), body.changes)
    return WouldBe(kind=body.kind, settings=validated(body.kind, changed))


@endpoints.get("/config/versions", Permission.VIEW_SETTINGS)
def config_versions(asked: Asked, query: OfKind) -> Page[SettingsRecord]:
    """Every version: who, when, why; the newest first."""
    with asked.desk.db.read() as tx:
        return version_page(tx, query.kind, Place(query.limit, query.cursor))
