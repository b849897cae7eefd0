"""`bellwether account`, as people run it when a desk cannot start any more."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from engine.clock import wall_now
from engine.lease import Lease, traded_account
from models.control import EngineLease
from models.database import Database
from models.vocabulary import TradingMode
from tests.dashboard import builders, desks
from tests.databases import with_schema
from tests.engine.cli.processes import bellwether

PAIRS = {
    "BELLWETHER_BROKER": "alpaca",
    "ALPACA_API_KEY": "first",
    "ALPACA_SECRET_KEY": "secret",
    "ALPACA_API_KEY_IRA": "other",
    "ALPACA_SECRET_KEY_IRA": "secret",
    "ALPACA_API_KEY_ROTH": "third",
    "ALPACA_SECRET_KEY_ROTH": "secret",
    "ALPACA_PAPER_ROTH": "false",
}


def url(folder: Path) -> str:
    return f"sqlite:///{folder / 'data' / 'bellwether.db'}"


def traded(folder: Path) -> str:
    db = Database(url(folder))
    found = traded_account(db)
    db.close()
    return found


def use(folder: Path, name: str) -> tuple[int, str]:
    ran = bellwether(folder, "account", "use", name, "--reason", "its keys are gone", **PAIRS)
    return ran.returncode, ran.stdout + ran.stderr


def test_another_account_is_traded_from_the_next_start_on(tmp_path: Path) -> None:
    assert use(tmp_path, "ira") == (0, "ira is traded from the next start on.\n")
    assert traded(tmp_path) == "ira"
    assert use(tmp_path, "paper")[0] == 0
    assert traded(tmp_path) == ""
    audited = bellwether(tmp_path, "check", "--audit", **PAIRS)
    assert "2 rows" in audited.stdout


def test_a_live_account_is_not_switched_to_by_hand(tmp_path: Path) -> None:
    code, said = use(tmp_path, "roth")
    assert (code, "the Settings page leads to it" in said, traded(tmp_path)) == (1, True, "")


def test_an_account_without_keys_is_not_named(tmp_path: Path) -> None:
    code, said = use(tmp_path, "joint")
    assert code == 1
    assert "ALPACA_API_KEY_JOINT" in said


def test_while_an_engine_runs_it_is_left_to_the_engine(tmp_path: Path) -> None:
    db = with_schema(Database(url(tmp_path)))
    assert Lease(db, account="").acquire()
    with db.write() as tx:  # a command may take longer to start than a lease lasts
        tx.execute(update(EngineLease).values(expires_at=wall_now() + timedelta(hours=1)))
    assert "an engine is running" in use(tmp_path, "ira")[1]
    db.close()


def test_open_books_are_not_left(tmp_path: Path) -> None:
    desk = desks.make_desk(url(tmp_path), TradingMode.PAPER)
    builders.add_position(desk, account="paper")
    desk.db.close()
    assert "positions or orders of paper are open" in use(tmp_path, "ira")[1]


def test_the_accounts_that_were_seen_are_listed(tmp_path: Path) -> None:
    desk = desks.make_desk(url(tmp_path), TradingMode.PAPER)
    builders.add_account(desk, "ira", TradingMode.PAPER, "PA1OTHERTEST", has_keys=False)
    builders.add_account(desk, "paper", TradingMode.PAPER, "PA0LOCALTEST")
    desk.db.close()
    listed = bellwether(tmp_path, "account", "list", **PAIRS).stdout.splitlines()
    assert [line.split() for line in listed] == [
        ["ira", "paper", "PA1OTHERTEST", "$50,000.00", "no", "keys"],
        ["paper", "paper", "PA0LOCALTEST", "$50,000.00", "traded"],
    ]


@pytest.mark.parametrize("said", [("list",), ("use", "ira", "--reason", "x")])
def test_a_simulated_market_has_one_account(tmp_path: Path, said: tuple[str, ...]) -> None:
    assert "has one account" in bellwether(tmp_path, "account", *said).stderr
