"""Puts together what works at Alpaca: the desk, the probe of its account, and the last line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from sqlalchemy import select

from engine.account_keys import slot_of
from engine.adapters.alpaca.broker import SIDE_BY_SIDE, AlpacaBroker
from engine.adapters.alpaca.data import AlpacaData
from engine.adapters.alpaca.governor import DATA_LIMITS, Governor
from engine.adapters.alpaca.http import (
    DATA_SECONDS,
    READ_SECONDS,
    AlpacaHttp,
    Keys,
    data_http,
    trading_http,
)
from engine.adapters.alpaca.last_line import Left, flatten_directly
from engine.adapters.alpaca.prices import PricesStream
from engine.adapters.alpaca.probe import probe
from engine.adapters.alpaca.streams import BothStreams, UpdatesStream
from engine.adapters.alpaca.wire import account_of
from engine.adapters.daily_sources.choice import Sources
from engine.clock import Clock, SystemClock, wall_now
from engine.desk import Desk, Probe
from engine.errors import ConfigurationError, DeskError
from engine.lease import Lease, traded_account
from engine.market_hours import MarketHours
from engine.settings import Settings
from models.broker import AccountState
from models.database import Database
from models.reconciliation import BrokerCapability
from models.vocabulary import Side, TradingMode


def alpaca_desk(
    db: Database,
    settings: Settings,
    clock: Clock,
    *,
    side_by_side: int = SIDE_BY_SIDE,
    read_seconds: float = READ_SECONDS,
) -> Desk:
    """Put a desk together whose orders go to Alpaca, so many of them side by side.

    They go to the account that the database names, by its own keys; to that of the first pair
    unless it names another.

    Raises:
        ConfigurationError: there are no keys.
    """
    accounts = AlpacaAccounts(settings, clock)
    account = traded_account(db) or settings.first_account
    settings = _traded_settings(settings, account)
    keys = _keys(settings)
    trading = trading_way(settings, clock, read_seconds)
    data_governor = Governor(clock, DATA_LIMITS[settings.alpaca_feed])
    prices = data_http(
        keys,
        url=settings.alpaca_data_url,
        governor=data_governor,
        read_seconds=min(read_seconds, DATA_SECONDS),
    )
    hours = MarketHours()
    broker = AlpacaBroker(
        trading, lambda: attachable_sides(db, account), clock, side_by_side=side_by_side
    )
    updates = UpdatesStream(
        keys,
        broker.something_happened,
        paper=settings.alpaca_paper,
        url=settings.alpaca_stream_url,
    )
    told = PricesStream(keys, feed=settings.alpaca_feed, url=settings.alpaca_data_stream_url)
    sources = Sources(settings, clock)
    return Desk(
        db=db,
        broker=broker,
        data=AlpacaData(prices, sources.opening(), clock, told),
        daily=sources.daily(),
        hours=hours,
        clock=clock,
        lease=Lease(db, account=slot_of(account)),
        mode=_mode(settings),
        account=account,
        accounts=accounts,
        stop_fetching=sources.stop,
        stream=BothStreams(updates, told),
    )


class AlpacaAccounts:
    """The accounts at Alpaca whose keys the settings have, each asked with its own."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock

    @property
    def modes(self) -> Mapping[str, TradingMode]:
        """Return whose money each of them is."""
        settings = self._settings
        first = [settings.first_account] if settings.alpaca_api_key else []
        names = [*first, *(each.name for each in settings.alpaca_accounts)]
        return {name: _mode(settings.trading_as(name)) for name in names}

    def ask(self, account: str) -> AccountState:
        """Return an account's number and money now."""
        way = trading_way(self._settings.trading_as(account), self._clock)
        return account_of(way.get("/account"))


def trading_way(settings: Settings, clock: Clock, read_seconds: float = READ_SECONDS) -> AlpacaHttp:
    """Return the way to the account at Alpaca that the settings name.

    Raises:
        ConfigurationError: there are no keys.
    """
    return trading_http(
        _keys(settings),
        paper=settings.alpaca_paper,
        url=settings.alpaca_trading_url,
        governor=Governor(clock),
        read_seconds=read_seconds,
    )


def flatten_account(settings: Settings, wait: Callable[[], bool]) -> Iterator[Left | str]:
    """Close whatever the account at Alpaca holds, with nothing but its keys."""
    return flatten_directly(trading_way(settings, SystemClock()), wait)


def probe_account(settings: Settings, desk: Desk, symbol: str) -> list[Probe]:
    """Find out whether the traded account takes entries with a stop, and keep the answer."""
    mark = desk.data.marks([symbol]).get(symbol)
    if mark is None:
        raise DeskError(f"there is no price of {symbol} to place a probe far from")
    name = f"probe-{wall_now():%Y%m%d%H%M%S%f}"
    way = trading_way(settings.trading_as(desk.account), desk.clock)
    found = probe(way, symbol, mark.price, name)
    with desk.db.write() as tx:
        for one in found:
            tx.merge(
                BrokerCapability(
                    account=desk.account,
                    side=one.side,
                    accepts_attached_stop=one.accepts,
                    detail=one.detail,
                    probed_at=desk.clock.now(),
                )
            )
    return found


def _traded_settings(settings: Settings, account: str) -> Settings:
    """Return the settings of the account that has to be traded; no other one takes its place."""
    try:
        return settings.trading_as(account)
    except ConfigurationError as missing:
        last_resort = "or name another with `bellwether account use`"
        raise ConfigurationError(f"{missing}, {last_resort}") from missing


def _mode(settings: Settings) -> TradingMode:
    return TradingMode.PAPER if settings.alpaca_paper else TradingMode.LIVE


def _keys(settings: Settings) -> Keys:
    if settings.alpaca_api_key is None or settings.alpaca_secret_key is None:
        raise ConfigurationError("BELLWETHER_BROKER=alpaca needs ALPACA_API_KEY and _SECRET_KEY")
    return Keys(
        key=settings.alpaca_api_key.get_secret_value(),
        secret=settings.alpaca_secret_key.get_secret_value(),
    )


def attachable_sides(db: Database, account: str) -> frozenset[Side]:
    """Return the sides whose entries the account was found to take with an attached stop."""
    with db.read() as tx:
        return frozenset(
            tx.scalars(
                select(BrokerCapability.side).where(
                    BrokerCapability.account == account, BrokerCapability.accepts_attached_stop
                )
            )
        )
