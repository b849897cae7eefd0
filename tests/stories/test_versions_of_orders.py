"""Each order carries the versions of the settings that it was decided by, not its signal's."""

import pytest

from dashboard.queries.trade_life import trade_life
from engine.actions import control
from engine.actions.trading_settings import change_settings
from models.trading import Order, Signal
from models.vocabulary import ControlScope, SettingsKind
from tests.builders import ADMIN, OPERATOR, Playing, a_day, a_market, start

DAY = a_day("ABLE", ("09:40", 100.5), ("10:02", 101), ("10:03", 102), ("15:55", 104))


@pytest.fixture(scope="module")
def played() -> Playing:
    """Settings change between the scan, the entry, the stop beside it and the exit."""
    playing = start(a_market(DAY), faults=[("ABLE", "partial", 0.4)]).until("09:34")
    control.pause(playing.desk, OPERATOR, ControlScope.ENTRY, "the feed is late")
    change(playing.until("09:50"), SettingsKind.RISK, max_positions=2)
    control.resume(playing.desk, OPERATOR, ControlScope.ENTRY, "it is not late any more")
    change(playing.until("10:01"), SettingsKind.STRATEGY, ran_away_fraction="0.4")
    change(playing.until("15:00"), SettingsKind.RISK, max_positions=3)
    return playing.to_the_end()


def change(playing: Playing, kind: SettingsKind, **values: object) -> None:
    change_settings(playing.desk, ADMIN, kind, values, "in the middle of a day")


def versions(row: Order | Signal) -> tuple[int | None, int | None]:
    return row.strategy_version, row.risk_version


def test_a_signal_carries_what_was_in_force_at_the_scan(played: Playing) -> None:
    assert versions(played.signal("ABLE")) == (0, 0)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ABLE-entry-1", (0, 1)),
        ("ABLE-stop-1", (0, 1)),  # attached to the entry
        ("ABLE-stop-2", (1, 1)),  # for the part that was filled
        ("ABLE-exit-1", (1, 2)),  # of the flatten
    ],
)
def test_an_order_carries_what_was_in_force_when_it_was_intended(
    played: Playing, name: str, expected: tuple[int, int]
) -> None:
    assert versions(played.order(name)) == expected


def test_a_size_is_explained_by_the_settings_that_it_was_computed_with(played: Playing) -> None:
    with played.db.read() as tx:
        life = trade_life(tx, played.desk, played.trade("ABLE").id)
    assert life is not None
    assert life.sources.risk is not None
    assert (life.sources.risk_version, life.sources.risk.max_positions) == (1, 2)
    assert played.order("ABLE-entry-1").quantity == 1980  # 4 x 100,000 / 2 / 101
