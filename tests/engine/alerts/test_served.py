"""The whole desk with a channel: told at its start, not held up by it, not told again."""

import os
import signal
from datetime import datetime
from pathlib import Path
from queue import Empty

import pytest
from sqlalchemy import select

from engine.lease import TIME_TO_LIVE
from models.alerts import AlertChannel
from models.control import EngineLease, Heartbeat
from models.database import Database
from tests.engine.alerts.receiver import SECRET, Receiver
from tests.engine.cli.serving import serving, until


def last_beat(db: Database) -> datetime | None:
    with db.read() as tx:
        beat = tx.get(Heartbeat, "engine")
        return beat.at if beat else None


def test_a_hanging_channel_holds_up_nothing_and_a_restart_repeats_nothing(
    tmp_path: Path, receiver: Receiver
) -> None:
    settings = {
        "BELLWETHER_ALERT_HOOK": receiver.address,
        "BELLWETHER_LOG_LEVEL": "DEBUG",
        "BELLWETHER_PUBLIC_URL": "https://desk.example",
    }
    receiver.go_on.clear()
    with serving(tmp_path, **settings) as desk:
        assert receiver.next()["message"].endswith("https://desk.example/alerts")
        db = Database(f"sqlite:///{tmp_path / 'data' / 'bellwether.db'}")
        began = last_beat(db)
        until(lambda: last_beat(db) != began, desk.process)  # the engine goes on
        receiver.go_on.set()
        first = desk.told()
    with serving(tmp_path, **settings) as desk:
        began = last_beat(db)
        until(lambda: last_beat(db) != began, desk.process)
        with pytest.raises(Empty):
            receiver.heard.get_nowait()
        told = first + desk.told()
    db.close()
    assert SECRET not in told


def test_an_engine_that_ends_does_not_wait_for_a_channel(
    tmp_path: Path, receiver: Receiver
) -> None:
    receiver.go_on.clear()
    with serving(tmp_path, BELLWETHER_ALERT_HOOK=receiver.address) as desk:
        receiver.next()
        db = Database(f"sqlite:///{tmp_path / 'data' / 'bellwether.db'}")
        os.kill(desk.process.pid, signal.SIGTERM)
        until(lambda: is_free(db), desk.process)  # while the channel still hangs
        with db.read() as tx:
            (channel,) = tx.scalars(select(AlertChannel))
        assert channel.failures == 0  # nobody has given it up yet
        receiver.go_on.set()
    db.close()


def is_free(db: Database) -> bool:
    with db.read() as tx:
        lease = tx.get(EngineLease, "engine")
        return lease is not None and lease.expires_at <= lease.renewed_at + TIME_TO_LIVE / 2
