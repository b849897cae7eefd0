"""Alerts: their rules, their channels, what was raised and who has seen it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from dashboard.api.endpoint import Asked, Endpoints
from dashboard.api.fields import Asking, Paging, Reason, RowId
from dashboard.queries.alerts import (
    AlertFilter,
    AlertRecord,
    ChannelRecord,
    alert_page,
    alert_records,
    channel_records,
)
from dashboard.queries.pages import Page, Place
from engine.actions.alerts import MOST_AT_ONCE, acknowledge, send_test
from engine.actions.permissions import Permission
from engine.actions.trading_settings import alert_settings, change_settings
from engine.rules.alerting import throttle_of
from models.alert_settings import (
    ABOUT_TYPES,
    DAY,
    AlertRule,
    AlertType,
    ChannelName,
    Floor,
    TypeName,
    title_of,
)
from models.vocabulary import SettingsKind, Severity

endpoints = Endpoints()

Throttle = Annotated[int, Field(ge=0, le=DAY)]


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeRecord:
    """A type of alert and its rule."""

    type: str
    title: str
    does: str  # what the desk does about it by itself
    rule: AlertRule


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertConfig:
    """The rules in force and the channels; version 0 means the defaults."""

    version: int
    heartbeat_minutes: int
    types: Sequence[TypeRecord]
    channels: Sequence[ChannelRecord]
    emergency_throttle: int  # seconds; emergencies are never held back


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """How a test message ended."""

    channel: str
    is_delivered: bool
    problem: str | None


class RuleChange(Asking):
    """What changes of one type's rule; what is not said stays."""

    type: TypeName
    enabled: bool | None = None
    floor: Floor | None = None
    warning_throttle: Throttle | None = None
    critical_throttle: Throttle | None = None
    channels: Annotated[tuple[ChannelName, ...] | None, Field(max_length=32)] = None
    every_channel: bool = False  # instead of named ones


class AlertChange(Asking):
    """What changes of the rules, and why."""

    heartbeat_minutes: Annotated[int | None, Field(ge=5, le=1440)] = None
    rules: Annotated[list[RuleChange], Field(default_factory=list, max_length=20)]
    reason: Reason


class WhichChannel(Asking):
    """Which channel."""

    channel: ChannelName


class WhichAlerts(Asking):
    """Which alerts, by their numbers."""

    alerts: Annotated[list[RowId], Field(min_length=1, max_length=MOST_AT_ONCE)]


class OfAlerts(Paging):
    """Which alerts."""

    severity: Severity | None = None
    only_open: bool = False  # those worth seeing that nobody has acknowledged


@endpoints.get("/alerts/config", Permission.VIEW_SETTINGS)
def alerts_config(asked: Asked) -> AlertConfig:
    """The alert rules in force, and how each channel does."""
    with asked.desk.db.read() as tx:
        settings, version = alert_settings(tx)
        channels = channel_records(tx, asked.desk)
    return AlertConfig(
        version=version,
        heartbeat_minutes=settings.heartbeat_minutes,
        types=[_type(type_, rule) for type_, rule in settings.rules.items()],
        channels=channels,
        emergency_throttle=int(throttle_of(Severity.EMERGENCY, AlertRule()).total_seconds()),
    )


@endpoints.put("/alerts/config", Permission.CHANGE_SETTINGS)
def change_alerts_config(asked: Asked, body: AlertChange) -> AlertConfig:
    """Change alert rules: validated, versioned, audited; in force at once."""
    changes: dict[str, Any] = {}
    if body.heartbeat_minutes is not None:
        changes["heartbeat_minutes"] = body.heartbeat_minutes
    if body.rules:
        changes["rules"] = {rule.type: _said(rule) for rule in body.rules}
    change_settings(asked.desk, asked.actor, SettingsKind.ALERTS, changes, body.reason)
    return alerts_config(asked)


@endpoints.post("/alerts/test", Permission.CHANGE_SETTINGS)
def try_channel(asked: Asked, body: WhichChannel) -> Tried:
    """Send a test message by one channel, wait for it, and say how it ended."""
    problem = send_test(asked.desk, asked.actor, body.channel)
    return Tried(channel=body.channel, is_delivered=problem is None, problem=problem)


@endpoints.get("/alerts/history", Permission.VIEW)
def alerts_history(asked: Asked, query: OfAlerts) -> Page[AlertRecord]:
    """What the desk raised an alarm about, who was told and who has seen it; the newest first."""
    wanted = AlertFilter(severity=query.severity, only_open=query.only_open)
    with asked.desk.db.read() as tx:
        return alert_page(tx, wanted, Place(query.limit, query.cursor))


@endpoints.post("/alerts/acknowledge", Permission.ACKNOWLEDGE)
def acknowledge_alerts(asked: Asked, body: WhichAlerts) -> Page[AlertRecord]:
    """Note that somebody has seen some alerts; it is kept who and when."""
    acknowledge(asked.desk, asked.actor, body.alerts)
    with asked.desk.db.read() as tx:
        return Page(alert_records(tx, body.alerts), None)


def _type(type_: str, rule: AlertRule) -> TypeRecord:
    does = ABOUT_TYPES[AlertType(type_)].does if type_ in set(AlertType) else ""
    return TypeRecord(type=type_, title=title_of(type_), does=does, rule=rule)


def _said(rule: RuleChange) -> dict[str, Any]:
    said = rule.model_dump(mode="json", exclude_none=True, exclude={"type", "every_channel"})
    return said | {"channels": None} if rule.every_channel else said
