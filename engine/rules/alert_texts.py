"""What an alert says to somebody who is not at the screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models.vocabulary import Severity

MOST_LINES = 20
MOST_TEXT, MOST_IN_A_LINE = 1_500, 160  # messengers take some thousand characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message as a channel takes it, whatever its kind."""

    title: str
    body: str
    severity: Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One alert in words: what, since when, and what the desk does about it."""

    title: str
    text: str
    severity: Severity
    raised: str  # New York time
    since: str | None = None  # New York time, where it began before it was raised
    does: str = ""
    held_back: int = 0  # how many like it were throttled since the last one


@dataclass(frozen=True, slots=True)
class From:
    """Which desk speaks, and where its pages are."""

    account: str
    address: str | None = None


def message_of(alerts: Sequence[Told], sender: From) -> Message:
    """Put the alerts that wait for a channel into one message: a flood is one message too."""
    return _one(alerts[0], sender) if len(alerts) == 1 else _several(alerts, sender)


def _one(alert: Told, sender: From) -> Message:
    raised = f"Raised {alert.raised} New York"
    since = f", stands since {alert.since}" if alert.since else ""
    lines = [alert.text[:MOST_TEXT], f"{raised}{since}."]
    if alert.does:
        lines.append(f"The desk: {alert.does}")
    if alert.held_back:
        lines.append(f"{alert.held_back} more like it were held back since the last one.")
    title = alert.title
    if alert.severity is not Severity.INFO:
        title = f"{alert.severity.upper()}: {title}"
    return Message(title=title, body=_signed(lines, sender), severity=alert.severity)


def _several(alerts: Sequence[Told], sender: From) -> Message:
    worst = max(alerts, key=lambda alert: alert.severity.rank).severity
    gravest_first = sorted(alerts, key=lambda alert: -alert.severity.rank)
    lines = [
        f"{alert.raised} {alert.severity}: {alert.title}: {alert.text[:MOST_IN_A_LINE]}"
        for alert in gravest_first[:MOST_LINES]
    ]
    if len(alerts) > MOST_LINES:
        lines.append(f"and {len(alerts) - MOST_LINES} more, on the page")
    title = f"{len(alerts)} alerts, the gravest {worst}"
    return Message(title=title, body=_signed(lines, sender), severity=worst)


def _signed(lines: Sequence[str], sender: From) -> str:
    link = [f"{sender.address.rstrip('/')}/alerts"] if sender.address else []
    return "\n".join([*lines, f"Bellwether, {sender.account} account", *link])
