"""Names are not to be guessed by what a login costs or says, and a flood of logins costs little."""

from collections.abc import Callable

from sqlalchemy import event, func, select

from engine.actions.login_attempts import MOST_FROM_ONE_ADDRESS, TooManyLoginsError
from engine.actions.passwords import hash_password, is_password, nobodys_hash
from engine.actions.people import check_login
from engine.desk import Desk
from models.journal import AuditRow
from tests.dashboard import desks


def test_an_unknown_name_costs_as_many_statements_as_a_known_one(desk: Desk) -> None:
    known = statements(desk, lambda: check_login(desk, "anna", "not it", "192.0.2.1"))
    unknown = statements(desk, lambda: check_login(desk, "nobody", "not it", "192.0.2.2"))
    assert known == unknown


def test_an_unknown_name_costs_the_same_hash_as_a_real_one() -> None:
    hashes = hash_password("a password of somebody"), nobodys_hash()
    assert len({hashed.rsplit("$", 2)[0] for hashed in hashes}) == 1
    assert not is_password(None, "a password that belongs to nobody")


def statements(desk: Desk, act: Callable[[], object]) -> list[str]:
    heard: list[str] = []

    def hear(*said: object) -> None:
        heard.append(str(said[2]))

    event.listen(desk.db.engine, "before_cursor_execute", hear)
    act()
    event.remove(desk.db.engine, "before_cursor_execute", hear)
    return heard


def test_ten_thousand_logins_cost_a_hundred_hashes_and_fill_no_book(desk: Desk) -> None:
    refused = 0
    for number in range(10_000):
        try:
            check_login(desk, f"name{number}", "x", "192.0.2.1")
        except TooManyLoginsError:
            refused += 1
    assert refused == 10_000 - MOST_FROM_ONE_ADDRESS
    with desk.db.read() as tx:
        assert (tx.scalar(select(func.count(AuditRow.seq))) or 0) <= MOST_FROM_ONE_ADDRESS + 1
    assert check_login(desk, "anna", desks.PASSWORD, "198.51.100.7") is not None
