"""The scan on a live feed: late bars, stale symbols, and the same rows however often it runs."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from engine.actions import control
from engine.actions.permissions import SYSTEM
from engine.jobs.build_universe import build_universe
from engine.jobs.carry_out_commands import carry_out_commands
from engine.jobs.fill_opening_history import fill_opening_history
from engine.jobs.scan_opening_range import scan_opening_range
from engine.jobs.sync_bars import sync_bars
from engine.jobs.sync_listings import sync_listings
from models.control import Command
from models.market_data import FetchProgress, OpeningRange, OpeningVolume
from models.trading import Signal
from models.vocabulary import RvolBasis
from tests.engine.adapters.data_server import Fault, bar
from tests.engine.jobs.desk_of_sources import TODAY, LiveData, Scene, listing


def prepare(live: Scene, *symbols: str) -> None:
    """Make the universe of symbols with a full history, and go to the scan."""
    make_universe(live, *symbols)
    live.go_to(live.today.scan_at)


def make_universe(live: Scene, *symbols: str) -> None:
    live.history(*symbols)
    for symbol in symbols:
        live.opened_before(symbol)
    sync_bars(live.desk)
    sync_listings(live.desk)
    fill_opening_history(live.desk)
    build_universe(live.desk)
    live.server.asked.clear()


def scanned(live: Scene) -> dict[str, OpeningRange]:
    with live.desk.db.read() as tx:
        found = tx.scalars(select(OpeningRange).where(OpeningRange.session == TODAY))
        return {row.symbol: row for row in found}


def signals(live: Scene) -> list[Signal]:
    with live.desk.db.read() as tx:
        return list(tx.scalars(select(Signal).order_by(Signal.rank)))


def progress(live: Scene) -> tuple[int, int, float | None, bool]:
    with live.desk.db.read() as tx:
        row = tx.get_one(FetchProgress, "scan_opening_range")
    return row.done, row.total, row.seconds_left, row.finished


def answer(live: Scene, number: int) -> str | None:
    with live.desk.db.read() as tx:
        return tx.get_one(Command, number).answer


def be_patient_no_longer(live: Scene) -> None:
    live.go_to(live.today.scan_at + timedelta(seconds=20))


def test_symbols_are_ranked_by_relative_volume_and_planned(live_on_both: Scene) -> None:
    live = live_on_both
    prepare(live, "AAPL", "MSFT")
    live.opens("AAPL", v=60_000)
    live.opens("MSFT", v=80_000, c=9.95)
    assert scan_opening_range(live.desk) == "2 opening ranges, 2 ranked, 2 signals"
    assert [(s.symbol, s.side, s.rvol) for s in signals(live)] == [
        ("MSFT", "short", 2.0),
        ("AAPL", "long", 1.5),
    ]
    assert scanned(live)["AAPL"].rvol_basis is RvolBasis.OPENING_RANGE


def test_the_bar_of_9_35_is_not_part_of_the_range(live: Scene) -> None:
    prepare(live, "AAPL")
    live.opens("AAPL")
    live.server.opening[live.today.scan_at] = {"AAPL": {"o": 9, "h": 99, "l": 1, "c": 9, "v": 9}}
    scan_opening_range(live.desk)
    assert scanned(live)["AAPL"].volume == 50_000


def test_a_look_at_the_range_while_it_grows_is_not_what_the_scan_takes(live: Scene) -> None:
    make_universe(live, "AAPL")
    live.go_to(live.today.opens_at + timedelta(minutes=2))
    live.opens("AAPL", v=1_000)
    assert live.desk.data.opening_range(live.today, ["AAPL"]).volume.tolist() == [1_000]
    live.go_to(live.today.scan_at)
    live.opens("AAPL", v=60_000)
    scan_opening_range(live.desk)
    assert scanned(live)["AAPL"].volume == 60_000


def test_late_bars_are_waited_for_and_only_they_are_asked_for_again(live: Scene) -> None:
    prepare(live, "AAPL", "LATE")
    live.opens("AAPL")
    assert scan_opening_range(live.desk) is None
    live.opens("LATE")
    assert scan_opening_range(live.desk) == "2 opening ranges, 2 ranked, 2 signals"
    assert [asked.symbols for asked in live.server.asked] == [["AAPL", "LATE"], ["LATE"]]


def test_while_it_waits_the_page_can_tell_how_much_has_come(live: Scene) -> None:
    prepare(live, "AAPL", "LATE")
    live.opens("AAPL")
    scan_opening_range(live.desk)
    assert progress(live) == (1, 2, 20, False)
    be_patient_no_longer(live)
    scan_opening_range(live.desk)
    assert progress(live) == (1, 1, None, True)


def test_after_the_deadline_what_is_missing_is_stale(live: Scene) -> None:
    prepare(live, "AAPL", "LATE")
    live.opens("AAPL")
    be_patient_no_longer(live)
    assert scan_opening_range(live.desk) == "2 opening ranges, 1 ranked, 1 signals"
    row = scanned(live)["LATE"]
    assert (row.open, row.rank, row.failed) == (None, None, ["price", "rvol", "stale"])


def test_while_nothing_at_all_comes_nothing_is_given_up(live: Scene) -> None:
    prepare(live, "AAPL")
    live.server.faults.append(Fault(status=503))
    live.go_to(live.today.scan_at + timedelta(minutes=2))
    assert scan_opening_range(live.desk) is None
    live.opens("AAPL")
    scan_opening_range(live.desk)
    assert [signal.late for signal in signals(live)] == [True]


def test_a_page_that_never_comes_costs_only_its_symbols(live: Scene) -> None:
    prepare(live, "AAPL", "MSFT")
    live.opens("AAPL")
    live.opens("MSFT")
    live.server.page = 1
    live.server.faults.append(Fault(silent=True, where="page_token"))
    be_patient_no_longer(live)
    scan_opening_range(live.desk)
    rows = scanned(live)
    assert (rows["AAPL"].passed, rows["MSFT"].failed[-1]) == (True, "stale")


def test_a_second_scan_changes_nothing(live: Scene) -> None:
    prepare(live, "AAPL")
    live.opens("AAPL")
    scan_opening_range(live.desk)
    live.opens("AAPL", v=99)
    assert scan_opening_range(live.desk) is None
    assert (scanned(live)["AAPL"].volume, len(signals(live))) == (50_000, 1)


def test_a_scan_by_hand_waits_for_late_bars_as_the_regular_one_does(live: Scene) -> None:
    prepare(live, "AAPL", "LATE")
    live.opens("AAPL")
    number = control.scan(live.desk, SYSTEM, "a test")
    carry_out_commands(live.desk)
    assert answer(live, number) is None
    live.opens("LATE")
    carry_out_commands(live.desk)
    assert answer(live, number) == "2 opening ranges, 2 ranked, 2 signals"


@pytest.mark.parametrize(
    ("minutes", "said"), [(0, "no numbers for today"), (-1, "the opening range is not over")]
)
def test_a_scan_by_hand_says_why_there_is_none(live: Scene, minutes: int, said: str) -> None:
    live.go_to(live.today.scan_at + timedelta(minutes=minutes))
    number = control.scan(live.desk, SYSTEM, "a test")
    carry_out_commands(live.desk)
    assert said in str(answer(live, number))


def test_symbols_out_of_the_universe_have_rows_and_are_not_asked_for(live: Scene) -> None:
    live.history("CHEAP", close=3)
    live.listings += [listing("AAPL"), listing("CHEAP")]
    prepare(live, "AAPL", "SHUT")
    live.opens("AAPL")
    scan_opening_range(live.desk)
    rows = scanned(live)
    assert live.server.asked[0].symbols == ["AAPL"]
    assert (rows["CHEAP"].failed, rows["SHUT"].failed) == (["price"], ["tradable"])


def test_what_cannot_be_borrowed_is_not_shorted(live: Scene) -> None:
    live.listings.append(listing("HARD", shortable=False))
    prepare(live, "HARD")
    live.opens("HARD", c=9.95)
    scan_opening_range(live.desk)
    assert scanned(live)["HARD"].failed == ["shortable"]


def test_a_bar_that_cannot_be_is_no_opening_range(live: Scene) -> None:
    prepare(live, "AAPL", "BAD")
    live.opens("AAPL")
    live.opens("BAD", h=1.0)
    be_patient_no_longer(live)
    scan_opening_range(live.desk)
    assert scanned(live)["BAD"].failed == ["price", "rvol", "stale"]


def test_without_history_the_daily_volume_of_the_same_feed_is_the_measure(live: Scene) -> None:
    live.history("AAPL")
    prepare(live)
    live.server.asked.clear()
    live.opens("AAPL", v=50_000)
    scan_opening_range(live.desk)
    row = scanned(live)["AAPL"]
    # no opening volume in 14 sessions: 50,000 shares x 78 / 2,000,000
    assert row.rvol == pytest.approx(1.95)
    assert row.rvol_basis is RvolBasis.DAILY_VOLUME


def test_daily_volume_of_another_feed_is_no_measure(live: Scene) -> None:
    assert isinstance(live.desk.data, LiveData)
    live.desk.data.feed = "iex"
    live.history("AAPL")
    prepare(live)
    live.opens("AAPL")
    scan_opening_range(live.desk)
    row = scanned(live)["AAPL"]
    assert (row.rvol, row.rvol_basis, row.failed) == (None, None, ["rvol"])


def test_todays_volumes_are_kept_and_stale_ones_left_for_the_morning(live: Scene) -> None:
    prepare(live, "AAPL", "LATE")
    live.opens("AAPL")
    be_patient_no_longer(live)
    scan_opening_range(live.desk)
    live.opens("LATE", v=70_000)
    live.server.days[TODAY] = [bar("AAPL"), bar("LATE")]
    live.go_to(live.today.closes_at + timedelta(hours=1))
    sync_bars(live.desk)
    fill_opening_history(live.desk)
    with live.desk.db.read() as tx:
        kept = tx.scalars(select(OpeningVolume).where(OpeningVolume.session == TODAY))
        assert {row.symbol: row.volume for row in kept} == {"AAPL": 50_000, "LATE": 70_000}
