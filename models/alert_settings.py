"""Alert rules: which alerts are told, from which severity, how often, by which channels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from models.vocabulary import Severity

DAY = 86_400  # seconds

ChannelName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$", examples=["telegram"])]
TypeName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,47}$", examples=["not_flat"])]
Floor = Literal[Severity.INFO, Severity.WARNING, Severity.CRITICAL, Severity.EMERGENCY]


class AlertType(StrEnum):
    """What an alert is about. A bot's own types are further names beside these."""

    UNPROTECTED = "unprotected"
    NOT_FLAT = "not_flat"
    DAILY_LOSS = "daily_loss"
    ORDER_REJECTED = "order_rejected"
    RECONCILIATION = "reconciliation"
    CLOSED_OUTSIDE = "closed_outside"
    BROKER = "broker"
    STALE_DATA = "stale_data"
    ENGINE_DOWN = "engine_down"
    JOB_FAILED = "job_failed"
    CONTROL = "control"
    CHANNEL = "channel"
    BOTS = "bots"
    OTHER = "other"
    HEARTBEAT = "heartbeat"
    DAILY_SUMMARY = "daily_summary"


@dataclass(frozen=True, slots=True)
class AboutType:
    """A type's name for people, and what the desk does about such a thing by itself."""

    title: str
    does: str = ""


ABOUT_TYPES: Mapping[AlertType, AboutType] = {
    AlertType.UNPROTECTED: AboutType(
        "Shares without a stop", "It places the stop again, or closes at market."
    ),
    AlertType.NOT_FLAT: AboutType("Not flat", "It goes on cancelling and closing until it is."),
    AlertType.DAILY_LOSS: AboutType(
        "Daily loss limit", "No more entries today; stops and the flatten go on."
    ),
    AlertType.ORDER_REJECTED: AboutType(
        "Rejected order", "A closing or protecting order is tried again, an entry is not."
    ),
    AlertType.RECONCILIATION: AboutType(
        "Books and broker differ", "No new entries until the difference is gone."
    ),
    AlertType.CLOSED_OUTSIDE: AboutType(
        "Closed outside the desk", "It took the fills into its books."
    ),
    AlertType.BROKER: AboutType(
        "Trouble at the broker", "No new entries meanwhile; it keeps asking."
    ),
    AlertType.STALE_DATA: AboutType("Stale market data", "No new entries on old prices."),
    AlertType.ENGINE_DOWN: AboutType(
        "Engine down or late", "Attached stops stay at the broker; a standby takes over."
    ),
    AlertType.JOB_FAILED: AboutType("A job fails", "It is run again at its next turn."),
    AlertType.CONTROL: AboutType(
        "Kill switch", "Nothing new is sent; stops of open positions stay."
    ),
    AlertType.CHANNEL: AboutType(
        "A channel is broken", "What waits for it is sent when it works again."
    ),
    AlertType.BOTS: AboutType("Other bots"),
    AlertType.OTHER: AboutType("Everything else"),
    AlertType.HEARTBEAT: AboutType("Heartbeat"),
    AlertType.DAILY_SUMMARY: AboutType("Daily summary"),
}


def title_of(type_: str) -> str:
    """Return a type's name for people."""
    if type_ in set(AlertType):
        return ABOUT_TYPES[AlertType(type_)].title
    return type_.replace("_", " ").capitalize()


class AlertRule(BaseModel):
    """What is done with alerts of one type. An emergency is never held back."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    enabled: Annotated[bool, Field(title="told")] = True
    floor: Annotated[Floor, Field(title="from severity")] = Severity.WARNING
    warning_throttle: Annotated[
        int, Field(ge=0, le=DAY, title="seconds between warnings about the same")
    ] = 300
    critical_throttle: Annotated[
        int, Field(ge=0, le=DAY, title="seconds between criticals about the same")
    ] = 60
    channels: Annotated[tuple[ChannelName, ...] | None, Field(title="channels", max_length=32)] = (
        None  # None: every one
    )


REGULAR = AlertRule(floor=Severity.INFO, warning_throttle=0, critical_throttle=0)
DEFAULT_RULES: Mapping[str, AlertRule] = {type_.value: AlertRule() for type_ in AlertType} | {
    AlertType.HEARTBEAT.value: REGULAR,
    AlertType.DAILY_SUMMARY.value: REGULAR,
}


def _whole(type_: str, rule: Any) -> Any:
    """Return a rule in which what is not said is as it is by default for its type."""
    default = DEFAULT_RULES.get(type_, AlertRule())
    return default.model_dump() | rule if isinstance(rule, dict) else rule


class AlertSettings(BaseModel):
    """The rules by type, those of bots' own types among them, and how often all is well."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    heartbeat_minutes: Annotated[int, Field(ge=5, le=1440, title="Minutes between heartbeats")] = 60
    rules: Annotated[dict[TypeName, AlertRule], Field(title="Rules", max_length=500)] = Field(
        default_factory=lambda: dict(DEFAULT_RULES)
    )

    @model_validator(mode="before")
    @classmethod
    def _with_every_rule(cls, given: Any) -> Any:
        """Let what is not said be as it is by default."""
        if not isinstance(given, dict) or not isinstance(given.get("rules"), dict):
            return given
        said = {type_: _whole(type_, rule) for type_, rule in given["rules"].items()}
        return given | {"rules": {**DEFAULT_RULES, **said}}

    def rule(self, type_: str) -> AlertRule:
        """Return the rule of a type; one that nobody has set goes by that of everything else."""
        return self.rules.get(type_) or self.rules[AlertType.OTHER]
