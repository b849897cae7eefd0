"""Strategy and risk settings change as numbered versions, and only by those who may."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from engine.actions.permissions import Actor
from engine.actions.trading_settings import (
    NO_REASON,
    InForce,
    change_settings,
    parse_overrides,
    roll_back,
    settings_in_force,
)
from engine.desk import Desk
from engine.errors import ConfigurationError, InvalidRequestError, NotPermittedError
from models.database import Database
from models.journal import JournalRow
from models.people import SettingsVersion
from models.trading_settings import RiskSettings, StrategySettings
from models.vocabulary import Role, SettingsKind
from tests.databases import with_schema
from tests.engine.small_desk import desk_on

ADMIN = Actor("adam", Role.ADMIN)
RISK, STRATEGY = SettingsKind.RISK, SettingsKind.STRATEGY


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Desk:
    """A desk on a database of either kind."""
    return desk_on(database, tmp_path)


def in_force(desk: Desk) -> InForce:
    with desk.db.read() as tx:
        return settings_in_force(tx)


def change(desk: Desk, kind: SettingsKind = RISK, **changes: Any) -> int:
    return change_settings(desk, ADMIN, kind, changes, "a calmer week")


def test_before_anybody_changed_them_the_defaults_are_in_force(desk: Desk) -> None:
    assert in_force(desk) == InForce(0, 0, StrategySettings(), RiskSettings())


def test_a_change_is_a_version_and_is_in_force(desk: Desk) -> None:
    versions = [change(desk, max_positions=3), change(desk, max_positions=4)]
    found = in_force(desk)
    assert (versions, found.risk.max_positions, found.risk_version) == ([1, 2], 4, 2)


def test_the_kinds_are_counted_apart(desk: Desk) -> None:
    change(desk, RISK, max_positions=3)
    change(desk, STRATEGY, top_n=7)
    found = in_force(desk)
    assert (found.risk_version, found.strategy_version) == (1, 1)
    assert (found.risk.max_positions, found.strategy.top_n) == (3, 7)


def test_what_was_changed_before_stays_changed(desk: Desk) -> None:
    change(desk, max_positions=3)
    change(desk, risk_per_trade="0.02")
    found = in_force(desk).risk
    assert (found.max_positions, found.risk_per_trade) == (3, Decimal("0.02"))


def test_money_keeps_its_digits(desk: Desk) -> None:
    change(desk, max_notional="12345.678901")
    assert in_force(desk).risk.max_notional == Decimal("12345.678901")


def test_a_change_is_in_the_journal_with_before_and_after(desk: Desk) -> None:
    change(desk, max_positions=3)
    change(desk, max_positions=4)
    with desk.db.read() as tx:
        body = tx.scalars(select(JournalRow.body).order_by(JournalRow.seq.desc())).first()
    assert body is not None
    assert (body["before"]["max_positions"], body["after"]["max_positions"]) == (3, 4)
    assert body["reason"] == "a calmer week"


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
def test_only_an_admin_changes_settings(desk: Desk, role: Role) -> None:
    with pytest.raises(NotPermittedError):
        change_settings(desk, Actor("olivia", role), RISK, {"max_positions": 200}, "more")
    assert count(desk) == 0


@pytest.mark.parametrize(
    ("kind", "changes", "complaint"),
    [
        (
            *(RISK, {"max_positions": 0}),
            "risk.max_positions: Most positions must be between 1 and 200.",
        ),
        (RISK, {"max_postions": 5}, "risk.max_postions: max postions is no setting."),
        (
            *(STRATEGY, {"tick_size": "0.0000001"}),
            "strategy.tick_size: Tick can have at most 6 decimal places.",
        ),
        (
            *(STRATEGY, {"top_n": "many"}),
            "strategy.top_n: Candidates to trade must be a whole number between 1 and 200.",
        ),
    ],
)
def test_a_change_without_sense_is_refused_by_name(
    desk: Desk, kind: SettingsKind, changes: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        change(desk, kind, **changes)
    assert str(caught.value) == complaint
    assert count(desk) == 0


def count(desk: Desk) -> int:
    with desk.db.read() as tx:
        return tx.scalar(select(func.count()).select_from(SettingsVersion)) or 0


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as opened:
        yield opened


def test_changes_at_the_same_moment_come_one_after_the_other(
    desk: Desk, pool: ThreadPoolExecutor
) -> None:
    changes = [pool.submit(change, desk, max_positions=n) for n in range(1, 13)]
    assert sorted(c.result() for c in changes) == list(range(1, 13))


# ---------------------------------------------------------------------------- --set
def test_overrides_are_read_by_kind() -> None:
    assert parse_overrides(["risk.max_positions=20", "strategy.tick_size=0"]) == {
        RISK: {"max_positions": "20"},
        STRATEGY: {"tick_size": "0"},
    }


@pytest.mark.parametrize(
    "pair", ["risk.max_postions=1", "max_positions=1", "risk.max_positions", "luck.x=1", "=", ""]
)
def test_an_override_that_names_nothing_is_refused(pair: str) -> None:
    with pytest.raises(ConfigurationError, match="there is no such setting"):
        parse_overrides([pair])


def test_an_in_memory_database_has_settings_too(tmp_path: Path) -> None:
    db = with_schema(Database("sqlite://"))
    desk = desk_on(db, tmp_path)
    assert change(desk, max_positions=3) == 1
    db.close()


@pytest.mark.parametrize("reason", ["", "   ", NO_REASON])
def test_raising_the_risk_needs_a_reason_by_every_way(desk: Desk, reason: str) -> None:
    with pytest.raises(InvalidRequestError, match="needs a reason"):
        change_settings(desk, ADMIN, RISK, {"max_positions": 6}, reason)
    assert in_force(desk).risk == RiskSettings()


def test_lowering_the_risk_waits_for_no_words(desk: Desk) -> None:
    assert change_settings(desk, ADMIN, RISK, {"max_positions": 2}, "") == 1


def test_rolling_back_to_more_risk_needs_a_reason_too(desk: Desk) -> None:
    change_settings(desk, ADMIN, RISK, {"max_positions": 2}, "")
    with pytest.raises(InvalidRequestError, match="needs a reason"):
        roll_back(desk, ADMIN, RISK, 0, "")
