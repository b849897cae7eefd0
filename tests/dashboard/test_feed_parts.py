"""What the feed is made of: readers, messages, the form of values."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from pydantic import ValidationError
from wsproto.connection import Connection, ConnectionType
from wsproto.events import TextMessage
from wsproto.extensions import PerMessageDeflate

from dashboard.feed.frames import Edition, frame
from dashboard.feed.messages import SAID, Channel, Wire, message
from dashboard.feed.mistakes import sentence_about
from dashboard.wire import plain
from models.vocabulary import Side

ACCOUNT = frozenset({Channel.ACCOUNT})


def test_readers_of_the_same_channels_get_the_very_same_bytes() -> None:
    edition = Edition([message("heartbeat", 7), message("account_update", 8, Channel.ACCOUNT)])
    pieces = [edition.piece(ACCOUNT, Wire.JSON, deflated=False) for _ in range(2)]
    assert pieces[0] is pieces[1]


def test_a_reader_gets_nothing_of_other_channels() -> None:
    edition = Edition([message("position_update", 8, Channel.POSITIONS)])
    assert edition.piece(ACCOUNT, Wire.JSON, deflated=False) == b""


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536])
@pytest.mark.parametrize("deflated", [False, True])
def test_a_frame_is_understood_by_those_who_know_frames(size: int, *, deflated: bool) -> None:
    extension = PerMessageDeflate()
    extension.finalize("permessage-deflate; server_no_context_takeover")
    client = Connection(ConnectionType.CLIENT, extensions=[extension])
    client.receive_data(frame("x" * size, deflated=deflated))
    told = [event for event in client.events() if isinstance(event, TextMessage)]
    assert "".join(event.data for event in told) == "x" * size


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("{", "Say a JSON object with an action: subscribe, catch_up or refresh_token."),
        ("[]", "Say a JSON object with an action: subscribe, catch_up or refresh_token."),
        ("{}", "The action is subscribe, catch_up or refresh_token."),
        ('{"action":"unsubscribe"}', "The action is subscribe, catch_up or refresh_token."),
        (
            '{"action":"subscribe","channels":["gossip"]}',
            f"The channels are a list of one or more of {', '.join(Channel)}.",
        ),
        ('{"action":"catch_up"}', "The last_seq is a whole number from 0 on."),
        (
            '{"action":"subscribe","channels":["logs"],"format":"xml"}',
            "The format is json or msgpack.",
        ),
        ('{"action":"refresh_token"}', "The token is a text of at most 4,000 characters."),
    ],
)
def test_who_says_nonsense_is_told_what_is_allowed(said: str, sentence: str) -> None:
    with pytest.raises(ValidationError) as error:
        SAID.validate_json(said)
    assert sentence_about(error.value) == sentence


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
