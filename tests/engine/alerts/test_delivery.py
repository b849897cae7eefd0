"""Alerts arrive: at least once, in time, and never as a flood."""

import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from engine.clock import wall_now
from engine.jobs.deliver_alerts import CLAIM, EXPIRY, PACE
from models.alerts import AlertChannel, AlertCursor, AlertDelivery, AlertVerdict
from models.database import Database
from models.journal import JournalRow
from models.vocabulary import DeliveryStatus, Severity
from tests.dashboard import builders
from tests.databases import with_schema
from tests.engine.alerts.conftest import Scene
from tests.engine.alerts.receiver import RESET, Receiver

ROOT = Path(__file__).parents[3]
CRITICAL, EMERGENCY = Severity.CRITICAL, Severity.EMERGENCY


def statuses(scene: Scene) -> list[str]:
    with scene.desk.db.read() as tx:
        return [str(row.status) for row in tx.scalars(select(AlertDelivery))]


def channel(scene: Scene) -> AlertChannel:
    with scene.desk.db.read() as tx:
        return tx.scalars(select(AlertChannel)).one()


def alerts_about_channels(scene: Scene) -> list[str]:
    with scene.desk.db.read() as tx:
        chosen = select(JournalRow).where(JournalRow.kind == "alert")
        rows = tx.scalars(chosen.order_by(JournalRow.seq)).all()
        return [row.body["text"] for row in rows if row.scope == "channel:hook"]


# ------------------------------------------------------------------------------ it arrives
def test_an_alert_says_what_since_when_and_what_the_desk_does(scene: Scene) -> None:
    since = scene.desk.clock.now() - timedelta(minutes=2)
    scene.alert("naked", "trade:7", CRITICAL, "NVDA: 300 shares have no live stop", since=since)
    scene.decide()
    assert scene.deliver() == 1
    heard = scene.receiver.next()
    assert heard["title"] == "CRITICAL: Shares without a stop"
    for part in ("NVDA: 300 shares", "stands since 10:13", "places the stop again", "simulated"):
        assert part in heard["message"]


def test_what_was_delivered_is_not_sent_again(scene: Scene) -> None:
    scene.alert()
    assert len(scene.tell()) == 1
    scene.wait(3_600)
    assert scene.tell() == []
    assert statuses(scene) == ["delivered"]


def test_many_at_once_are_one_message(scene: Scene) -> None:
    for number in range(30):
        scene.alert(scope=f"order:{number}", text=f"order {number} rejected")
    scene.alert("not_flat", "session:1", CRITICAL, "NOT FLAT")
    assert scene.tell() == ["31 alerts, the gravest critical"]


def test_calm_alerts_wait_for_company_and_grave_ones_do_not(scene: Scene) -> None:
    scene.alert(scope="order:1")
    assert len(scene.tell()) == 1
    scene.alert(scope="order:2")
    assert scene.tell() == []
    scene.alert("not_flat", "session:1", CRITICAL)
    assert scene.tell() == ["2 alerts, the gravest critical"]
    scene.alert(scope="order:3")
    scene.wait(PACE.total_seconds())
    assert len(scene.tell()) == 1


def test_what_the_journal_held_before_the_upgrade_is_history(database_url: str) -> None:
    db = Database(database_url)
    db.upgrade("0010")
    with db.write() as tx:
        tx.add(
            JournalRow(
                at=builders.NOW,
                kind="alert",
                scope="x",
                severity=CRITICAL,
                correlation_id="",
                body={},
            )
        )
    with_schema(db)
    with db.read() as tx:
        assert tx.scalar(select(AlertCursor.seq)) == tx.scalar(select(JournalRow.seq))
    db.close()


# ------------------------------------------------------------------------------ it does not
@pytest.mark.parametrize(
    ("status", "problem"), [(500, "HTTP 500"), (404, "HTTP 404"), (RESET, "cannot be reached")]
)
def test_what_is_not_taken_is_sent_again_after_a_pause(
    scene: Scene, status: int, problem: str
) -> None:
    scene.receiver.status = status
    scene.alert()
    assert len(scene.tell()) == 1
    assert problem in (channel(scene).problem or "")
    scene.receiver.status = 200
    assert scene.tell() == []  # not at once
    scene.wait(5)
    assert len(scene.tell()) == 1
    assert statuses(scene) == ["delivered"]
    assert channel(scene).failures == 0


def test_a_slow_channel_is_given_up_for_now(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene(patience=0.2)
    scene.receiver.go_on.clear()
    scene.alert()
    scene.decide()
    assert scene.deliver() == 0
    assert channel(scene).problem == "no answer within 0.2 seconds"
    scene.wait(5)
    assert scene.deliver() == 0
    assert "still has not answered" in (channel(scene).problem or "")
    assert statuses(scene) == ["waiting"]


def test_the_breaker_opens_cools_down_and_closes(scene: Scene) -> None:
    scene.receiver.status = 500
    scene.alert()
    scene.decide()
    for seconds in (5, 10, 15):
        scene.deliver()
        scene.wait(seconds)
    assert channel(scene).failures == 3
    assert scene.receiver.heard.qsize() == 3
    scene.deliver()
    assert scene.receiver.heard.qsize() == 3  # it is spared
    scene.wait(60)
    scene.receiver.status = 200
    assert scene.deliver() == 1
    assert [text.split("hook (Webhook) ")[1] for text in alerts_about_channels(scene)] == [
        "does not take alerts: it answered with HTTP 500",
        "takes alerts again",
    ]


def test_nobody_is_told_through_the_channel_that_is_broken(scene: Scene) -> None:
    scene.alert("channel", "channel:hook", CRITICAL, "The channel hook does not take alerts")
    assert scene.tell() == []
    with scene.desk.db.read() as tx:
        assert [row.verdict for row in tx.scalars(select(AlertVerdict))] == ["no_channel"]


def test_what_nobody_took_for_a_day_is_history(scene: Scene) -> None:
    scene.receiver.status = 500
    scene.alert()
    scene.tell()
    scene.receiver.status = 200
    scene.wait(EXPIRY.total_seconds() + 1)
    assert scene.tell() == []
    assert statuses(scene) == [DeliveryStatus.EXPIRED]


# ------------------------------------------------------------------------------ killed
def killed_while_sending(scene: Scene) -> None:
    """Let another process decide and send, and kill it before it has heard the answer."""
    scene.receiver.go_on.clear()
    url = scene.desk.db.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.engine.alerts.telling", url, scene.receiver.address]
    with subprocess.Popen(command, cwd=ROOT) as process:  # noqa: S603  # our own program
        scene.receiver.next()
        process.kill()
    scene.receiver.go_on.set()


def test_a_crash_between_raise_and_delivery_loses_nothing(scene: Scene) -> None:
    scene.alert("not_flat", "session:1", EMERGENCY, "NOT FLAT")
    killed_while_sending(scene)
    scene.clock.advance_to(wall_now())  # by which the other process went
    assert statuses(scene) == ["waiting"]
    assert scene.tell() == []  # the other one's claim still stands
    scene.wait(CLAIM.total_seconds() + 5)
    assert scene.tell() == ["EMERGENCY: Not flat"]
    assert statuses(scene) == ["delivered"]


def test_the_address_is_in_no_table(scene: Scene, receiver: Receiver) -> None:
    receiver.status = 500
    scene.alert()
    scene.tell()
    stored = "".join(
        str(row)
        for model in (AlertChannel, JournalRow, AlertDelivery)
        for row in rows(scene, model)
    )
    assert "Webhook" in stored
    assert "planted-token" not in stored


def rows(scene: Scene, model: type) -> list[object]:
    with scene.desk.db.read() as tx:
        return [list(row) for row in tx.execute(select(*model.__table__.columns))]  # type: ignore[attr-defined]
