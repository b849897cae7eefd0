"""What the engine is made of: the parts, and what each of them promises."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Protocol

from engine.clock import Clock
from engine.lease import Lease
from engine.market_hours import MarketHours, Session
from engine.surroundings import Accounts, Channel, Outside, Simulation
from models.broker import AccountState, BrokerOrder, Execution, Holding, Mark, OrderRequest
from models.database import Database
from models.market import BarColumns, Listing, MarketDay, OpeningColumns, Split
from models.vocabulary import Side, TradingMode
from models.watching import OtherBots


class Broker(Protocol):
    """Anywhere the desk can send orders: Alpaca, or the simulated exchange."""

    @property
    def name(self) -> str:
        """Return what it is called on pages and in the journal."""
        ...

    def attaches(self, side: Side, stop_price: Decimal, last: Mark | None) -> bool:
        """Say whether an entry may carry this protective stop now (order class OTO)."""
        ...

    @property
    def settles_after(self) -> timedelta:
        """Return how long after sending a look-up that finds nothing is final."""
        ...

    @property
    def side_by_side(self) -> int:
        """Return how many orders may be sent at the same time."""
        ...

    @property
    def guards_beside_entries(self) -> bool:
        """Say whether it takes a stop (grouped) while part of the entry still works."""
        ...

    def clock_skew(self) -> timedelta:
        """Return how far the broker's clock is ahead of the desk's."""
        ...

    def gives_up_at(self, side: Side, stop_price: Decimal) -> Decimal | None:
        """Return the price beyond which a protective stop would not fill any more, None if none."""
        ...

    def keeps_stop_at(self, side: Side, stop_price: Decimal) -> Decimal:
        """Return the price to which it rounds a protective stop."""
        ...

    def submit(self, request: OrderRequest) -> Sequence[BrokerOrder]:
        """Send an order; return it and its legs.

        Raises:
            BrokerRejectedError: the broker said no and keeps no order.
            BrokerUnavailableError: no answer; the order may exist.
        """
        ...

    def cancel(self, broker_order_id: str) -> None:
        """Ask for a cancel; whether it happened is seen in `orders`."""
        ...

    def find(self, client_order_id: str) -> Sequence[BrokerOrder]:
        """Look an order up by our id; return it and its legs, nothing if there is none."""
        ...

    def orders(self, broker_order_ids: Sequence[str]) -> Sequence[BrokerOrder]:
        """Return the present state of orders, legs by their own ids."""
        ...

    def open_orders(self) -> Sequence[BrokerOrder]:
        """Return every order that can still trade, ours or not."""
        ...

    def executions(self, since: datetime) -> Sequence[Execution]:
        """Return the fills from a moment on, oldest first; some may have been seen before."""
        ...

    def holdings(self) -> Sequence[Holding]:
        """Return what the account holds now."""
        ...

    def account(self) -> AccountState:
        """Return the account's money now."""
        ...


@dataclass(frozen=True, slots=True)
class Probe:
    """Whether an account takes an entry of one side with an attached stop."""

    side: Side
    accepts: bool
    detail: str


class MarketData(Protocol):
    """Where prices come from. Nothing from after the desk's clock is ever returned."""

    @property
    def feed(self) -> str:
        """Return the feed's name; like is compared with like only."""
        ...

    @property
    def is_recorded(self) -> bool:
        """Say whether it is all on record: nothing comes late, the past costs nothing to ask."""
        ...

    def opening_range(
        self, session: Session, symbols: Sequence[str] | None = None
    ) -> OpeningColumns:
        """Return the opening range, as far as it is known, of the symbols that have bars in it.

        A recorded market knows its symbols; a live one needs to be told which.
        """
        ...

    def opening_volumes(
        self, sessions: Sequence[Session], symbols: Sequence[str] | None = None
    ) -> Mapping[str, Sequence[int]]:
        """Return each symbol's opening-range volume in finished sessions, 0 where it had no bars.

        Symbols are absent when the feed has none of these sessions.

        Raises:
            SourceUnavailableError: not all of it could be had; what came is kept for the next try.
        """
        ...

    def minute_bars(self, symbol: str, session: Session) -> BarColumns:
        """Return the finished minute bars of a session."""
        ...

    def marks(self, symbols: Sequence[str]) -> Mapping[str, Mark]:
        """Return the last known price of each symbol."""
        ...

    def halted(self, session: Session) -> frozenset[str]:
        """Return the symbols that are halted now."""
        ...


class Stream(Protocol):
    """What makes a broker's news arrive sooner; nothing rests on it."""

    @property
    def silent_seconds(self) -> float:
        """Return how long ago it told anything."""
        ...

    @property
    def is_mute(self) -> bool:
        """Say whether it fails to tell what the polls have seen."""
        ...

    def start(self) -> None:
        """Listen."""
        ...

    def stop(self) -> None:
        """Hang up."""
        ...

    def poll_saw_a_change(self) -> None:
        """Hear that the polls saw something, which it has to tell soon."""
        ...

    def supervise(self) -> None:
        """Begin anew if it is mute."""
        ...


class DailySource(Protocol):
    """Where the daily bars of the whole market come from, and what is known of its symbols."""

    @property
    def name(self) -> str:
        """Return what it is called on pages and in the tables."""
        ...

    @property
    def feed(self) -> str:
        """Return the feed that its volumes are of."""
        ...

    @property
    def revises(self) -> bool:
        """Say whether what it once answered may still change, so that asking again makes sense."""
        ...

    @property
    def keeps_list(self) -> bool:
        """Say whether a broker's list comes with it: one that is stored may be another's."""
        ...

    def day(self, session: Session) -> MarketDay:
        """Return the bars of a finished session, whole, as they traded; none if it has none.

        Raises:
            SourceUnavailableError: it did not answer, or not in full.
            SourceRefusedError: it does not give this session.
        """
        ...

    def splits(self, first: date, last: date) -> Sequence[Split]:
        """Return the splits that take effect between two days, both included.

        Raises:
            SourceUnavailableError, SourceRefusedError: they are not to be had.
        """
        ...

    def listings(self) -> Sequence[Listing]:
        """Return every symbol that the broker lists; none if nobody keeps such a list.

        Raises:
            SourceUnavailableError, SourceRefusedError: they are not to be had.
        """
        ...

    def sectors(self) -> Mapping[str, str]:
        """Return the sector (one of SECTORS) of each symbol of which one is known."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """All the parts, in one place, handed to every job and action."""

    db: Database
    broker: Broker
    data: MarketData
    daily: DailySource
    hours: MarketHours
    clock: Clock
    lease: Lease
    mode: TradingMode
    account: str  # the name under which the books of this account are kept
    simulation: Simulation | None = None
    stream: Stream | None = None
    stop_fetching: Callable[[], None] | None = None  # ends the waits of requests for market data
    outside: Outside | None = None
    channels: Sequence[Channel] = ()
    address: str | None = None  # where people find the pages
    bots: OtherBots | None = None
    accounts: Accounts | None = None  # None: there is but one, the simulated

    def session(self) -> Session | None:
        """Return today's session, None when there is no trading today."""
        return self.hours.session_at(self.clock.now())
