"""Bars in columns: the windows that rules and the exchange cut out of them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from models.market import Bar, BarColumns, OpeningColumns, bar_columns, empty_bars, epoch, moment

NINE_THIRTY = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)


def bar(minute: int, price: str = "10", volume: int = 100) -> Bar:
    one = Decimal(price)
    return Bar(
        start=NINE_THIRTY + timedelta(minutes=minute),
        open=one,
        high=one + 1,
        low=one - 1,
        close=one + Decimal("0.5"),
        volume=volume,
    )


def starts(bars: BarColumns) -> list[datetime]:
    return [moment(int(start)) for start in bars.start]


MINUTES = st.sets(st.integers(0, 30)).map(sorted)
NEAR_A_BAR = st.builds(
    lambda minute, beside: NINE_THIRTY + timedelta(minutes=minute, seconds=beside),
    st.integers(-1, 32),
    st.sampled_from([-1, -0.000001, 0, 0.000001, 0.5, 0.999999, 1, 30]),
)


@given(MINUTES, NEAR_A_BAR, NEAR_A_BAR)
def test_bars_between_two_moments_start_in_between(
    minutes: list[int], since: datetime, until: datetime
) -> None:
    bars = [bar(minute) for minute in minutes]
    wanted = [b.start for b in bars if since <= b.start < until]
    assert starts(bar_columns(bars).between(since, until)) == wanted


@given(MINUTES, NEAR_A_BAR)
def test_a_bar_is_closed_when_its_minute_is_over(minutes: list[int], now: datetime) -> None:
    bars = [bar(minute) for minute in minutes]
    wanted = [b.start for b in bars if b.start + timedelta(minutes=1) <= now]
    assert starts(bar_columns(bars).closed_by(now)) == wanted


def test_bars_come_out_of_columns_as_they_went_in() -> None:
    given_bars = [bar(0, "10.01"), bar(3, "12.345678")]
    columns = bar_columns(given_bars)
    assert [columns.at(index) for index in range(len(columns))] == given_bars


def test_no_bars_are_columns_without_rows() -> None:
    assert len(bar_columns([])) == len(empty_bars()) == 0


def test_an_opening_range_is_first_open_highest_high_lowest_low_last_close() -> None:
    ranges = {"BBB": empty_bars(), "AAA": bar_columns([bar(0, "10"), bar(1, "14"), bar(2, "9")])}
    opening = OpeningColumns.from_ranges(ranges)
    assert opening.symbols == ("AAA", "BBB")
    assert [opening.open[0], opening.high[0]] == [10_000_000, 15_000_000]
    assert [opening.low[0], opening.close[0]] == [8_000_000, 9_500_000]
    assert (opening.volume.tolist(), opening.bars.tolist()) == ([300, 0], [3, 0])


def test_no_opening_ranges_are_columns_without_rows() -> None:
    assert OpeningColumns.from_ranges({}).symbols == ()


@given(st.integers(0, 2**33))
def test_whole_seconds_make_the_way_to_a_moment_and_back(seconds: int) -> None:
    assert epoch(moment(seconds)) == seconds
