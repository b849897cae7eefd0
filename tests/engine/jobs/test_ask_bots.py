"""The delta-neutral bot over real HTTP: what it tells is kept, and stays when it tells no more."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from engine.actions.bots import Wanted, add_bot
from engine.actions.permissions import SYSTEM
from engine.adapters.bot_bridge import BotBridge, Breaker
from engine.adapters.web import Patience
from engine.desk import Desk
from engine.jobs.ask_bots import ask_bots
from models.bots import BotState
from models.funding import FundingPoint, FundingPosition
from models.journal import JournalRow
from models.vocabulary import BotHealth, BotKind
from tests.dashboard import desks
from tests.engine.adapters.funding_bot import RATE, FundingBot, funding_bot

D = Decimal
HASTY = Patience(connect=5, silence=4, total=20, attempts=1, most_bytes=1000)


class Watching:
    """A desk that watches the bot, and asks it whenever the test says."""

    def __init__(self, desk: Desk, bot: FundingBot) -> None:
        self.desk = desk
        add_bot(desk, SYSTEM, Wanted(name="delta", kind=BotKind.FUNDING, place=bot.url))

    def look(self, key: str | None = None) -> None:
        """Ask with a new bridge, which has heard nothing yet."""
        keys = {"delta": SecretStr(key)} if key else {}
        ask_bots(replace(self.desk, bots=BotBridge(keys, HASTY)))

    def rows(self, model: type[Any]) -> list[Any]:
        with self.desk.db.read() as tx:
            return list(tx.scalars(select(model)))

    def state(self) -> BotState:
        [state] = self.rows(BotState)
        assert isinstance(state, BotState)
        return state


@pytest.fixture
def bot() -> Iterator[FundingBot]:
    with funding_bot() as running:
        yield running


@pytest.fixture
def watching(database_url: str, bot: FundingBot) -> Iterator[Watching]:
    desk = desks.make_desk(database_url)
    yield Watching(desk, bot)
    desk.db.close()


def test_a_position_is_kept_with_both_legs(watching: Watching) -> None:
    watching.look()
    [row] = watching.rows(FundingPosition)
    assert (row.asset, row.status, row.leverage) == ("SOL", "open", 3)
    assert (row.long_value, row.short_value, row.delta) == (15_000, 15_000, D("12.5"))
    assert (row.health_factor, row.margin_fraction) == (D("0.28"), D("0.15"))
    assert row.told["hold_duration_hours"] == 12.5
    state = watching.state()
    assert (state.health, state.detail["state"]) == (BotHealth.WELL, "running")


def test_a_position_that_is_told_no_more_is_gone_and_stays_on_record(
    watching: Watching, bot: FundingBot
) -> None:
    watching.look()
    bot.positions = {"positions": []}
    watching.look()
    [row] = watching.rows(FundingPosition)
    assert row.gone_at is not None


def test_funding_is_kept_once_however_often_it_is_told(watching: Watching, bot: FundingBot) -> None:
    watching.look()
    watching.look()
    bot.rates = [RATE, {**RATE, "timestamp": "2025-02-04T13:00:00Z", "rate": 0.0001}]
    bot.positions["pos_20250204000001"]["funding_pnl_usd"] = 70
    watching.look()
    found = watching.rows(FundingPoint)
    assert [point.rate for point in found if point.rate] == [-0.000125, 0.0001]
    assert [point.funding_pnl for point in found if point.position_id] == [D("67.5"), 70]


def test_a_bot_without_funding_rates_is_well(watching: Watching, bot: FundingBot) -> None:
    bot.rates = None
    watching.look()
    assert watching.state().health is BotHealth.WELL
    assert watching.state().detail["tells_funding"] is False


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (503, "HTTP 503"),
        (403, "HTTP 403 starting up"),
        ("silence", "no answer in time"),
        ("{broken", "the answer breaks off"),
        ("[" + "1," * 5000, "the answer is too long"),
    ],
)
def test_what_was_last_known_stays_with_its_age(
    watching: Watching, bot: FundingBot, fault: int | str, sentence: str
) -> None:
    watching.look()
    heard = watching.state().heard_at
    bot.fault = fault
    watching.look()
    [row] = watching.rows(FundingPosition)
    state = watching.state()
    assert (row.gone_at, state.health, state.heard_at) == (None, BotHealth.AWAY, heard)
    assert sentence in state.sentence


@pytest.mark.parametrize(
    "answer",
    [
        "[]", "{}", "null", "17", '"text"', '[{"asset": "SOL"}]', '{"positions": 3}',
        '{"a": {"asset": "S\\u0000OL", "leverage": "x", "delta": 1e400, "deployed_usd": NaN}}',
        '{"a": {"asset": "SOL", "leverage": 1e40, "delta_ratio": true, "opened_at": "yesterday"}}',
    ],
)  # fmt: skip
def test_an_answer_that_makes_no_sense_is_not_fatal(
    watching: Watching, bot: FundingBot, answer: str
) -> None:
    bot.fault = answer
    watching.look()
    assert watching.state().health in {BotHealth.WELL, BotHealth.AWAY}


def test_its_key_is_sent_and_kept_nowhere(watching: Watching, bot: FundingBot) -> None:
    bot.key = "a-secret-of-the-bot"
    watching.look()
    assert watching.state().health is BotHealth.AWAY
    watching.look("a-secret-of-the-bot")
    assert watching.state().health is BotHealth.WELL
    told = [str(fact.body) for fact in watching.rows(JournalRow)]
    assert "a-secret-of-the-bot" not in str([told, watching.state().detail])


def test_a_fresh_answer_is_good_for_five_seconds(watching: Watching, bot: FundingBot) -> None:
    desk = replace(watching.desk, bots=BotBridge({}))
    ask_bots(desk)
    ask_bots(desk)
    assert len(bot.asked) == 4


def test_who_fails_three_times_is_left_in_peace_and_longer_each_time() -> None:
    breaker = Breaker()
    for now in (0.0, 1.0):
        breaker.failed(now)
        assert breaker.lets_through(now)
    breaker.failed(2.0)
    assert [breaker.lets_through(now) for now in (11.9, 12.0)] == [False, True]
    breaker.failed(12.0)
    assert [breaker.lets_through(now) for now in (31.9, 32.0)] == [False, True]
    breaker.went_well()
    breaker.failed(40.0)
    assert breaker.lets_through(40.0)
