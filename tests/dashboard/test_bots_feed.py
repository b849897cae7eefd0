"""Other bots on the feed: a picture of all, then each fact as it is told."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from simple_websocket.ws import Client

from engine.actions.keys import create_key
from engine.actions.permissions import SYSTEM
from engine.desk import Desk
from models.vocabulary import Role
from tests.dashboard.bots_by_hand import Dipper
from tests.dashboard.test_feed import Listener, hang_up


@pytest.fixture
def dipper(desk: Desk, tmp_path: Path) -> Dipper:
    return Dipper(desk, tmp_path)


@pytest.fixture
def listener(desk: Desk, url: str) -> Iterator[Listener]:
    key = create_key(desk, SYSTEM, "listener", Role.VIEWER).secret
    socket = Client(url.replace("http", "ws") + "/ws/v1/feed", headers={"X-API-Key": key})
    yield Listener(socket)
    hang_up(socket)


def test_a_line_of_a_log_is_told_to_whoever_listens_to_bots(
    dipper: Dipper, listener: Listener
) -> None:
    [bot] = listener.subscribe("bots")["data"]["bots"]
    assert (bot["name"], bot["health"]) == ("dipper", "unknown")
    dipper.says("[TRADE] BUY MSFT 10 @ $483.08 = $4830.80")
    told = listener.hear("bot_update")["data"]
    while told["body"]["event"] != "trade":
        told = listener.hear("bot_update")["data"]
    assert (told["kind"], told["scope"]) == ("bot", f"bot:{dipper.number}")
    assert (told["body"]["symbol"], told["body"]["value"]) == ("MSFT", "4830.800000")


def test_whoever_reads_all_of_the_journal_hears_of_bots_too(
    dipper: Dipper, listener: Listener
) -> None:
    listener.subscribe("logs")
    dipper.says("Cycle #7")
    assert listener.hear("bot_update")["data"]["body"]["bot"] == "dipper"


def test_what_was_missed_is_caught_up_with(dipper: Dipper, listener: Listener) -> None:
    seen = listener.subscribe("bots")["seq"]
    dipper.says("Cycle #7")
    listener.subscribe("bots", last_seq=seen)
    events = listener.hear("catch_up")["events"]
    assert "cycle" in [event["data"]["body"]["event"] for event in events]
