"""Which alerts are told, to whom, how soon again, and when what stands becomes graver."""

from datetime import UTC, datetime, timedelta

import pytest

from engine.clock import DrivenClock
from engine.rules.alert_texts import MOST_LINES, From, Told, message_of
from engine.rules.alerting import (
    CODES,
    LADDERS,
    Decision,
    Past,
    Raised,
    decide,
    key_of,
    severity_after,
    type_of,
)
from engine.rules.breaker import LONGEST, pause_after
from models.alert_settings import AlertRule, AlertSettings, AlertType
from models.vocabulary import Severity, Verdict

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
BOTH = ("hook", "mail")
INFO, WARNING, ERROR = Severity.INFO, Severity.WARNING, Severity.ERROR
CRITICAL, EMERGENCY = Severity.CRITICAL, Severity.EMERGENCY
NEVER = Past()


def raised(severity: Severity = WARNING, **more: object) -> Raised:
    about = {"code": "naked", "scope": "trade:7", "severity": severity, **more}
    return Raised(**about)  # type: ignore[arg-type]


def verdict(severity: Severity, rule: AlertRule, past: Past = NEVER) -> Verdict:
    return decide(raised(severity), rule, past, BOTH, NOW).verdict


def told(seconds_ago: float) -> Past:
    return Past(NOW - timedelta(seconds=seconds_ago), stands=True)


# ------------------------------------------------------------------------------ told or not
def test_an_alert_goes_through_every_channel_by_default() -> None:
    assert decide(raised(), AlertRule(), NEVER, BOTH, NOW) == Decision(Verdict.TOLD, list(BOTH))


def test_a_rule_can_name_its_channels() -> None:
    decision = decide(raised(), AlertRule(channels=("mail",)), NEVER, BOTH, NOW)
    assert decision == Decision(Verdict.TOLD, ["mail"])


@pytest.mark.parametrize("channels", [(), ("gone",)])
def test_without_a_channel_there_is_nobody_to_tell(channels: tuple[str, ...]) -> None:
    rule = AlertRule(channels=channels)
    assert verdict(EMERGENCY, rule) is Verdict.NO_CHANNEL


def test_what_is_switched_off_is_not_told() -> None:
    assert verdict(EMERGENCY, AlertRule(enabled=False)) is Verdict.OFF


@pytest.mark.parametrize(
    ("severity", "is_told"), [(INFO, False), (WARNING, False), (ERROR, False), (CRITICAL, True)]
)
def test_what_is_below_the_floor_is_not_told(severity: Severity, *, is_told: bool) -> None:
    assert (verdict(severity, AlertRule(floor=CRITICAL)) is Verdict.TOLD) == is_told


def test_an_end_is_told_if_its_beginning_was_whatever_the_floor() -> None:
    rule, over = AlertRule(floor=CRITICAL), raised(INFO, is_over=True)
    assert decide(over, rule, told(1), BOTH, NOW).verdict is Verdict.TOLD
    assert decide(over, rule, NEVER, BOTH, NOW).verdict is Verdict.BELOW_FLOOR


# ------------------------------------------------------------------------------ throttle
@pytest.mark.parametrize(
    ("severity", "seconds", "expected"),
    [
        (WARNING, 299, Verdict.THROTTLED),
        (WARNING, 300, Verdict.TOLD),
        (CRITICAL, 59, Verdict.THROTTLED),
        (CRITICAL, 60, Verdict.TOLD),
        (EMERGENCY, 0, Verdict.TOLD),
    ],
)
def test_each_severity_has_its_own_throttle_and_an_emergency_none(
    severity: Severity, seconds: float, expected: Verdict
) -> None:
    assert verdict(severity, AlertRule(), told(seconds)) is expected


def test_a_clock_that_was_set_back_silences_nobody() -> None:
    assert verdict(WARNING, AlertRule(), told(-5)) is Verdict.TOLD


def test_alerts_about_different_things_do_not_throttle_each_other() -> None:
    assert key_of("unprotected", raised()) != key_of("unprotected", raised(scope="trade:8"))


# ------------------------------------------------------------------------------ types
def test_every_code_of_the_desk_has_a_type() -> None:
    assert type_of("clock_skew", "broker:paper", ()) == AlertType.BROKER
    assert set(CODES.values()) == set(AlertType)


@pytest.mark.parametrize(
    ("code", "scope", "type_"),
    [
        ("funding_flip", "bot:delta", "funding_flip"),  # it has a rule of its own
        ("lst_depeg", "bot:delta", AlertType.BOTS),
        ("something", "somewhere", AlertType.OTHER),
    ],
)
def test_a_bot_s_alert_goes_by_its_own_rule_or_that_of_bots(
    code: str, scope: str, type_: str
) -> None:
    assert type_of(code, scope, {"funding_flip"}) == type_


def test_a_type_without_a_rule_goes_by_that_of_everything_else() -> None:
    other = {"rules": {"other": {"warning_throttle": 7}}}
    assert AlertSettings.model_validate(other).rule("unheard_of").warning_throttle == 7


# ------------------------------------------------------------------------------ escalation
@pytest.mark.parametrize("type_", LADDERS)
def test_what_stands_longer_is_never_less_grave(type_: AlertType) -> None:
    clock = DrivenClock(NOW)
    heard = []
    for _ in range(1_200):
        heard.append(severity_after(type_, (clock.now() - NOW).total_seconds()))
        clock.advance_to(clock.now() + timedelta(seconds=1))
    ranks = [-1 if severity is None else severity.rank for severity in heard]
    assert ranks == sorted(ranks)


def test_shares_without_a_stop_are_an_emergency_after_a_minute() -> None:
    severities = [severity_after(AlertType.UNPROTECTED, s) for s in (9, 10, 59, 60)]
    assert severities == [None, CRITICAL, CRITICAL, EMERGENCY]


# ------------------------------------------------------------------------------ pauses
def test_pauses_grow_and_end_somewhere() -> None:
    assert [pause_after(n).total_seconds() for n in range(1, 7)] == [5, 10, 60, 120, 240, 480]
    assert pause_after(1_000) == LONGEST


# ------------------------------------------------------------------------------ texts
def words(severity: Severity = WARNING, **more: object) -> Told:
    about = {"title": "Not flat", "text": "NVDA", "severity": severity, "raised": "10:15:00"}
    return Told(**(about | more))  # type: ignore[arg-type]


def test_one_alert_says_everything() -> None:
    alert = words(EMERGENCY, since="10:13:00", does="It goes on.", held_back=3)
    message = message_of([alert], From("paper", "https://desk.example/"))
    assert message.title == "EMERGENCY: Not flat"
    assert message.body.splitlines() == [
        "NVDA",
        "Raised 10:15:00 New York, stands since 10:13:00.",
        "The desk: It goes on.",
        "3 more like it were held back since the last one.",
        "Bellwether, paper account",
        "https://desk.example/alerts",
    ]


def test_several_alerts_are_lines_the_gravest_first() -> None:
    message = message_of([words(), words(CRITICAL)], From("paper"))
    assert message.title == "2 alerts, the gravest critical"
    assert message.severity is CRITICAL
    assert [line.split(":")[2] for line in message.body.splitlines()[:2]] == [
        "00 critical",
        "00 warning",
    ]


def test_a_flood_is_a_short_message_too() -> None:
    message = message_of([words()] * 200, From("paper"))
    assert len(message.body.splitlines()) == MOST_LINES + 2
    assert f"and {200 - MOST_LINES} more" in message.body
