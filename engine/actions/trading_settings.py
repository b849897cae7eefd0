"""Strategy, risk and alert settings in force: read, changed, always as numbered versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pydantic import BaseModel, ValidationError
from sqlalchemy import Text, cast, func, select
from sqlalchemy.orm import Session as Transaction

from engine.actions.deeds import doing
from engine.actions.permissions import Actor, Permission
from engine.desk import Desk
from engine.errors import ConfigurationError, InvalidRequestError, NotFoundError
from engine.journal import record, take_turn
from engine.rules.settings_risk import risk_rises
from engine.rules.settings_sentences import sentences
from models.alert_settings import AlertSettings
from models.people import SettingsVersion
from models.trading_settings import RiskSettings, StrategySettings
from models.vocabulary import SettingsKind

NO_REASON = "no reason given"  # lowering the risk must not wait for words

AnySettings = StrategySettings | RiskSettings | AlertSettings
MODELS: dict[SettingsKind, type[AnySettings]] = {
    SettingsKind.STRATEGY: StrategySettings,
    SettingsKind.RISK: RiskSettings,
    SettingsKind.ALERTS: AlertSettings,
}
TRADING = (SettingsKind.STRATEGY, SettingsKind.RISK)


@dataclass(frozen=True, slots=True)
class Versions:
    """The numbers of the settings that apply now; 0 means the defaults."""

    strategy_version: int
    risk_version: int


@dataclass(frozen=True, slots=True)
class InForce(Versions):
    """The settings that apply now, and their numbers."""

    strategy: StrategySettings
    risk: RiskSettings


_IS_NEWEST = SettingsVersion.id.in_(
    select(func.max(SettingsVersion.id)).group_by(SettingsVersion.kind)
)
_NEWEST_VERSIONS = select(SettingsVersion.kind, SettingsVersion.version).where(_IS_NEWEST)
_NEWEST = _NEWEST_VERSIONS.add_columns(cast(SettingsVersion.body, Text).label("body"))


def settings_in_force(tx: Transaction) -> InForce:
    """Read the newest version of each kind; the defaults where there is none yet."""
    found = {row.kind: (row.version, row.body) for row in tx.execute(_NEWEST)}
    strategy_version, strategy = found.get(SettingsKind.STRATEGY, (0, "{}"))
    risk_version, risk = found.get(SettingsKind.RISK, (0, "{}"))
    return InForce(strategy_version, risk_version, _strategy(strategy), _risk(risk))


def versions_in_force(tx: Transaction) -> Versions:
    """Read the numbers alone: what protects or closes must not fail over what it does not use."""
    found = {row.kind: row.version for row in tx.execute(_NEWEST_VERSIONS)}
    return Versions(found.get(SettingsKind.STRATEGY, 0), found.get(SettingsKind.RISK, 0))


def alert_settings(tx: Transaction) -> tuple[AlertSettings, int]:
    """Read the newest version of the alert rules and its number; 0 means the defaults."""
    found = {row.kind: (row.version, row.body) for row in tx.execute(_NEWEST)}
    version, body = found.get(SettingsKind.ALERTS, (0, "{}"))
    return _alerts(body), version


def settings_of(tx: Transaction, kind: SettingsKind) -> tuple[AnySettings, int]:
    """Read the settings of one kind that are in force, and their version."""
    if kind is SettingsKind.ALERTS:
        return alert_settings(tx)
    now = settings_in_force(tx)
    if kind is SettingsKind.STRATEGY:
        return now.strategy, now.strategy_version
    return now.risk, now.risk_version


@lru_cache(maxsize=4)
def _alerts(body: str) -> AlertSettings:
    return AlertSettings.model_validate_json(body)


@lru_cache(maxsize=16)
def _strategy(body: str) -> StrategySettings:
    return StrategySettings.model_validate_json(body)


@lru_cache(maxsize=16)
def _risk(body: str) -> RiskSettings:
    return RiskSettings.model_validate_json(body)


def change_settings(
    desk: Desk, actor: Actor, kind: SettingsKind, changes: dict[str, Any], reason: str
) -> int:
    """Store a new version with some values changed; return its number.

    Raises:
        NotPermittedError: the actor may not.
        ConfigurationError: a name is unknown or a value out of bounds.
        InvalidRequestError: the risk would rise, and no reason was given.
    """
    may, reason = Permission.CHANGE_SETTINGS, reason.strip() or NO_REASON
    with doing(desk, actor, may, "change_settings", target=kind, reason=reason) as deed:
        tx = deed.tx
        take_turn(tx)  # two changes at once would get one number
        version, body = _newest(tx, kind)
        changed = validated(kind, merged(body, changes))
        _refuse_unknown_channels(desk, kind, body, changed)
        deed.entry.before, deed.entry.after = body, changed
        what = f"changed the {kind} settings: {', '.join(sorted(changes))}"
        _store(tx, desk, actor, SettingsChange(kind, version, body, changed, what, reason))
    return version + 1


def roll_back(desk: Desk, actor: Actor, kind: SettingsKind, version: int, reason: str) -> int:
    """Put an older version in force again, 0 for the defaults; return the new version's number.

    Raises:
        NotPermittedError: the actor may not.
        ConfigurationError: there is no such version, or its values are out of today's bounds.
        InvalidRequestError: the risk would rise, and no reason was given.
    """
    may, reason = Permission.CHANGE_SETTINGS, reason.strip() or NO_REASON
    with doing(desk, actor, may, "roll_back_settings", target=kind, reason=reason) as deed:
        tx = deed.tx
        take_turn(tx)
        newest, body = _newest(tx, kind)
        older = validated(kind, _body_of(tx, kind, version))
        deed.entry.before, deed.entry.after = body, older
        what = f"rolled the {kind} settings back to version {version}"
        _store(tx, desk, actor, SettingsChange(kind, newest, body, older, what, reason))
    return newest + 1


def merged(body: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return a body with changes made; what has parts of its own keeps those that are not said."""
    both = {**body, **changes}
    for name in body.keys() & changes.keys():
        if isinstance(body[name], Mapping) and isinstance(changes[name], Mapping):
            both[name] = merged(body[name], changes[name])
    return both


def _refuse_unknown_channels(
    desk: Desk, kind: SettingsKind, before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    """Refuse a channel that is not set up: whoever relied on it would never be told."""
    if kind is not SettingsKind.ALERTS:
        return
    known = {channel.name for channel in desk.channels} | _channels_of(before)
    unknown = sorted(_channels_of(after) - known)
    if unknown:
        known_ones = ", ".join(sorted(known)) or "none"
        raise NotFoundError(f"there is no channel {unknown[0]}; set up: {known_ones}")


def _channels_of(body: Mapping[str, Any]) -> set[str]:
    rules = body.get("rules", {}).values()
    return {name for rule in rules for name in rule.get("channels") or ()}


@dataclass(frozen=True, slots=True)
class SettingsChange:
    """A new version in the making: on top of which one, what it was and what it becomes."""

    kind: SettingsKind
    on_top_of: int
    before: dict[str, Any]
    after: dict[str, Any]
    deed: str
    reason: str


def raised_risk(
    kind: SettingsKind, before: Mapping[str, Any], after: Mapping[str, Any]
) -> frozenset[str]:
    """Return the names of the settings whose change lets the desk lose more than before."""
    if kind is not SettingsKind.RISK:
        return frozenset()
    return risk_rises(RiskSettings.model_validate(before), RiskSettings.model_validate(after))


def _store(tx: Transaction, desk: Desk, actor: Actor, change: SettingsChange) -> None:
    if change.reason == NO_REASON and raised_risk(change.kind, change.before, change.after):
        raise InvalidRequestError("raising the risk needs a reason, which the journal keeps")
    now = desk.clock.now()
    tx.add(
        SettingsVersion(
            kind=change.kind,
            version=change.on_top_of + 1,
            body=change.after,
            actor=actor.name,
            reason=change.reason,
            created_at=now,
        )
    )
    record(
        tx,
        now,
        "settings",
        change.kind,
        text=f"{actor.name} {change.deed}",
        before=change.before,
        after=change.after,
        reason=change.reason,
    )


def _body_of(tx: Transaction, kind: SettingsKind, version: int) -> dict[str, Any]:
    if version == 0:
        return {}
    body: dict[str, Any] | None = tx.scalar(
        select(SettingsVersion.body).where(
            SettingsVersion.kind == kind, SettingsVersion.version == version
        )
    )
    if body is None:
        raise ConfigurationError(f"there is no version {version} of the {kind} settings")
    return body


def parse_overrides(pairs: list[str]) -> dict[SettingsKind, dict[str, Any]]:
    """Read `risk.max_positions=20` and the like.

    Raises:
        ConfigurationError: a pair names no strategy or risk setting.
    """
    found: dict[SettingsKind, dict[str, Any]] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        kind, _, field = name.partition(".")
        if not equals or kind not in TRADING or field not in _fields(SettingsKind(kind)):
            raise ConfigurationError(
                f"--set {pair}: there is no such setting; write strategy.NAME=VALUE or "
                "risk.NAME=VALUE"
            )
        found.setdefault(SettingsKind(kind), {})[field] = value
    return found


def _fields(kind: SettingsKind) -> set[str]:
    return set(MODELS[kind].model_fields)


def _newest(tx: Transaction, kind: SettingsKind) -> tuple[int, dict[str, Any]]:
    row = tx.execute(
        select(SettingsVersion.version, SettingsVersion.body)
        .where(SettingsVersion.kind == kind)
        .order_by(SettingsVersion.version.desc())
        .limit(1)
    ).one_or_none()
    return (row.version, row.body) if row else (0, {})


def validated(kind: SettingsKind, body: dict[str, Any]) -> dict[str, Any]:
    """Return all settings of a kind as they would be stored.

    Raises:
        ConfigurationError: a name is unknown or a value out of bounds.
    """
    try:
        checked: BaseModel = MODELS[kind](**body)
    except ValidationError as error:
        where = ".".join(map(str, (kind, *error.errors(include_url=False)[0]["loc"])))
        raise ConfigurationError(f"{where}: {sentences(MODELS[kind], error)[0]}") from error
    return checked.model_dump(mode="json")


def problems(kind: SettingsKind, body: Mapping[str, Any], *, in_percent: bool = False) -> list[str]:
    """Return a sentence for each value that could not be stored.

    `in_percent`: for somebody who gave parts so.
    """
    try:
        MODELS[kind].model_validate(body)
    except ValidationError as error:
        return sentences(MODELS[kind], error, in_percent=in_percent)
    return []
