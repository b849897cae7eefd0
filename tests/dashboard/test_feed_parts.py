"""What the feed is made of: readers, messages, the form of values."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, cast

import pytest

from dashboard.feed.messages import Channel, message
from dashboard.feed.reader import MOST_WAITING, CloseCode, Reader
from dashboard.wire import plain
from models.vocabulary import Side


def test_a_reader_that_does_not_keep_up_is_dropped_with_a_reason() -> None:
    reader = Reader(cast("Any", None), frozenset({Channel.ACCOUNT}))
    for _ in range(MOST_WAITING + 1):
        reader.offer(message("account_update", 1, Channel.ACCOUNT, data=None))
    assert reader.ending is not None
    assert reader.ending.code is CloseCode.TOO_SLOW


def test_a_message_is_written_once_for_all_readers() -> None:
    told = message("heartbeat", 7)
    assert told.text is told.text


@pytest.mark.parametrize(
    ("value", "form"),
    [
        (Decimal("151.500000"), "151.50"),
        (Decimal("0.123456"), "0.123456"),
        (Decimal("-1000.000000"), "-1000.00"),
        (Decimal(7), "7.00"),
        (Side.LONG, "long"),
        (datetime(2026, 11, 19, 14, 35, tzinfo=UTC), "2026-11-19T14:35:00.000Z"),
        ({"a": (Decimal(1), None)}, {"a": ["1.00", None]}),
    ],
)
def test_a_value_leaves_the_desk_in_a_plain_form(value: object, form: object) -> None:
    assert plain(value) == form
