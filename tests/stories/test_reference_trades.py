"""The replay comes to the trades of an independent computation of the same rules."""

from pathlib import Path

import polars as pl
import pytest

from tests.engine.cli.processes import bellwether

SETTINGS = ("risk.max_positions=20", "risk.daily_loss_limit=1", "strategy.tick_size=0")
KEYS = ["session", "symbol"]
CENT_TENTH = 0.001
WORDS = {"stop_gap": "stop"}  # the reference tells the two apart
CODES = {"avgvol": "volume"}
SELECTION = {"doji", "rank"}  # the reference keeps them in columns of their own

Replayed = dict[str, pl.DataFrame]


def replayed(shared: Path, folder: Path, *options: str) -> Replayed:
    overrides = [word for setting in SETTINGS for word in ("--set", setting)]
    files = {name: folder / f"{name}.csv" for name in ("trades", "candidates")}
    outputs = [word for name, file in files.items() for word in (f"--{name}", str(file))]
    bars, daily = (
        shared / "market" / f"us2025q1_1min_{kind}.parquet" for kind in ("bars", "daily")
    )
    done = bellwether(
        folder, "replay", "--bars", str(bars), "--daily", str(daily), *overrides, *outputs, *options
    )
    assert done.returncode == 0, done.stderr
    return {name: read(file) for name, file in files.items()}


def read(file: Path) -> pl.DataFrame:
    return pl.read_csv(file, infer_schema_length=None)


@pytest.fixture(scope="module")
def conservative(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Replayed:
    return replayed(shared, tmp_path_factory.mktemp("conservative"))


@pytest.fixture(scope="module")
def optimistic(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Replayed:
    folder = tmp_path_factory.mktemp("optimistic")
    return replayed(shared, folder, "--intrabar", "optimistic")


@pytest.fixture(scope="module")
def reference(shared: Path) -> Replayed:
    files = {name: shared / "market" / f"reference_{name}.csv" for name in ("trades", "candidates")}
    ours = pl.col("dataset") == "us2025q1_1min"
    return {name: read(file).filter(ours) for name, file in files.items()}


@pytest.fixture(scope="module")
def trades(conservative: Replayed, reference: Replayed) -> pl.DataFrame:
    return side_by_side(conservative["trades"], reference["trades"])


@pytest.fixture(scope="module")
def candidates(conservative: Replayed, reference: Replayed) -> pl.DataFrame:
    return side_by_side(conservative["candidates"], reference["candidates"])


@pytest.fixture(scope="module")
def optimistic_trades(optimistic: Replayed, reference: Replayed) -> pl.DataFrame:
    return side_by_side(optimistic["trades"], reference["trades"])


def side_by_side(ours: pl.DataFrame, theirs: pl.DataFrame) -> pl.DataFrame:
    """Join on session and symbol; of both where both have a column, theirs ends in `_ref`."""
    return ours.join(theirs, on=KEYS, how="inner", suffix="_ref")


def greatest_difference(pairs: pl.DataFrame, ours: str, theirs: str) -> float:
    """Compare wherever the reference has a number; it gives dojis no stop distance."""
    pairs = pairs.drop_nulls(theirs)
    assert pairs[ours].null_count() == 0
    return float(str((pairs[ours] - pairs[theirs]).abs().max()))


def test_the_same_385_trades_are_made(conservative: Replayed, reference: Replayed) -> None:
    ours, theirs = (
        source["trades"].select(KEYS).sort(KEYS) for source in (conservative, reference)
    )
    assert len(ours) == 385
    assert ours.equals(theirs)


@pytest.mark.parametrize("price", ["entry_level", "entry_price", "stop_price", "exit_price"])
def test_prices_agree(trades: pl.DataFrame, price: str) -> None:
    assert greatest_difference(trades, price, f"{price}_ref") < CENT_TENTH


@pytest.mark.parametrize("moment", ["entry_time", "exit_time"])
def test_the_same_bars_act(trades: pl.DataFrame, moment: str) -> None:
    assert trades[moment].equals(trades[f"{moment}_ref"] + ":00", check_names=False)


def test_ranks_agree(trades: pl.DataFrame) -> None:
    assert trades["rank"].equals(trades["rank_ref"], check_names=False)


def test_trades_end_for_the_same_reasons(trades: pl.DataFrame) -> None:
    assert trades["exit_reason"].to_list() == trades["exit_reason_ref"].replace(WORDS).to_list()


def test_the_profit_is_shares_times_the_difference_of_prices(trades: pl.DataFrame) -> None:
    expected = trades["shares"] * trades["pnl_ps"]
    assert float(str((trades["pnl"] - expected).abs().max())) < 1.0


def test_optimistic_stops_count_from_the_next_bar_on(optimistic_trades: pl.DataFrame) -> None:
    assert len(optimistic_trades) == 385
    assert greatest_difference(optimistic_trades, "exit_price", "opt_exit_price") < CENT_TENTH


def test_optimistic_exits_happen_on_the_same_bars(optimistic_trades: pl.DataFrame) -> None:
    expected = (optimistic_trades["opt_exit_time"] + ":00").to_list()
    assert optimistic_trades["exit_time"].to_list() == expected


def test_optimistic_trades_end_for_the_same_reasons(optimistic_trades: pl.DataFrame) -> None:
    expected = optimistic_trades["opt_exit_reason"].replace(WORDS).to_list()
    assert optimistic_trades["exit_reason"].to_list() == expected


def test_every_symbol_of_every_session_is_judged(
    candidates: pl.DataFrame, reference: Replayed
) -> None:
    assert len(candidates) == len(reference["candidates"]) == 2376


def test_candidates_are_ranked_alike(candidates: pl.DataFrame) -> None:
    assert candidates["rank"].to_list() == candidates["rank_ref"].to_list()


def test_directions_agree(candidates: pl.DataFrame) -> None:
    assert candidates["direction"].to_list() == candidates["direction_ref"].to_list()


def test_the_same_filters_fail(candidates: pl.DataFrame) -> None:
    ours = [set((codes or "").split(";")) - SELECTION - {""} for codes in candidates["failed"]]
    theirs = [
        {CODES.get(code, code) for code in (codes or "").split("+")} - {""}
        for codes in candidates["fails"]
    ]
    assert ours == theirs


def test_those_that_pass_are_those_the_reference_selects(candidates: pl.DataFrame) -> None:
    assert candidates["passed"].to_list() == candidates["selected"].to_list()


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("or_open", "or_open_ref"),
        ("or_high", "or_high_ref"),
        ("or_low", "or_low_ref"),
        ("or_close", "or_close_ref"),
        ("or_volume", "or_volume_ref"),
        ("rvol", "rvol_ref"),
        ("atr14", "atr14_ref"),
        ("avg_volume14", "avgvol14"),
        ("stop_distance", "stop_dist"),
    ],
)
def test_numbers_of_candidates_agree(candidates: pl.DataFrame, ours: str, theirs: str) -> None:
    assert greatest_difference(candidates, ours, theirs) < CENT_TENTH
