"""Recorded bars from parquet and CSV files, checked row by row before any of them is used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.errors import BadInputError
from models.market import BAR_SECONDS, BarColumns, DailyColumns, Ints

PRICES = ("open", "high", "low", "close")
TEN_THOUSANDTHS = 10_000  # recorded prices are exact to four places
MICROS_EACH = 100
HIGHEST_PRICE = 10_000_000
HIGHEST_VOLUME = 10**12
MICROSECONDS = 1_000_000
TIMESTAMP_TEXT = "%Y-%m-%d %H:%M:%S%.f%#z"
SESSION_TEXT = "%Y-%m-%d"
NOT_A_MOMENT = {
    "timestamp": "is not a timestamp with a time zone (2026-11-20T14:30:00Z)",
    "session": "is not a day (2026-11-20)",
}


def read_minute_bars(path: Path) -> dict[str, BarColumns]:
    """Read minute bars (symbol, timestamp, open, high, low, close, volume) by symbol.

    `timestamp` is the start of the bar, with its time zone; prices keep four places.

    Raises:
        BadInputError: something is wrong with the file; the message says what and where.
    """
    rows = _read(path, "timestamp")
    return {
        symbol: BarColumns(
            start=rows.moment[first:last],
            open=rows.prices[0][first:last],
            high=rows.prices[1][first:last],
            low=rows.prices[2][first:last],
            close=rows.prices[3][first:last],
            volume=rows.volume[first:last],
        )
        for symbol, first, last in rows.runs()
    }


def read_daily_bars(path: Path) -> DailyColumns:
    """Read daily bars (symbol, session, open, high, low, close, volume).

    Raises:
        BadInputError: something is wrong with the file; the message says what and where.
    """
    rows = _read(path, "session")
    days, column = np.unique(rows.moment, return_inverse=True)
    shape = (len(rows.symbols), len(days))

    def grid(values: NDArray[np.generic]) -> Ints:
        filled = np.zeros(shape, dtype=np.int64)
        filled[rows.code, column] = values
        return filled

    open_, high, low, close = (grid(price) for price in rows.prices)
    return DailyColumns(
        symbols=rows.symbols,
        sessions=tuple(date.fromordinal(int(day)) for day in days),
        open=open_,
        high=high,
        low=low,
        close=close,
        volume=grid(rows.volume),
        present=grid(np.ones(len(rows.code))).astype(np.bool_),
    )


def check_history(
    minute: Mapping[str, BarColumns], daily: DailyColumns, names: tuple[str, str]
) -> None:
    """Demand daily history for every symbol with minute bars; `names` are the two files.

    Raises:
        BadInputError: a symbol has none; the message names it.
    """
    known = {s for s, row in zip(daily.symbols, daily.present, strict=True) if row.any()}
    for symbol in minute:
        if symbol not in known:
            raise BadInputError(f"{names[1]} has no daily bars of {symbol}, which {names[0]} holds")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """A checked file: columns of one length, by symbol and then by rising moment."""

    symbols: tuple[str, ...]  # sorted
    code: Ints  # position in `symbols`
    moment: Ints  # epoch seconds, or the ordinal of a day
    prices: tuple[Ints, ...]
    volume: Ints

    def runs(self) -> list[tuple[str, int, int]]:
        """Return where each symbol's rows begin and end."""
        edges = np.searchsorted(self.code, np.arange(len(self.symbols) + 1))
        return [(s, int(edges[i]), int(edges[i + 1])) for i, s in enumerate(self.symbols)]


# ---------------------------------------------------------------------------- reading
def _read(path: Path, moment: str) -> _Rows:
    """Load, check and order a file whose second column is `moment`: timestamp or session."""
    raw, is_text = _load(path)
    wanted = ["symbol", moment, *PRICES, "volume"]
    _check_columns(path, raw.schema, wanted)
    if not is_text:
        _check_types(path, raw.schema, wanted)
    if raw.is_empty():
        raise BadInputError(f"{path.name} has no rows")
    parsed = raw.select(
        pl.col("symbol").cast(pl.String), _moment(moment, is_text=is_text), *_numbers()
    )
    _check_cells(path, raw, parsed, moment)
    return _ordered(path, raw, parsed, moment)


def _load(path: Path) -> tuple[pl.DataFrame, bool]:
    """Return the table, and whether its cells are text still to be parsed."""
    kind = path.suffix.lower()
    if kind not in {".parquet", ".csv"}:
        raise BadInputError(f"{path.name} is neither a .parquet nor a .csv file")
    try:
        if kind == ".parquet":
            return pl.read_parquet(path), False
        return pl.read_csv(path, infer_schema=False), True
    except (OSError, pl.exceptions.PolarsError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise BadInputError(f"{path.name} cannot be read: {reason}") from error


def _moment(name: str, *, is_text: bool) -> pl.Expr:
    """Parse into microseconds since 1970 or the ordinal of a day; what fails is null."""
    column = pl.col(name)
    if name == "session":
        days = column.str.to_date(SESSION_TEXT, strict=False) if is_text else column
        return days.cast(pl.Int64) + date(1970, 1, 1).toordinal()
    if is_text:
        spaced = column.str.replace("T", " ", literal=True)
        column = spaced.str.to_datetime(TIMESTAMP_TEXT, time_unit="us", strict=False)
    return column.cast(pl.Datetime("us", "UTC")).dt.timestamp("us")


def _numbers() -> list[pl.Expr]:
    """Parse prices into ten-thousandths and the volume into shares; what fails is null."""
    prices = (pl.col(name).cast(pl.Float64, strict=False) for name in PRICES)
    volume = pl.col("volume").cast(pl.Float64, strict=False)
    return [*((price * TEN_THOUSANDTHS).round() for price in prices), volume]


# ---------------------------------------------------------------------------- checking
def _check_columns(path: Path, schema: pl.Schema, wanted: Sequence[str]) -> None:
    missing = [name for name in wanted if name not in schema]
    if missing:
        raise BadInputError(f"{path.name} has no column {', '.join(missing)}")


def _check_types(path: Path, schema: pl.Schema, wanted: Sequence[str]) -> None:
    """Demand the types that the cells of a CSV would be parsed into."""
    for name in wanted:
        kind = schema[name]
        if not _fits(name, kind):
            raise BadInputError(f"{path.name}, row 1, column {name}: {kind} is the wrong type")
        if isinstance(kind, pl.Datetime) and kind.time_zone is None:
            raise BadInputError(f"{path.name}, row 1, column {name}: it has no time zone")


def _fits(name: str, kind: pl.DataType) -> bool:
    match name:
        case "symbol":
            return isinstance(kind, (pl.String, pl.Categorical, pl.Enum))
        case "timestamp":
            return isinstance(kind, pl.Datetime)
        case "session":
            return isinstance(kind, pl.Date)
        case _:
            return kind.is_numeric()


def _check_cells(path: Path, raw: pl.DataFrame, parsed: pl.DataFrame, moment: str) -> None:
    """Refuse the first row with a cell that is missing, unreadable or impossible."""
    checks = _checks(moment)
    first = parsed.select(
        bad.fill_null(value=True).arg_true().first().alias(str(number))
        for number, (_, bad, _) in enumerate(checks)
    ).row(0)
    found = [(row, number) for number, row in enumerate(first) if row is not None]
    if found:
        row, number = min(found)
        column, _, sentence = checks[number]
        raise _refusal(path, raw, row, column, sentence)


def _checks(moment: str) -> list[tuple[str, pl.Expr, str]]:
    """Return (column, where it is wrong, what is wrong) in the order in which to tell."""
    volume, high, low = pl.col("volume"), pl.col("high"), pl.col("low")
    minute = BAR_SECONDS * MICROSECONDS if moment == "timestamp" else 1
    return [
        ("symbol", pl.col("symbol").str.len_bytes() == 0, "is not a symbol"),
        (moment, pl.col(moment).is_null(), NOT_A_MOMENT[moment]),
        *((name, _is_no_price(pl.col(name)), "is not a price above 0") for name in PRICES),
        ("volume", ~volume.is_between(0, HIGHEST_VOLUME), "is not a volume of 0 or more"),
        ("volume", volume != volume.floor(), "is not a whole number of shares"),
        (moment, pl.col(moment) % minute != 0, "is not on a whole minute"),
        ("high", high < pl.max_horizontal("open", "low", "close"), "is below another price"),
        ("low", low > pl.min_horizontal("open", "high", "close"), "is above another price"),
    ]


def _is_no_price(price: pl.Expr) -> pl.Expr:
    return ~price.is_between(1, HIGHEST_PRICE * TEN_THOUSANDTHS)  # NaN and infinity are outside


def _refusal(path: Path, raw: pl.DataFrame, row: int, column: str, sentence: str) -> BadInputError:
    value = raw.get_column(column)[row]
    shown = "an empty cell" if value is None or value == "" else value
    return BadInputError(f"{path.name}, row {row + 1}, column {column}: {shown} {sentence}")


# ---------------------------------------------------------------------------- ordering
def _ordered(path: Path, raw: pl.DataFrame, parsed: pl.DataFrame, moment: str) -> _Rows:
    """Bring each symbol's rows together; a file may be by symbol or by time."""
    names = parsed.get_column("symbol").unique().sort()
    code = _whole(parsed.get_column("symbol").cast(pl.Enum(names)).to_physical())
    order = np.argsort(code, kind="stable")
    code = code[order]
    at = _whole(parsed.get_column(moment))[order]
    wrong = _first_not_rising(code, at, order)
    if wrong is not None:
        sentence = f"is not later than the row of {raw.get_column('symbol')[wrong]} before it"
        raise _refusal(path, raw, wrong, moment, sentence)
    prices = (_whole(parsed.get_column(name))[order] * MICROS_EACH for name in PRICES)
    return _Rows(
        symbols=tuple(names),
        code=code,
        moment=at // MICROSECONDS if moment == "timestamp" else at,
        prices=tuple(prices),
        volume=_whole(parsed.get_column("volume"))[order],
    )


def _first_not_rising(code: Ints, at: Ints, order: Ints) -> int | None:
    """Return the first row that repeats a moment of its symbol or goes back in time."""
    stays = (np.diff(code) == 0) & (np.diff(at) <= 0)
    return int(order[1:][stays].min()) if stays.any() else None


def _whole(column: pl.Series) -> Ints:
    return column.cast(pl.Int64).to_numpy()
