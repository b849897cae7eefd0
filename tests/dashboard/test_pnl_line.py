"""The day's P&L line of the feed: what was stored while nobody looked is in it."""

from datetime import timedelta
from typing import Any

from dashboard.feed.messages import Channel, Subscribe
from dashboard.feed.news import News
from engine.desk import Desk
from tests.dashboard import builders

STATS = Subscribe(action="subscribe", channels=frozenset({Channel.STATS}))
STORED = [0, 120, 250, 90, 310]


def line_of(news: News) -> list[Any]:
    [snapshot] = news.snapshot(STATS)
    told: list[Any] = snapshot.content["data"][Channel.STATS]["line"]
    return told


def test_the_line_has_what_happened_while_nobody_was_there(desk: Desk) -> None:
    builders.add_snapshots(desk, [0])
    news = News(desk)
    assert len(line_of(news)) == 1
    news.forget()
    builders.add(desk, *builders.snapshots(STORED[1:], first_minute=1))
    assert [float(pnl) for _at, pnl in line_of(news)] == STORED


def test_a_gap_is_filled_with_what_was_stored_meanwhile(desk: Desk) -> None:
    builders.add_snapshots(desk, STORED[:2])
    news = News(desk)
    line_of(news)
    builders.add(desk, *builders.snapshots(STORED[2:], first_minute=2))
    builders.set_account(desk, "100700")  # at 10:15, half an hour later
    assert _told(news) == [*STORED[2:], 700]
    at = desk.clock.now() + timedelta(seconds=20)
    builders.set_account(desk, "100800", at=at)
    assert _told(news) == [800]


def _told(news: News) -> list[float]:
    """Look until the line has grown; return its new points."""
    while True:
        _facts, told = news.look()
        for message in told:
            if message.content["type"] == "stats_update" and message.content["data"]["points"]:
                return [float(pnl) for _at, pnl in message.content["data"]["points"]]
