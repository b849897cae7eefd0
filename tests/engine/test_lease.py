"""One engine at a time, whatever number of processes want to be it."""

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from multiprocessing.pool import Pool

import pytest
from sqlalchemy import select, update

from engine.adapters.alpaca.http import CONNECT_SECONDS, READ_SECONDS
from engine.clock import wall_now
from engine.errors import InvalidRequestError, NotTheEngineError
from engine.lease import (
    RENEWED_AFTER,
    TIME_TO_LIVE,
    Lease,
    _place,
    _start_ticks,
    name_account,
    traded_account,
)
from models.control import EngineLease
from models.database import Database

LONG_AGO = timedelta(hours=1)


def run_out(db: Database) -> None:
    """Let the lease's time be over."""
    with db.write() as tx:
        tx.execute(update(EngineLease).values(expires_at=wall_now() - LONG_AGO))


def fence(db: Database, lease: Lease) -> int:
    with db.write() as tx:
        return lease.fence(tx)


def token_in(db: Database) -> int:
    with db.read() as tx:
        return tx.scalars(select(EngineLease.token)).one()


@pytest.fixture
def first(database: Database) -> Lease:
    """The lease of the engine that was there first."""
    lease = Lease(database, "first")
    assert lease.acquire()
    return lease


def test_the_first_to_ask_is_the_engine(database: Database) -> None:
    lease = Lease(database, "first")
    assert (lease.acquire(), lease.is_held, lease.token) == (True, True, 1)


def test_what_failed_when_it_was_taken_is_done_anew(database: Database) -> None:
    done: list[str] = []

    def act() -> None:
        done.append("begun")
        if len(done) == 1:
            raise OSError("the database went away")

    lease = Lease(database, "first")
    lease.when_taken(act)
    with pytest.raises(OSError, match="went away"):
        lease.acquire()
    assert (lease.is_held, lease.acquire(), lease.is_held) == (False, True, True)
    assert lease.acquire()
    assert done == ["begun"] * 2


def test_nobody_is_the_engine_before_asking(database: Database) -> None:
    lease = Lease(database, "first")
    assert not lease.is_held
    with pytest.raises(NotTheEngineError, match="does not hold the engine's lease"):
        _ = lease.token


def test_a_second_engine_stands_by(database: Database, first: Lease) -> None:
    second = Lease(database, "second")
    assert (second.acquire(), second.is_held, first.is_held) == (False, False, True)


def test_renewing_keeps_the_token(first: Lease) -> None:
    assert (first.acquire(), first.token) == (True, 1)


def test_what_is_left_at_a_renewal_outlasts_any_one_request() -> None:
    left = TIME_TO_LIVE.total_seconds() * (1 - RENEWED_AFTER)
    assert left > CONNECT_SECONDS + READ_SECONDS


def test_whoever_was_slow_and_not_replaced_renews(database: Database, first: Lease) -> None:
    run_out(database)
    first._valid_until = 0.0
    assert (first.renew(), first.is_held, first.token) == (True, True, 1)


def test_a_lease_that_was_another_engines_meanwhile_is_not_renewed(
    database: Database, first: Lease
) -> None:
    run_out(database)
    Lease(database, "second").acquire()
    run_out(database)
    first._valid_until = 0.0
    assert (first.renew(), first.is_lost, token_in(database)) == (False, True, 2)


def test_nobody_becomes_the_engine_by_renewing(database: Database) -> None:
    assert not Lease(database, "first").renew()


def test_a_fresh_lease_does_not_want_renewal(database: Database, first: Lease) -> None:
    assert (first.wants_renewal, Lease(database, "second").wants_renewal) == (False, True)


def test_a_lease_that_ran_out_is_taken_with_a_higher_token(
    database: Database, first: Lease
) -> None:
    run_out(database)
    second = Lease(database, "second")
    assert (second.acquire(), second.token) == (True, first.token + 1)


def test_the_old_engine_cannot_send_any_more(database: Database, first: Lease) -> None:
    run_out(database)
    Lease(database, "second").acquire()
    with pytest.raises(NotTheEngineError, match="another engine took over"):
        fence(database, first)


def test_the_old_engine_learns_of_it_when_it_renews(database: Database, first: Lease) -> None:
    run_out(database)
    Lease(database, "second").acquire()
    assert (first.acquire(), first.is_held) == (False, False)


def test_an_engine_that_comes_back_has_a_new_token(database: Database, first: Lease) -> None:
    run_out(database)
    Lease(database, "second").acquire()
    run_out(database)
    assert (first.acquire(), first.token) == (True, 3)


def test_an_engine_whose_lease_ran_out_unnoticed_goes_on(database: Database, first: Lease) -> None:
    run_out(database)
    assert (first.acquire(), first.token) == (True, 1)


def test_the_fence_lets_the_engine_through(database: Database, first: Lease) -> None:
    assert fence(database, first) == 1


def test_the_fence_holds_off_whoever_never_asked(database: Database, first: Lease) -> None:
    with pytest.raises(NotTheEngineError):
        fence(database, Lease(database, first.holder))


def test_a_namesake_is_not_the_engine(database: Database, first: Lease) -> None:
    assert not Lease(database, first.holder).acquire()


def test_a_released_lease_is_free_at_once(database: Database, first: Lease) -> None:
    first.release()
    second = Lease(database, "second")
    assert (first.is_held, second.acquire(), second.token) == (False, True, 2)


def test_releasing_what_is_not_held_takes_it_from_nobody(database: Database, first: Lease) -> None:
    Lease(database, "second").release()
    assert fence(database, first) == 1


def test_releasing_what_was_lost_takes_it_from_nobody(database: Database, first: Lease) -> None:
    run_out(database)
    second = Lease(database, "second")
    second.acquire()
    first.release()
    assert fence(database, second) == 2


# ---------------------------------------------------------------------------- dead holders
@pytest.fixture
def ended() -> int:
    """The id of a process that has ended."""
    return int(subprocess.check_output([sys.executable, "-c", "import os; print(os.getpid())"]))


def test_a_dead_holder_of_this_host_is_replaced_at_once(database: Database, ended: int) -> None:
    Lease(database, f"{_place()}:{ended}:12345").acquire()
    assert Lease(database).acquire()


def test_a_process_that_has_a_dead_holders_number_is_not_taken_for_it(database: Database) -> None:
    Lease(database, f"{_place()}:{os.getpid()}:12345").acquire()
    assert Lease(database).acquire()


def test_a_living_holder_is_not_replaced(database: Database) -> None:
    parent = os.getppid()
    Lease(database, f"{_place()}:{parent}:{_start_ticks(parent)}").acquire()
    assert not Lease(database).acquire()


def test_a_holder_on_another_host_has_its_time(database: Database, ended: int) -> None:
    Lease(database, f"elsewhere:{ended}:12345").acquire()
    assert not Lease(database).acquire()


# ---------------------------------------------------------------------------- contention
def contend(url: str, name: str) -> bool:
    db = Database(url)
    held = Lease(db, name).acquire()
    db.close()
    return held


@pytest.fixture
def processes() -> Iterator[Pool]:
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        yield pool


def test_of_several_processes_one_becomes_the_engine(
    database: Database, database_url: str, processes: Pool
) -> None:
    won = processes.starmap(contend, [(database_url, f"engine {i}") for i in range(6)])
    assert (sum(won), token_in(database)) == (1, 1)


def test_of_several_processes_one_takes_over(
    database: Database, database_url: str, processes: Pool, first: Lease
) -> None:
    token = first.token
    run_out(database)
    won = processes.starmap(contend, [(database_url, f"engine {i}") for i in range(6)])
    assert (sum(won), token_in(database)) == (1, token + 1)


# ---------------------------------------------------------------------------- which account
def test_the_first_pair_of_keys_is_traded_until_another_account_is_named(
    database: Database,
) -> None:
    assert traded_account(database) == ""
    assert Lease(database, "first", account="").acquire()
    assert not Lease(database, "second", account="ira").acquire()


def hand_over(database: Database, lease: Lease, account: str) -> None:
    with database.write() as tx:
        lease.hand_over(tx, account)


def test_with_another_account_the_lease_is_another_engines(database: Database) -> None:
    first, second = (Lease(database, "one process", account=a) for a in ("", "ira"))
    assert first.acquire()
    hand_over(database, first, "ira")
    with pytest.raises(NotTheEngineError, match="another engine took over"):
        fence(database, first)
    assert (first.acquire(), second.acquire()) == (False, True)
    assert (first.has_moved(), second.has_moved()) == (True, False)


def test_a_hand_over_that_is_rolled_back_leaves_the_engine_what_it_was(
    database: Database,
) -> None:
    first = Lease(database, "first", account="")
    assert first.acquire()
    with suppress(ZeroDivisionError), database.write() as tx:
        first.hand_over(tx, "ira")
        _ = 1 / 0
    assert (fence(database, first), traded_account(database)) == (1, "")


def test_an_engine_that_was_replaced_hands_nothing_over(database: Database, first: Lease) -> None:
    run_out(database)
    assert Lease(database, "second").acquire()
    with pytest.raises(NotTheEngineError):
        hand_over(database, first, "ira")
    assert traded_account(database) == ""


def test_an_account_is_not_named_over_the_head_of_an_engine(
    database: Database, first: Lease
) -> None:
    with pytest.raises(InvalidRequestError, match="an engine is running"):
        name(database, "ira")
    assert (fence(database, first), traded_account(database)) == (1, "")


def test_an_engine_whose_lease_has_run_out_learns_that_another_account_was_named(
    database: Database, first: Lease
) -> None:
    run_out(database)
    name(database, "ira")
    with pytest.raises(NotTheEngineError):
        fence(database, first)


def name(database: Database, account: str) -> None:
    with database.write() as tx:
        name_account(tx, account)


def test_where_there_is_but_one_account_the_name_does_not_matter(database: Database) -> None:
    name(database, "ira")
    simulated = Lease(database, "simulated")
    assert (simulated.acquire(), simulated.has_moved()) == (True, False)
