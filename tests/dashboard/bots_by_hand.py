"""Other bots for pages and programs to show: a log that somebody writes, answers over HTTP."""

from dataclasses import replace
from datetime import datetime, timedelta
from math import sin
from pathlib import Path

from engine.actions.bots import Wanted, add_bot
from engine.actions.permissions import SYSTEM
from engine.adapters.bot_bridge import BotBridge
from engine.clock import wall_now
from engine.desk import Desk
from engine.jobs.ask_bots import ask_bots
from engine.jobs.follow_logs import follow_logs
from models.vocabulary import BotKind
from tests.engine.adapters.funding_bot import FundingBot

CONFIG = '''"""Big Dipper's settings."""
import os

ALPACA_KEY = os.environ["ALPACA_KEY"]
ALPACA_SECRET = "planted-secret"
SYMBOLS = ["MSFT", "TER"]
DIP_THRESHOLD = 0.05
MARGIN_LIMIT = 3 * 5
'''
CYCLE = (
    "Cycle #412",
    "Regular",
    "[ACCOUNT] equity=$35000.00 cash=$2500.00 margin=15.0% pl=$+342.10 pl_pct=+0.98%",
    "[OPPORTUNITY] TER -13.44% @ $100.10 score=1.85x",
    "[SKIP] TER -13.44% wash sale conflict",
    "[SKIP] FIGR -23.73% not fractionable",
    "[OPPORTUNITY] MSFT -5.20% @ $483.08 score=2.10x",
    "[TRADE] BUY MSFT 10 @ $483.08 = $4830.80",
    "[BRAKE] EMERGENCY Margin at 16.0%",
    "Winners: MSFT +14.2%, BLV +9.8%",
    "Losers: KTOS -7.6%",
    "[TRADE] BUY ???",
)


class Dipper:
    """Big Dipper as the desk knows it: somebody who writes a log."""

    def __init__(self, desk: Desk, folder: Path) -> None:
        self.desk = replace(desk, bots=BotBridge({}))
        self.log = folder / "big_dipper.log"
        self.log.touch()
        self.config = folder / "config.py"
        self.config.write_text(CONFIG)
        wanted = Wanted(
            name="dipper", kind=BotKind.DIP, place=str(self.log), config=str(self.config)
        )
        self.number = add_bot(desk, SYSTEM, wanted)

    def says_a_week(self) -> None:
        """Write what a week may look like: the same each time."""
        for hour in range(7 * 24, 0, -3):
            equity = 35_000 + 900 * sin(hour / 20) + 260 * sin(hour / 3.7)
            dip = 2.2 + 6 * sin(hour / 11) ** 2 + hour % 5
            symbol = ("TER", "MSFT", "NVDA", "KTOS", "PLTR")[hour % 5]
            became = (
                f"[SKIP] {symbol} -{dip:.2f}% wash sale conflict",
                f"[SKIP] {symbol} -{dip:.2f}% cooldown",
                f"[TRADE] BUY {symbol} 4 @ $100.10 = $400.40",
            )[hour % 3 if hour % 4 else 2]
            account = f"[ACCOUNT] equity=${equity:.2f} cash=$2500.00 margin={dip / 3:.1f}%"
            self.says(
                f"{account} pl=$+{equity - 33_000:.2f} pl_pct=+0.98%",
                f"[OPPORTUNITY] {symbol} -{dip:.2f}% @ $100.10 score={dip / 3:.2f}x",
                became,
                at=wall_now() - timedelta(hours=hour),
            )

    def says(self, *lines: str, at: datetime | None = None) -> None:
        """Write some lines, and let the desk read them."""
        moment = (at or wall_now() - timedelta(seconds=30)).isoformat(sep=" ")
        with self.log.open("a") as log:
            log.writelines(f"{moment} {line}\n" for line in lines)
        follow_logs(self.desk)


def add_funding_bot(desk: Desk, bot: FundingBot) -> int:
    """Let the desk watch a bot, and look once."""
    number = add_bot(desk, SYSTEM, Wanted(name="delta", kind=BotKind.FUNDING, place=bot.url))
    ask_bots(replace(desk, bots=BotBridge({})))
    return number
