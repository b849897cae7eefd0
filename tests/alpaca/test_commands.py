"""`bellwether check --broker` and `bellwether flatten --direct` as people run them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from sqlalchemy import select

from engine.clock import ClockSetting, ShiftedClock, wall_now
from models.database import Database
from models.reconciliation import BrokerCapability
from models.vocabulary import Side
from tests.databases import with_schema
from tests.engine.cli.processes import bellwether
from tests.local_alpaca import LocalAlpaca, Rules
from tests.local_alpaca.conftest import Client, Start, start
from tests.local_alpaca.faults import Edit, StickCancel, with_values, without
from tests.local_alpaca.played_days import day_with, minute

__all__ = ["start"]  # a fixture

Serve = Callable[..., LocalAlpaca]


@pytest.fixture
def served(start: Start) -> Serve:
    """Starts a broker at 9:40 whose clock is the computer's, shifted; it knows AAA and SPY."""

    def serve(rules: Rules | None = None, *, speed: float = 1.0) -> LocalAlpaca:
        clock = ShiftedClock(ClockSetting(start=minute(10), speed=speed, epoch=wall_now()))
        return start({"AAA": day_with([]), "SPY": day_with([])}, rules, clock)

    return serve


def environment(broker: LocalAlpaca, **more: str) -> dict[str, str]:
    assert isinstance(broker.clock, ShiftedClock)
    setting = broker.clock.setting
    return broker.environment() | {
        "BELLWETHER_CLOCK_START": setting.start.isoformat(),
        "BELLWETHER_CLOCK_EPOCH": setting.epoch.isoformat(),
        "BELLWETHER_CLOCK_SPEED": "1",
        **more,
    }


def checked(
    folder: Path, broker: LocalAlpaca, *arguments: str, **more: str
) -> CompletedProcess[str]:
    """Run `bellwether check` on a database that is there already."""
    db = with_schema(Database(f"sqlite:///{folder / 'data' / 'bellwether.db'}"))
    db.close()
    return bellwether(folder, "check", *arguments, **environment(broker, **more))


def line(text: str, subject: str) -> str:
    return next(row for row in text.splitlines() if row.split()[0] == subject)


def test_a_sound_broker_is_probed_and_the_answer_kept(served: Serve, tmp_path: Path) -> None:
    broker = served()
    ran = checked(tmp_path, broker, "--broker")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.count("with an attached stop") == 2
    db = Database(f"sqlite:///{tmp_path / 'data' / 'bellwether.db'}")
    with db.read() as tx:
        kept = tx.scalars(select(BrokerCapability)).all()
    assert {(row.side, row.accepts_attached_stop) for row in kept} == {(s, True) for s in Side}
    db.close()
    assert broker.exchange.book.open() == []


def test_a_broker_that_takes_no_stops_with_entries_is_no_error(
    served: Serve, tmp_path: Path
) -> None:
    broker = served(Rules(stop_entries_may_have_legs=False))
    ran = checked(tmp_path, broker, "--broker")
    assert ran.returncode == 0
    assert ran.stdout.count("stop placed on the fill") == 2


def test_wrong_keys_are_named(served: Serve, tmp_path: Path) -> None:
    ran = checked(tmp_path, served(), ALPACA_API_KEY="wrong")
    assert ran.returncode == 1
    assert "does not accept the keys (401)" in line(ran.stdout, "broker")


def test_a_blocked_account_is_named(served: Serve, tmp_path: Path) -> None:
    broker = served()
    broker.faults.add(Edit(with_values(account_blocked=True)), path="/v2/account", times=None)
    ran = checked(tmp_path, broker)
    assert ran.returncode == 1
    assert "does not let this account trade" in line(ran.stdout, "broker")


def test_a_field_that_is_gone_is_named(served: Serve, tmp_path: Path) -> None:
    broker = served()
    broker.faults.add(Edit(without("buying_power")), path="/v2/account", times=None)
    ran = checked(tmp_path, broker)
    assert (ran.returncode, "buying_power" in line(ran.stdout, "broker")) == (1, True)


def test_each_stored_account_has_a_line(served: Serve, tmp_path: Path) -> None:
    broker = served()
    pair = {"ALPACA_API_KEY_IRA": "other", "ALPACA_SECRET_KEY_IRA": "wrong"}
    ran = checked(tmp_path, broker, **pair)
    first, second = (row for row in ran.stdout.splitlines() if row.startswith("account "))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "ok       paper, paper, traded, PA0LOCALTEST: equity $100,000.00" in first
    assert "warning  ira, paper: Alpaca does not accept the keys (401)" in second


def test_half_a_pair_of_keys_is_one_sentence(served: Serve, tmp_path: Path) -> None:
    ran = checked(tmp_path, served(), ALPACA_API_KEY_IRA="other")
    assert ran.returncode == 1
    assert "the account IRA lacks ALPACA_SECRET_KEY_IRA" in line(ran.stdout, "settings")


def test_data_that_the_plan_does_not_cover_are_named(served: Serve, tmp_path: Path) -> None:
    ran = checked(tmp_path, served(Rules(plan="basic")))
    assert ran.returncode == 1
    assert "subscription does not permit" in line(ran.stdout, "data")


def test_a_clock_that_differs_is_named(served: Serve, tmp_path: Path) -> None:
    broker = served()
    broker.clock_skew = timedelta(seconds=5)
    ran = checked(tmp_path, broker)
    assert (ran.returncode, "error" in line(ran.stdout, "clock")) == (1, True)


# ----------------------------------------------------------------------------- the last line
def test_a_direct_flatten_needs_nothing_but_keys(served: Serve, tmp_path: Path) -> None:
    broker = served(speed=30)
    client = Client(broker)
    client.placed(type="stop", stop_price="150", symbol="SPY")
    broker.somebody_else.trades("AAA", 10, Decimal(100))
    client.placed(side="sell", type="stop", stop_price="90")
    database = f"sqlite:///{tmp_path / 'nowhere' / 'at' / 'all.db'}"
    more = {"BELLWETHER_DATABASE_URL": database}
    ran = bellwether(tmp_path, "flatten", "--direct", "--wait", "90", **environment(broker, **more))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "Flat: verified at the broker." in ran.stdout
    assert (broker.exchange.holdings.all(), broker.exchange.book.open()) == ([], [])
    assert not (tmp_path / "nowhere").exists()


def test_of_several_accounts_a_direct_flatten_is_told_which(served: Serve, tmp_path: Path) -> None:
    broker = served(speed=30)
    broker.somebody_else.trades("AAA", 10, Decimal(100))
    other = {"ALPACA_API_KEY_IRA": "other", "ALPACA_SECRET_KEY_IRA": "wrong"}
    given = environment(broker, **other)
    ran = bellwether(tmp_path, "flatten", "--direct", **given)
    assert "say with --account which account to close: paper, ira" in ran.stderr
    assert len(broker.exchange.holdings.all()) == 1
    ran = bellwether(tmp_path, "flatten", "--direct", "--account", "paper", **given)
    assert (ran.returncode, broker.exchange.holdings.all()) == (0, [])


def test_a_direct_flatten_that_fails_says_what_is_left(served: Serve, tmp_path: Path) -> None:
    broker = served()
    broker.faults.add(StickCancel(), times=None)
    broker.somebody_else.trades("AAA", 10, Decimal(100))
    Client(broker).placed(side="sell", type="stop", stop_price="90")
    ran = bellwether(tmp_path, "flatten", "--direct", "--wait", "2", **environment(broker))
    assert ran.returncode == 1
    assert "NOT flat: 1 orders, holding AAA" in ran.stderr
