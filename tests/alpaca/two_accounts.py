"""Two accounts at two local Alpacas, each opened by its own keys, and one desk that knows both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

from sqlalchemy import select

from engine.actions.account_switch import confirm_switch, propose_switch
from engine.actions.permissions import SYSTEM, Actor
from engine.actions.two_steps import Confirmation
from engine.actions.vault import Vault
from engine.adapters.market_playback import Market
from engine.clock import Clock, DrivenClock
from engine.market_hours import MarketHours
from engine.settings import Settings, load_settings
from models.accounts import StoredAccount
from models.control import Command
from models.database import Database
from models.trading import Order
from tests.alpaca.lockstep import BEFORE_OPEN, Lockstep
from tests.builders import DAY
from tests.databases import with_schema
from tests.local_alpaca import Keys, LocalAlpaca, PlayedMarket, Rules

FIRST, SECOND = "PA0LOCALTEST", "PA1OTHERTEST"
VAULT = Vault("a secret of thirty-two characters or more")
WHY = "a better account"
OTHER_KEYS = Keys("PKOTHERTEST", "another secret of the tests")


def environment(first: LocalAlpaca, second: LocalAlpaca, name: str = "IRA") -> dict[str, str]:
    """Return the settings of a desk that has the keys of both."""
    return first.environment() | {
        f"ALPACA_API_KEY_{name}": second.key,
        f"ALPACA_SECRET_KEY_{name}": second.secret,
        f"ALPACA_TRADING_URL_{name}": second.url,
        f"ALPACA_STREAM_URL_{name}": second.stream_url,
    }


@contextmanager
def two_brokers(market: Market, clock: Clock) -> Iterator[tuple[LocalAlpaca, LocalAlpaca]]:
    """Serve one market to two accounts, of which the second is the smaller."""
    played = PlayedMarket(bars=market.minutes, daily=market.daily)
    smaller = {"account_number": SECOND, "cash": Decimal(50_000)}
    with (
        LocalAlpaca(played, clock, Rules.of_the_simulation()) as first,
        LocalAlpaca(played, clock, Rules.of_the_simulation(**smaller), keys=OTHER_KEYS) as second,
    ):
        first.let_read(second)
        yield first, second


class TwoAccounts(Lockstep):
    """A desk that trades one of them, and begins anew whenever it has been switched."""

    def __init__(
        self, first: LocalAlpaca, second: LocalAlpaca, db: Database, more: Mapping[str, str]
    ) -> None:
        self.brokers = {"paper": first, "live": first, "ira": second}
        super().__init__(first, db, settings=load_settings({**environment(first, second), **more}))

    def boot(self) -> None:
        """Start an engine for the account that the database names."""
        super().boot()
        self.local = self.brokers[self.desk.account]

    def begin_anew(self) -> None:
        """End the desk and put one together, as every process does that has moved."""
        assert self.desk.lease.has_moved()
        self.boot()

    def settings_changed(self, settings: Settings) -> None:
        """Start again with other settings."""
        self.desk.lease.release()
        self.settings = settings
        self.boot()

    def ask_for(self, account: str, words: str = "", actor: Actor = SYSTEM) -> int:
        """Take both steps; return the command's number."""
        sealed = propose_switch(self.desk, VAULT, actor, account, WHY).sealed
        said = Confirmation(sealed, words)
        return confirm_switch(self.desk, VAULT, actor, account, said, WHY)

    def switch(self, account: str, words: str = "") -> Command:
        """Let the engine carry a switch out, and begin anew; return the answered command."""
        number = self.ask_for(account, words)
        self.seconds(1)
        self.begin_anew()
        self.seconds(2)
        return self.command(number)

    def command(self, number: int) -> Command:
        with self.db.read() as tx:
            return tx.get_one(Command, number)

    def stored(self, account: str) -> StoredAccount:
        with self.db.read() as tx:
            return tx.get_one(StoredAccount, account)

    def orders_of(self, account: str) -> list[Order]:
        with self.db.read() as tx:
            return list(tx.scalars(select(Order).where(Order.account == account)))


def sent_to(broker: LocalAlpaca) -> int:
    """Return how many orders a broker was sent."""
    return sum(seen.method == "POST" for seen in broker.ledger.requests)


@contextmanager
def opened(
    market: Market,
    folder: Path,
    *,
    more: Mapping[str, str] | None = None,
    kind: type[Database] = Database,
) -> Iterator[TwoAccounts]:
    """Open a desk of two accounts, well before the open."""
    db = kind(f"sqlite:///{folder / 'desk.db'}")
    with_schema(db)
    session = MarketHours().session_on(DAY)
    assert session is not None
    clock = DrivenClock(session.opens_at - 2 * BEFORE_OPEN)
    with two_brokers(market, clock) as (first, second):
        yield TwoAccounts(first, second, db, more or {})
    db.close()
