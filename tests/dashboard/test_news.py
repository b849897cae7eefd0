"""What the feed tells when something goes wrong in between, or somebody joins in between."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from dashboard.feed.messages import SAID, Subscribe
from dashboard.feed.news import News
from engine.desk import Desk
from tests.dashboard import builders


def wanted(*channels: str, last_seq: int = 0) -> Subscribe:
    words = {"action": "subscribe", "channels": list(channels), "last_seq": last_seq}
    said = SAID.validate_python(words)
    assert isinstance(said, Subscribe)
    return said


@pytest.fixture
def news(desk: Desk) -> News:
    """What readers are told, one of whom is there."""
    news = News(desk)
    news.snapshot(wanted("logs", "trades"))
    news.look()
    return news


def rename(desk: Desk, table: str, other: str) -> None:
    with desk.db.write() as tx:
        tx.execute(text(f"ALTER TABLE {table} RENAME TO {other}"))


def told(news: News, kind: str, **how: bool) -> list[Any]:
    return [each.content["data"] for each in news.look(**how)[1] if each.content["type"] == kind]


def test_a_fact_outlives_a_picture_that_fails(desk: Desk, news: News) -> None:
    builders.add_fact(desk, "alert", "It must be heard.")
    rename(desk, "signals", "away")
    with pytest.raises(DatabaseError):
        news.look(at_once=True)
    rename(desk, "away", "signals")
    assert [fact["text"] for fact in told(news, "alert")] == ["It must be heard."]


def test_who_joins_right_after_a_fact_sees_what_it_was_about(desk: Desk, news: News) -> None:
    trade = builders.add_position(desk)
    news.look(at_once=True)
    builders.close(desk, trade, "5")
    builders.add_fact(desk, "trade", "closed")
    news.look()  # those who were there are told; the picture may wait a moment
    news.look(at_once=True)
    [snapshot] = news.snapshot(wanted("trades"))
    assert [row["id"] for row in snapshot.content["data"]["trades"]] == [trade.id]


def test_who_knows_of_more_than_a_desk_from_a_backup_is_new_to_it(desk: Desk, news: News) -> None:
    builders.add_fact(desk, "trade", "closed")
    news.look(at_once=True)
    [known], [beyond] = (news.snapshot(wanted("logs", last_seq=seq)) for seq in (0, 1_000))
    assert beyond.content["seq"] == known.content["seq"] == news.newest()
    assert beyond.content["data"] == known.content["data"]
