"""Alerts through the API: rules, the test of a channel, history and who has seen what."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from dashboard.queries.journal import last_seq
from engine.adapters.channels import AddressedChannel
from engine.desk import Desk
from engine.jobs.decide_alerts import decide_alerts
from engine.jobs.deliver_alerts import deliver_alerts
from models.vocabulary import Severity
from tests.dashboard import builders, desks
from tests.dashboard.api.conftest import Program
from tests.engine.alerts.receiver import Receiver, receiving

WHY = "too many"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


@pytest.fixture
def desk(sqlite_url: str, receiver: Receiver) -> Iterator[Desk]:
    """A desk with one channel that works."""
    channel = AddressedChannel("hook", receiver.address)
    made = replace(desks.make_desk(sqlite_url), channels=(channel,))
    yield made
    made.db.close()


def rejected(desk: Desk) -> int:
    """Raise an alert and return its number."""
    more = {"code": "order_rejected", "scope": "order:1", "severity": Severity.WARNING}
    builders.add_fact(desk, "alert", "AAPL rejected", **more)
    with desk.db.read() as tx:
        return last_seq(tx)


def rule(answer: object, type_: str) -> dict[str, object]:
    types = answer["types"]  # type: ignore[index]
    return next(each["rule"] for each in types if each["type"] == type_)


def test_the_rules_in_force_and_the_channels_are_told(
    operator: Program, receiver: Receiver
) -> None:
    answer = operator.get("/alerts/config")
    assert rule(answer.json, "not_flat")["critical_throttle"] == 60
    assert [(c["name"], c["kind"]) for c in (answer.json or {})["channels"]] == [
        ("hook", "Webhook")
    ]
    assert receiver.address not in answer.text


def test_what_is_not_said_of_a_rule_stays(admin: Program) -> None:
    for change in ({"enabled": False}, {"floor": "critical", "channels": ["hook"]}):
        body = {"rules": [{"type": "heartbeat", **change}], "reason": WHY}
        answer = admin.put("/alerts/config", body)
        assert answer.status_code == 200
    assert rule(answer.json, "heartbeat") == {
        "enabled": False,
        "floor": "critical",
        "warning_throttle": 0,
        "critical_throttle": 0,
        "channels": ["hook"],
    }
    assert (answer.json or {})["version"] == 2


def test_a_bot_s_own_type_can_have_a_rule(admin: Program) -> None:
    body = {"rules": [{"type": "funding_flip", "warning_throttle": 900}], "reason": WHY}
    answer = admin.put("/alerts/config", body)
    assert rule(answer.json, "funding_flip")["warning_throttle"] == 900


@pytest.mark.parametrize(
    ("change", "status", "sentence"),
    [
        (
            {"type": "not_flat", "channels": ["pigeon"]},
            404,
            "no channel pigeon; set up: hook",
        ),
        ({"type": "not_flat", "floor": "debug"}, 422, "floor"),
        ({"type": "not_flat", "warning_throttle": -1}, 422, "warning_throttle"),
        ({"type": "Not flat"}, 422, "type"),
    ],
)
def test_what_makes_no_sense_changes_nothing(
    admin: Program, change: object, status: int, sentence: str
) -> None:
    answer = admin.put("/alerts/config", {"rules": [change], "reason": WHY})
    assert answer.status_code == status
    assert sentence in answer.text
    assert (admin.get("/alerts/config").json or {})["version"] == 0


def test_a_channel_is_tried(admin: Program, receiver: Receiver) -> None:
    answer = admin.post("/alerts/test", {"channel": "hook"})
    assert answer.json == {"channel": "hook", "is_delivered": True, "problem": None}
    assert receiver.next()["title"] == "Test of the channel hook"


def test_a_failed_try_says_why_and_not_where(admin: Program, receiver: Receiver) -> None:
    receiver.status = 403
    answer = admin.post("/alerts/test", {"channel": "hook"})
    assert answer.json == {
        "channel": "hook",
        "is_delivered": False,
        "problem": "it answered with HTTP 403",
    }
    assert "planted-token" not in admin.get("/logs").text + admin.get("/audit").text


def test_there_is_no_trying_what_is_not_there(admin: Program) -> None:
    assert admin.post("/alerts/test", {"channel": "pigeon"}).status_code == 404


def test_the_history_tells_who_was_told_and_who_has_seen_it(
    desk: Desk, operator: Program, viewer: Program
) -> None:
    seq = rejected(desk)
    decide_alerts(desk)
    deliver_alerts(desk, desk.channels[0])
    assert operator.post("/alerts/acknowledge", {"alerts": [seq]}).status_code == 200
    (alert,) = (viewer.get("/alerts/history").json or {})["items"]
    assert (alert["type"], alert["verdict"]) == ("order_rejected", "told")
    assert [d["status"] for d in alert["deliveries"]] == ["delivered"]
    assert alert["acknowledged_by"] == "key:operator-key"


def test_what_was_seen_is_open_no_more(desk: Desk, operator: Program) -> None:
    seq = rejected(desk)
    assert len((operator.get("/alerts/history?only_open=true").json or {})["items"]) == 1
    for _ in range(2):  # the second changes nothing
        operator.post("/alerts/acknowledge", {"alerts": [seq]})
    assert (operator.get("/alerts/history?only_open=true").json or {})["items"] == []


def test_what_is_no_alert_cannot_be_acknowledged(desk: Desk, operator: Program) -> None:
    builders.add_fact(desk, "order", "no alert")
    assert operator.post("/alerts/acknowledge", {"alerts": [1]}).status_code == 404
