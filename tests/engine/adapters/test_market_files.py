"""Recorded bars: what is read, and every reason why a file is refused."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Literal

import polars as pl
import pytest

from engine.adapters.market_files import check_history, read_daily_bars, read_minute_bars
from engine.errors import BadInputError
from models.market import Bar

MINUTE_HEAD = "symbol,timestamp,open,high,low,close,volume"
DAILY_HEAD = "symbol,session,open,high,low,close,volume"
FIRST = "AAA,2026-11-20T14:30:00Z,10.00,10.50,9.90,10.20,1000"
SECOND = "AAA,2026-11-20T14:31:00Z,10.20,10.30,10.10,10.25,500"


def minute_csv(folder: Path, *rows: str) -> Path:
    path = folder / "bars.csv"
    path.write_text("\n".join([MINUTE_HEAD, *rows]) + "\n")
    return path


def daily_csv(folder: Path, *rows: str) -> Path:
    path = folder / "daily.csv"
    path.write_text("\n".join([DAILY_HEAD, *rows]) + "\n")
    return path


def parquet(folder: Path, **changed: pl.Series) -> Path:
    start = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
    columns = {"symbol": pl.Series(["AAA"]), "timestamp": pl.Series([start])}
    columns |= {name: pl.Series([10.0]) for name in ("open", "high", "low", "close")}
    columns |= {"volume": pl.Series([1000])} | changed
    path = folder / "bars.parquet"
    pl.DataFrame(columns).write_parquet(path)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(BadInputError) as caught:
        read_minute_bars(path)
    return str(caught.value)


# ---------------------------------------------------------------------------- what is read
def test_a_row_becomes_a_bar_of_exact_decimals(tmp_path: Path) -> None:
    bars = read_minute_bars(minute_csv(tmp_path, FIRST))
    assert bars["AAA"].at(0) == Bar(
        start=datetime(2026, 11, 20, 14, 30, tzinfo=UTC),
        open=Decimal("10.00"),
        high=Decimal("10.50"),
        low=Decimal("9.90"),
        close=Decimal("10.20"),
        volume=1000,
    )


@pytest.mark.parametrize(
    "text",
    ["2026-11-20 09:30:00-05:00", "2026-11-20T14:30:00.000+0000", "2026-11-20 14:30:00+00"],
)
def test_any_time_zone_becomes_utc(tmp_path: Path, text: str) -> None:
    bars = read_minute_bars(minute_csv(tmp_path, FIRST.replace("2026-11-20T14:30:00Z", text)))
    assert bars["AAA"].at(0).start == datetime(2026, 11, 20, 14, 30, tzinfo=UTC)


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_any_unit_of_a_parquet_timestamp_becomes_utc(
    tmp_path: Path, unit: Literal["ms", "us", "ns"]
) -> None:
    start = pl.Series([datetime(2026, 11, 20, 14, 30, tzinfo=UTC)])
    given = start.dt.cast_time_unit(unit).dt.convert_time_zone("Asia/Tokyo")
    bars = read_minute_bars(parquet(tmp_path, timestamp=given))
    assert bars["AAA"].at(0).start == start[0]


def test_single_precision_prices_are_rounded_to_four_places(tmp_path: Path) -> None:
    prices = {name: pl.Series([250.4], dtype=pl.Float32) for name in ("open", "high", "low")}
    bars = read_minute_bars(parquet(tmp_path, close=pl.Series([250.4]), **prices))
    assert bars["AAA"].at(0).high == Decimal("250.4")


def test_a_file_by_time_is_read_like_a_file_by_symbol(tmp_path: Path) -> None:
    other = FIRST.replace("AAA", "BBB")
    bars = read_minute_bars(minute_csv(tmp_path, other, FIRST, SECOND))
    assert {symbol: len(columns) for symbol, columns in bars.items()} == {"AAA": 2, "BBB": 1}


def test_other_columns_and_other_orders_of_columns_do_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "bars.csv"
    path.write_text(
        "volume,source,close,low,high,open,timestamp,symbol\n"
        "1000,tape,10.20,9.90,10.50,10.00,2026-11-20T14:30:00Z,AAA\n"
    )
    assert read_minute_bars(path)["AAA"].at(0).high == Decimal("10.50")


def test_a_missing_daily_bar_is_not_present(tmp_path: Path) -> None:
    path = daily_csv(
        tmp_path,
        "AAA,2026-11-19,10,11,9,10,5",
        "AAA,2026-11-20,10,11,9,10,5",
        "BBB,2026-11-20,20,21,19,20,7",
    )
    daily = read_daily_bars(path)
    assert daily.sessions == (date(2026, 11, 19), date(2026, 11, 20))
    assert daily.present.tolist() == [[True, True], [False, True]]
    assert daily.volume.tolist() == [[5, 5], [0, 7]]


# ---------------------------------------------------------------------------- what is refused
@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (SECOND.replace("AAA", ""), "column symbol: an empty cell is not a symbol"),
        (SECOND.replace("Z", ""), "column timestamp: 2026-11-20T14:31:00 is not a timestamp"),
        (SECOND.replace("2026-11-20T14:31:00Z", "noon"), "column timestamp: noon is not"),
        (SECOND.replace("31:00", "31:30"), "30Z is not on a whole minute"),
        (SECOND.replace("10.25", "dear"), "column close: dear is not a price above 0"),
        (SECOND.replace("10.25", ""), "column close: an empty cell is not a price above 0"),
        (SECOND.replace("10.25", "nan"), "column close: nan is not a price above 0"),
        (SECOND.replace("10.25", "inf"), "column close: inf is not a price above 0"),
        (SECOND.replace("10.25", "0"), "column close: 0 is not a price above 0"),
        (SECOND.replace("10.10", "-1"), "column low: -1 is not a price above 0"),
        (SECOND.replace("10.30", "10.22"), "column high: 10.22 is below another price"),
        (SECOND.replace("10.10", "10.21"), "column low: 10.21 is above another price"),
        (SECOND.replace("500", "-5"), "column volume: -5 is not a volume of 0 or more"),
        (SECOND.replace("500", "few"), "column volume: few is not a volume of 0 or more"),
        (SECOND.replace("500", "0.5"), "column volume: 0.5 is not a whole number of shares"),
        (FIRST, "column timestamp: 2026-11-20T14:30:00Z is not later than the row of AAA"),
        (SECOND.replace("14:31", "14:29"), "2026-11-20T14:29:00Z is not later than the row of AAA"),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, row: str, sentence: str) -> None:
    refused = refusal(minute_csv(tmp_path, FIRST, row))
    assert refused.startswith("bars.csv, row 2, ")
    assert sentence in refused


def test_the_first_of_several_bad_rows_is_named(tmp_path: Path) -> None:
    bad_volume, bad_price = SECOND.replace("500", "-5"), FIRST.replace("9.90", "0")
    assert "row 1, column low" in refusal(minute_csv(tmp_path, bad_price, bad_volume))


def test_a_row_that_comes_too_late_is_counted_in_a_file_by_time(tmp_path: Path) -> None:
    other = FIRST.replace("AAA", "BBB")
    assert "row 3, column timestamp" in refusal(minute_csv(tmp_path, SECOND, other, FIRST))


def test_a_bad_session_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"row 1, column session: 20\.11\.2026 is not a day"):
        read_daily_bars(daily_csv(tmp_path, "AAA,20.11.2026,10,11,9,10,5"))


def test_a_session_that_is_there_twice_is_named(tmp_path: Path) -> None:
    row = "AAA,2026-11-20,10,11,9,10,5"
    with pytest.raises(BadInputError, match=r"row 2, column session: 2026-11-20 is not later"):
        read_daily_bars(daily_csv(tmp_path, row, row))


@pytest.mark.parametrize(
    ("column", "values", "sentence"),
    [
        ("symbol", pl.Series([7]), "row 1, column symbol: Int64 is the wrong type"),
        ("timestamp", pl.Series(["2026-11-20"]), "column timestamp: String is the wrong type"),
        ("timestamp", pl.Series([datetime(2026, 11, 20)]), "it has no time zone"),  # noqa: DTZ001
        ("open", pl.Series(["10"]), "row 1, column open: String is the wrong type"),
        ("open", pl.Series([None], dtype=pl.Float64), "an empty cell is not a price above 0"),
    ],
)
def test_a_parquet_column_of_another_type_is_named(
    tmp_path: Path, column: str, values: pl.Series, sentence: str
) -> None:
    assert sentence in refusal(parquet(tmp_path, **{column: values}))


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    path = tmp_path / "bars.csv"
    path.write_text("symbol,timestamp,open,high,low\n")
    assert refusal(path) == "bars.csv has no column close, volume"


def test_a_file_without_rows_is_refused(tmp_path: Path) -> None:
    assert refusal(minute_csv(tmp_path)) == "bars.csv has no rows"


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bars.csv"
    path.touch()
    assert refusal(path).startswith("bars.csv cannot be read: ")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "bars.parquet").startswith("bars.parquet cannot be read: ")


def test_a_file_that_is_no_parquet_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bars.parquet"
    path.write_text("no parquet")
    assert refusal(path).startswith("bars.parquet cannot be read: ")


def test_another_extension_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "bars.xlsx") == "bars.xlsx is neither a .parquet nor a .csv file"


def test_a_row_with_too_many_cells_is_refused(tmp_path: Path) -> None:
    assert refusal(minute_csv(tmp_path, FIRST, SECOND + ",7")).startswith("bars.csv cannot be read")


def test_a_row_with_too_few_cells_is_named(tmp_path: Path) -> None:
    assert "row 2, column volume" in refusal(
        minute_csv(tmp_path, FIRST, SECOND.removesuffix(",500"))
    )


def test_a_symbol_without_daily_history_is_named(tmp_path: Path) -> None:
    minute = read_minute_bars(minute_csv(tmp_path, FIRST))
    daily = read_daily_bars(daily_csv(tmp_path, "BBB,2026-11-19,10,11,9,10,5"))
    with pytest.raises(BadInputError, match=r"^daily\.csv has no daily bars of AAA, which bars"):
        check_history(minute, daily, ("bars.csv", "daily.csv"))


def test_history_of_more_symbols_than_needed_is_welcome(tmp_path: Path) -> None:
    minute = read_minute_bars(minute_csv(tmp_path, FIRST))
    rows = ("AAA,2026-11-19,10,11,9,10,5", "BBB,2026-11-19,10,11,9,10,5")
    check_history(minute, read_daily_bars(daily_csv(tmp_path, *rows)), ("bars.csv", "daily.csv"))


# ---------------------------------------------------------------------------- recorded days
@pytest.mark.parametrize(
    ("dataset", "symbols", "rows"), [("us2025q1_1min", 99, 1_456_936), ("lean2013_1min", 4, 13_429)]
)
def test_recorded_days_are_read_whole(shared: Path, dataset: str, symbols: int, rows: int) -> None:
    bars = read_minute_bars(shared / "market" / f"{dataset}_bars.parquet")
    daily = read_daily_bars(shared / "market" / f"{dataset}_daily.parquet")
    check_history(bars, daily, ("bars", "daily"))
    assert (len(bars), sum(map(len, bars.values()))) == (symbols, rows)
