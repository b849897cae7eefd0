"""Which alerts are told, to whom and how soon again; when what stands becomes graver."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.alert_settings import AlertRule, AlertType
from models.vocabulary import Severity, Verdict

OF_A_BOT = "bot:"  # how the scope of a bot's alert begins

# The codes under which the desk raises alerts, by type.
CODES: Mapping[str, AlertType] = {
    "naked": AlertType.UNPROTECTED,
    "stop_jumped": AlertType.UNPROTECTED,
    "external": AlertType.CLOSED_OUTSIDE,
    "difference": AlertType.RECONCILIATION,
    "account": AlertType.BROKER,
    "account_unreadable": AlertType.BROKER,
    "other_account": AlertType.BROKER,
    "clock": AlertType.BROKER,
    "clock_skew": AlertType.BROKER,
    "data": AlertType.STALE_DATA,
    "engine_late": AlertType.ENGINE_DOWN,
    "kill": AlertType.CONTROL,
} | {type_.value: type_ for type_ in AlertType}

# From how many seconds on something that stands is how grave.
LADDERS: Mapping[AlertType, Sequence[tuple[float, Severity]]] = {
    AlertType.UNPROTECTED: ((10, Severity.CRITICAL), (60, Severity.EMERGENCY)),
    AlertType.STALE_DATA: (
        (90, Severity.WARNING),  # prices are minute bars
        (180, Severity.CRITICAL),
        (600, Severity.EMERGENCY),
    ),
    AlertType.ENGINE_DOWN: ((30, Severity.CRITICAL), (120, Severity.EMERGENCY)),
    AlertType.BROKER: ((0, Severity.CRITICAL), (120, Severity.EMERGENCY)),
    AlertType.RECONCILIATION: ((0, Severity.WARNING), (300, Severity.CRITICAL)),
    AlertType.NOT_FLAT: ((0, Severity.EMERGENCY),),  # after the close
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """An alert as the journal tells it."""

    code: str
    scope: str
    severity: Severity
    is_over: bool = False  # it tells that something has ended


@dataclass(frozen=True, slots=True)
class Past:
    """What was told of the same thing before."""

    told_at: datetime | None = None  # last, at this severity
    stands: bool = False  # something was told of it, and not yet its end


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether an alert is told, and through which channels."""

    verdict: Verdict
    channels: Sequence[str] = ()


def type_of(code: str, scope: str, known: Collection[str]) -> str:
    """Return the type of an alert: the desk's own, a bot's own that has a rule, or what is left."""
    if code in CODES:
        return CODES[code]
    if code in known:
        return code
    return AlertType.BOTS if scope.startswith(OF_A_BOT) else AlertType.OTHER


def key_of(type_: str, raised: Raised) -> str:
    """Return what an alert is about: alerts of one key throttle each other and nobody else."""
    return f"{type_}|{raised.code}|{raised.scope}"[:160]


def decide(
    raised: Raised, rule: AlertRule, past: Past, channels: Collection[str], now: datetime
) -> Decision:
    """Say what becomes of an alert. Its end is told if its beginning was."""
    if not rule.enabled:
        return Decision(Verdict.OFF)
    if raised.is_over and not past.stands:
        return Decision(Verdict.BELOW_FLOOR)
    if not raised.is_over and raised.severity.rank < rule.floor.rank:
        return Decision(Verdict.BELOW_FLOOR)
    if not raised.is_over and _is_throttled(raised.severity, rule, past, now):
        return Decision(Verdict.THROTTLED)
    wanted = [name for name in channels if rule.channels is None or name in rule.channels]
    told = [name for name in wanted if raised.scope != channel_scope(name)]
    return Decision(Verdict.TOLD, told) if told else Decision(Verdict.NO_CHANNEL)


def channel_scope(name: str) -> str:
    """Return the scope of what concerns a channel: nobody is told through what is broken."""
    return f"channel:{name}"


def throttle_of(severity: Severity, rule: AlertRule) -> timedelta:
    """Return how long an alert holds back the next one of its severity about the same."""
    if severity is Severity.EMERGENCY:
        return timedelta(0)
    critical = severity is Severity.CRITICAL
    return timedelta(seconds=rule.critical_throttle if critical else rule.warning_throttle)


def _is_throttled(severity: Severity, rule: AlertRule, past: Past, now: datetime) -> bool:
    if past.told_at is None:
        return False
    return timedelta(0) <= now - past.told_at < throttle_of(severity, rule)


def severity_after(type_: AlertType, seconds: float) -> Severity | None:
    """Return how grave something is that has stood so long, None while it is not worth a word."""
    reached = [severity for least, severity in LADDERS[type_] if seconds >= least]
    return reached[-1] if reached else None
