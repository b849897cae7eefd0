"""A whole desk in a few lines: one symbol, one session, any database."""

from datetime import date
from pathlib import Path

from engine.bootstrap import load_market, replay_desk
from engine.desk import Desk
from models.database import Database

DAY = date(2025, 1, 28)
PRICES = "open,high,low,close,volume\n"
BARS = f"symbol,timestamp,{PRICES}ACME,2025-01-28T14:30:00Z,10,11,9,10.5,1000\n"
DAILY = f"symbol,session,{PRICES}ACME,2025-01-27,10,11,9,10.5,100000\n"


def write_market(folder: Path) -> tuple[Path, Path]:
    """Write the files of a market in which nothing trades; return minute and daily bars."""
    bars, days = folder / "bars.csv", folder / "daily.csv"
    bars.write_text(BARS)
    days.write_text(DAILY)
    return bars, days


def desk_on(db: Database, folder: Path) -> Desk:
    """Put a desk together on a database."""
    return replay_desk(db, load_market(*write_market(folder))).played.desk
