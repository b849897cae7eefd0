"""The whole desk with a channel: told at its start, not held up by it, not told again."""

from datetime import datetime
from pathlib import Path
from queue import Empty

import pytest

from models.control import Heartbeat
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
