"""The exchange: takes orders by Alpaca's rules and trades them on the played market's bars.

It knows no clock: whoever drives it says what time it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from decimal import ROUND_DOWN, Decimal

from models.market import Bar
from models.vocabulary import OrderSide, OrderType
from tests.local_alpaca.account import Account
from tests.local_alpaca.account_checks import AccountChecks
from tests.local_alpaca.agenda import Agenda
from tests.local_alpaca.assets import Asset, AssetBook
from tests.local_alpaca.exchange_time import ExchangeTime
from tests.local_alpaca.matching import Touch, touch, touch_on_entry_bar
from tests.local_alpaca.moments import MINUTE, nanoseconds
from tests.local_alpaca.order_book import OrderBook
from tests.local_alpaca.order_checks import (
    check_against_market,
    check_asset,
    check_form,
    check_prices,
)
from tests.local_alpaca.order_life import OrderLife
from tests.local_alpaca.order_making import OrderMaker
from tests.local_alpaca.order_request import OrderRequest
from tests.local_alpaca.orders import Order, Role, Status
from tests.local_alpaca.played_market import PlayedMarket
from tests.local_alpaca.positions import Holdings, Position
from tests.local_alpaca.refusals import forbidden, not_cancelable, not_found
from tests.local_alpaca.rules import Rules
from tests.local_alpaca.trouble import Trouble

MORNING = timedelta(hours=6)  # before the open
_SHARE = Decimal(1)


class Exchange:
    """One account at one exchange."""

    def __init__(
        self, market: PlayedMarket, start: datetime, rules: Rules, trouble: Trouble, seed: int = 0
    ) -> None:
        self.market = market
        self.rules = rules
        self.time = ExchangeTime(nanoseconds(start))
        self.agenda = Agenda()
        self.book = OrderBook(seed)
        self.assets = AssetBook([Asset(symbol=symbol) for symbol in market.symbols])
        self.holdings = Holdings(rules.cash)
        self.account = Account(rules, self.holdings, self.book, self.price, rules.cash)
        self.life = OrderLife(rules, self.time, self.agenda, self.book, self.holdings, trouble)
        self.minute_listeners: list[Callable[[int], None]] = []
        self.maker = OrderMaker(self.book, self.time, market)
        self._checks = AccountChecks(self.book, self.account)
        self._played_until = self.time.now
        self.closing_equities: list[tuple[int, Decimal]] = []
        self._plan_next_close()

    def price(self, symbol: str) -> Decimal | None:
        """Return the last trade of a symbol."""
        return self.market.price(symbol, self.time.now)

    # --- what clients do
    def submit(self, request: OrderRequest) -> Order:
        """Take an order, or refuse it."""
        closes = self.closes(request.symbol, request.side)
        self._check(request, closes=closes)
        order = self.maker.make(request, opens=not closes)
        self.life.place(order)
        return order

    def cancel(self, order: Order) -> None:
        """Ask for the end of an order, or refuse it because it has ended."""
        if not order.is_open:
            raise not_cancelable(order.status)
        self.life.request_cancel(order)

    def cancel_all(self) -> list[Order]:
        """Ask for the end of every open order and return them."""
        wanted = self.book.open()
        for order in wanted:
            self.life.request_cancel(order)
        return wanted

    def close_position(self, symbol: str, quantity: Decimal | None = None) -> Order:
        """Sell (or buy back) all of a position or a part of it at the market."""
        position = self.position(symbol)
        request = OrderRequest(
            symbol=symbol,
            side=OrderSide.SELL if position.quantity > 0 else OrderSide.BUY,
            type=OrderType.MARKET,
            quantity=abs(position.quantity) if quantity is None else quantity,
            time_in_force="day",
        )
        return self.submit(request)

    def close_part(self, symbol: str, percentage: Decimal) -> Order:
        """Close a percentage of a position, whole shares only."""
        held = abs(self.position(symbol).quantity)
        shares = (held * percentage / 100).quantize(_SHARE, rounding=ROUND_DOWN)
        return self.close_position(symbol, shares)

    def position(self, symbol: str) -> Position:
        """Return a position, or answer 404."""
        position = self.holdings.find(symbol)
        if position is None:
            raise not_found("position does not exist")
        return position

    def order(self, order_id: str) -> Order:
        """Return an order by id, or answer 404."""
        order = self.book.find(order_id)
        if order is None:
            raise not_found(f"order not found for {order_id}")
        return order

    def order_named(self, client_order_id: str) -> Order:
        """Return an order by the id its sender gave it, or answer 404."""
        order = self.book.find_by_client_id(client_order_id)
        if order is None:
            raise not_found(f"order not found for {client_order_id}")
        return order

    def closes(self, symbol: str, side: OrderSide) -> bool:
        """Say whether an order of this side would close what is held."""
        return self.holdings.quantity(symbol) * side.sign < 0

    def _check(self, request: OrderRequest, *, closes: bool) -> None:
        self._checks.check_client_id(request)
        if not self.account.may_trade:
            raise forbidden("new orders are rejected by user request")
        check_form(request, self.rules)
        asset = self.assets.for_order(request.symbol)
        market = self.price(request.symbol)
        check_prices(request)
        check_asset(request, asset, is_halted=request.symbol in self.market.halted)
        self._checks.check_entry_is_from_flat(request)
        check_against_market(request, market, self.rules)
        if self.rules.wash_trades_refused:
            self._checks.check_wash_trade(request, market)
        self._checks.check_quantity(request, closes=closes)
        if not closes:
            self._checks.check_opening(request, asset, market)

    # --- what time does
    def advance_to(self, moment: int) -> None:
        """Let everything happen that is due until a moment, in the order of its time."""
        while (step := self._next_step(moment)) is not None:
            self.time.advance_to(step)
            if step % MINUTE == 0 and step > self._played_until:
                self._play_minute(step)
            self.agenda.run_due(step)
        self.time.advance_to(moment)

    def settle(self) -> None:
        """Do what is due at this very moment: what was just asked for, without delay."""
        self.agenda.run_due(self.time.now)

    def _next_step(self, until: int) -> int | None:
        steps = [] if self.agenda.next_at is None else [max(self.agenda.next_at, self.time.now)]
        if self.minute_listeners or any(True for _ in self.book.symbols_at_work()):
            steps.append((self.time.now // MINUTE + 1) * MINUTE)
        return min((step for step in steps if step <= until), default=None)

    def _play_minute(self, end: int) -> None:
        self._played_until = end
        if not self.market.plays(end):
            return
        for symbol in list(self.book.symbols_at_work()):
            bar = self.market.bar_closing_at(symbol, end)
            if bar is not None:
                self._trade(symbol, bar)
        for listener in self.minute_listeners:
            listener(end)

    def _trade(self, symbol: str, bar: Bar) -> None:
        started = nanoseconds(bar.start)
        for order, touched in self._touched(symbol, bar, started):
            if order.armed:  # an order of its group may have ended it meanwhile
                self.life.fill(order, touched.price, started)
                self._trade_attached_stop(order, bar, started)

    def _touched(self, symbol: str, bar: Bar, started: int) -> Iterable[tuple[Order, Touch]]:
        """Return who trades: what trades at the open first, then stops, then limits (the best)."""
        found = [
            (order, touched)
            for order in self.book.open(symbol)
            if order.armed and order.live_from <= started
            if (touched := touch(order, bar, banded=self.rules.buy_stop_band)) is not None
        ]
        limit = OrderType.LIMIT
        return sorted(found, key=lambda f: (not f[1].at_open, f[0].type is limit, f[0].number))

    def _trade_attached_stop(self, entry: Order, bar: Bar, started: int) -> None:
        """Trade the stop of an entry on the entry's own bar, if its range reaches it."""
        if entry.status is not Status.FILLED or self.rules.intrabar == "optimistic":
            return
        for leg in entry.legs:
            if leg.role is Role.STOP_LOSS and leg.armed:
                touched = touch_on_entry_bar(leg, bar)
                if touched is not None:
                    self.life.fill(leg, touched.price, started)

    def _plan_next_close(self) -> None:
        session = self.market.trading_session(self.time.now)
        self.agenda.add(nanoseconds(session.closes_at), self._end_day)

    def _end_day(self) -> None:
        """Note the closing equity; it is called `last_equity` from the next morning on."""
        equity = self.account.equity
        self.closing_equities.append((self.time.now, equity))
        morning = self.market.trading_session(self.time.now).opens_at - MORNING
        self.agenda.add(nanoseconds(morning), lambda: self._begin_day(equity))
        self._plan_next_close()

    def _begin_day(self, closing_equity: Decimal) -> None:
        self.account.last_equity = closing_equity
