"""The numbers of today's session: one scale, the broker's word, and what is waited for."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import delete, select

from engine.adapters.daily_sources.recorded import RecordedDaily
from engine.adapters.market_playback import PlayedData, recorded_market
from engine.errors import SourceUnavailableError
from engine.jobs.build_universe import LATEST, build_universe
from engine.jobs.fill_opening_history import fill_opening_history
from engine.jobs.sync_bars import sync_bars
from engine.jobs.sync_listings import sync_listings
from models.journal import JournalRow
from models.market_data import Asset, SymbolSector, UniverseRow
from tests.engine.adapters.data_server import Fault, bar
from tests.engine.jobs.desk_of_sources import HOURS, TODAY, Scene, listing, no_days


def prepare(live: Scene) -> None:
    sync_bars(live.desk)
    sync_listings(live.desk)
    fill_opening_history(live.desk)
    build_universe(live.desk)


def row_of(live: Scene, symbol: str) -> UniverseRow:
    with live.desk.db.read() as tx:
        row = tx.get(UniverseRow, (TODAY, symbol))
    assert row is not None
    return row


def split(symbol: str, day: object, old: int, new: int) -> dict[str, object]:
    return {"ticker": symbol, "execution_date": f"{day}", "split_from": old, "split_to": new}


@pytest.mark.parametrize(
    ("old", "new", "close", "atr", "volume"),
    [(1, 10, "1.000000", "0.200000", 20_000_000), (20, 1, "200.000000", "40.000000", 100_000)],
)
def test_a_split_today_puts_the_past_on_todays_scale(
    live_on_both: Scene, old: int, new: int, close: str, atr: str, volume: int
) -> None:
    live_on_both.history("NVDA")
    live_on_both.server.splits = [split("NVDA", TODAY, old, new)]
    prepare(live_on_both)
    row = row_of(live_on_both, "NVDA")
    assert (row.last_close, row.atr14, row.avg_volume14) == (Decimal(close), Decimal(atr), volume)


def test_a_split_within_the_window_never_mixes_scales(live: Scene) -> None:
    before, after = live.before(15)[:9], live.before(15)[9:]
    for session in before:
        live.server.days[session.day] = [bar("NVDA", 100, 1_000_000, h=110, l=90)]
    for session in after:
        live.server.days[session.day] = [bar("NVDA", 10, 10_000_000, h=11, l=9)]
    live.server.splits = [split("NVDA", after[0].day, 1, 10)]
    prepare(live)
    row = row_of(live, "NVDA")
    assert (row.atr14, row.avg_volume14) == (Decimal(2), 10_000_000)


def test_opening_volumes_are_counted_in_todays_shares(live: Scene) -> None:
    live.history("NVDA", close=40)
    live.opened_before("NVDA", 40_000)
    live.server.splits = [split("NVDA", TODAY, 1, 2)]
    prepare(live)
    assert row_of(live, "NVDA").mean_opening_volume14 == 80_000


def test_a_mean_needs_all_fourteen_sessions_and_no_trade_counts_as_zero(live: Scene) -> None:
    live.history("AAPL")
    live.opened_before("AAPL", 14_000)
    del live.server.opening[live.before(14)[3].opens_at]
    prepare(live)
    assert row_of(live, "AAPL").mean_opening_volume14 == 13_000


def test_a_missing_day_fails_history_and_has_no_numbers(live: Scene) -> None:
    live.history("AAPL", "THIN")
    live.server.days[live.before(7)[0].day] = [bar("AAPL")]
    prepare(live)
    row = row_of(live, "THIN")
    assert (row.failed, row.atr14, row.avg_volume14) == (["history"], None, None)


@pytest.mark.parametrize("of", ["live", "final"])
def test_the_brokers_word_decides_what_may_be_traded_and_shorted(
    of: str, request: pytest.FixtureRequest
) -> None:
    live: Scene = request.getfixturevalue(of)
    live.history("AAPL", "HARD", "SHUT", "GONE")
    live.listings += [
        listing("AAPL"),
        listing("HARD", shortable=False),
        listing("SHUT", tradable=False),
    ]
    prepare(live)
    said = {s: row_of(live, s) for s in ("AAPL", "HARD", "SHUT", "GONE")}
    assert {s: (row.tradable, row.shortable) for s, row in said.items()} == {
        "AAPL": (True, True),
        "HARD": (True, False),
        "SHUT": (False, False),
        "GONE": (False, False),
    }


def test_codes_known_before_the_open_stand_in_the_row(live: Scene) -> None:
    live.history("AAPL")
    for session in live.before(15):
        live.server.days[session.day] += [bar("CHEAP", 4, 10, h=4.1, l=3.9)]
    prepare(live)
    assert (row_of(live, "AAPL").failed, row_of(live, "CHEAP").failed) == (
        [],
        ["price", "volume", "atr"],
    )


def test_it_waits_for_the_lists_until_shortly_before_the_open(live: Scene) -> None:
    live.history("AAPL")
    sync_bars(live.desk)
    assert build_universe(live.desk) is None
    live.go_to(live.today.opens_at - LATEST)
    assert build_universe(live.desk) == "1 symbols, 1 with full history"
    with live.desk.db.read() as tx:
        facts = tx.scalars(select(JournalRow.body).where(JournalRow.kind == "data")).all()
    assert facts[-1]["missing"] == ["sync_listings", "fill_opening_history"]


def test_it_waits_for_a_session_that_is_still_empty(live: Scene) -> None:
    live.history("AAPL")
    del live.server.days[live.before(1)[0].day]
    prepare(live)
    with live.desk.db.read() as tx:
        assert tx.scalars(select(UniverseRow)).all() == []


def test_a_list_that_shrank_by_half_is_not_believed(live: Scene) -> None:
    live.listings += [listing(f"S{number}") for number in range(10)]
    sync_listings(live.desk)
    del live.listings[4:]
    live.go_to(live.today.opens_at - timedelta(minutes=30))
    with pytest.raises(SourceUnavailableError, match="lists 4 symbols and listed 10 before"):
        sync_listings(live.desk)


def test_such_a_list_is_not_believed_where_bars_are_final_either(final: Scene) -> None:
    final.listings += [listing(f"S{number}") for number in range(10)]
    sync_listings(final.desk)
    del final.listings[4:]
    final.go_to(final.today.closes_at)
    with pytest.raises(SourceUnavailableError, match="lists 4 symbols and listed 10 before"):
        sync_listings(final.desk)


def test_a_source_that_keeps_no_list_knows_nothing_of_the_list_of_another(live: Scene) -> None:
    live.history("AAPL")
    live.listings.append(listing("HARD", shortable=False))
    sync_listings(live.desk)
    live.listings.clear()
    live.go_to(live.today.opens_at - timedelta(minutes=30))
    prepare(live)
    row = row_of(live, "AAPL")
    assert (row.tradable, row.shortable) == (True, True)


def test_a_list_that_another_source_left_keeps_nobody_from_trading(live: Scene) -> None:
    live.history("AAPL")
    live.listings.append(listing("AAPL", tradable=False))
    live.go_to(live.today.opens_at - timedelta(minutes=30))
    prepare(live)
    assert row_of(live, "AAPL").tradable is False
    with live.desk.db.write() as tx:
        tx.execute(delete(UniverseRow))
    no_list = RecordedDaily(PlayedData(recorded_market({}, no_days()), live.clock, HOURS))
    build_universe(replace(live.desk, daily=no_list))
    row = row_of(live, "AAPL")
    assert (row.tradable, row.shortable) == (True, True)


def sectors_of(live: Scene) -> dict[str, str]:
    with live.desk.db.read() as tx:
        return {row.symbol: row.sector for row in tx.scalars(select(SymbolSector))}


def test_sectors_are_kept_as_they_are_known_now(live_on_both: Scene) -> None:
    live_on_both.sectors |= {"AAPL": "Information Technology", "GONE": "Energy"}
    sync_listings(live_on_both.desk)
    assert sectors_of(live_on_both) == live_on_both.sectors
    del live_on_both.sectors["GONE"]
    live_on_both.go_to(live_on_both.today.opens_at - timedelta(minutes=30))
    sync_listings(live_on_both.desk)
    assert sectors_of(live_on_both) == {"AAPL": "Information Technology"}


def test_sectors_that_are_known_make_nothing_a_listing(live: Scene) -> None:
    live.sectors["AAPL"] = "Information Technology"
    sync_listings(live.desk)
    with live.desk.db.read() as tx:
        assert tx.scalars(select(Asset)).all() == []


def test_the_lists_are_fetched_again_on_the_morning(live: Scene) -> None:
    live.listings.append(listing("AAPL"))
    sync_listings(live.desk)
    assert sync_listings(live.desk) is None
    live.go_to(live.today.opens_at - timedelta(minutes=60))
    assert sync_listings(live.desk) is not None


def test_a_history_that_broke_off_goes_on_with_what_is_missing(live: Scene) -> None:
    live.history("AAPL")
    live.opened_before("AAPL")
    sync_bars(live.desk)
    sixth = f"start={live.before(14)[5].opens_at:%Y-%m-%d}"
    live.server.faults.extend([Fault(status=500, where=sixth)] * 2)
    with pytest.raises(SourceUnavailableError, match="1 symbols on"):
        fill_opening_history(live.desk)
    live.server.asked.clear()
    assert fill_opening_history(live.desk) == "9 opening volumes of 1 symbols (sip)"
    assert len(live.server.asked) == 9
