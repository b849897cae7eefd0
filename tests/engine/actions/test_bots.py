"""Which bots are watched: what makes no sense is refused, and who may is asked."""

from collections.abc import Iterator

import pytest

from engine.actions.bots import Wanted, add_bot, remove_bot, watched_bots
from engine.actions.permissions import SYSTEM, Actor
from engine.desk import Desk
from engine.errors import InvalidRequestError, NotFoundError, NotPermittedError
from models.vocabulary import BotKind, Role
from tests.dashboard import desks

DIPPER = Wanted(name="dipper", kind=BotKind.DIP, place="/var/log/big_dipper.log")


@pytest.fixture
def desk(sqlite_url: str) -> Iterator[Desk]:
    made = desks.make_desk(sqlite_url)
    yield made
    made.db.close()


def names(desk: Desk) -> list[str]:
    with desk.db.read() as tx:
        return [bot.name for bot in watched_bots(tx)]


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        (Wanted(name="Dipper", kind=BotKind.DIP, place="x"), "a bot's name has up to 48"),
        (Wanted(name="a--b", kind=BotKind.DIP, place="x"), "a bot's name has up to 48"),
        (Wanted(name="my-file", kind=BotKind.DIP, place="x"), "does not end in -file"),
        (Wanted(name="d", kind=BotKind.DIP, place=""), "where the bot is"),
        (Wanted(name="d", kind=BotKind.DIP, place="x", zone="Mars"), "no time zone Mars"),
        (Wanted(name="d", kind=BotKind.DIP, place="x", zone="../x"), "no time zone"),
        (Wanted(name="d", kind=BotKind.FUNDING, place="ftp://x"), "begins with http"),
        (Wanted(name="d", kind=BotKind.FUNDING, place="http://a:b@x"), "no secret in a bot's"),
    ],
)
def test_what_makes_no_sense_is_refused(desk: Desk, wanted: Wanted, sentence: str) -> None:
    with pytest.raises(InvalidRequestError, match=sentence):
        add_bot(desk, SYSTEM, wanted)
    assert names(desk) == []


def test_a_name_is_taken_once_and_belongs_to_its_kind(desk: Desk) -> None:
    add_bot(desk, SYSTEM, DIPPER)
    with pytest.raises(InvalidRequestError, match="there is already a bot dipper"):
        add_bot(desk, SYSTEM, DIPPER)
    remove_bot(desk, SYSTEM, "dipper")
    other = Wanted(name="dipper", kind=BotKind.FUNDING, place="http://127.0.0.1:1")
    with pytest.raises(InvalidRequestError, match="was a dip bot"):
        add_bot(desk, SYSTEM, other)


def test_a_bot_that_is_not_there_cannot_be_removed(desk: Desk) -> None:
    with pytest.raises(NotFoundError):
        remove_bot(desk, SYSTEM, "nobody")


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
def test_only_an_admin_says_who_is_watched(desk: Desk, role: Role) -> None:
    with pytest.raises(NotPermittedError):
        add_bot(desk, Actor("somebody", role), DIPPER)
