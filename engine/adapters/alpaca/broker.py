"""The Alpaca broker: the desk's orders over REST. Streams only make it look sooner."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Generic, TypeVar

from engine.adapters.alpaca.governor import Urgency
from engine.adapters.alpaca.http import AlpacaHttp
from engine.adapters.alpaca.wire import (
    CENT,
    account_of,
    execution_of,
    holding_of,
    moment,
    order_body,
    orders_of,
    price_text,
)
from engine.clock import Clock
from engine.errors import BrokerRejectedError, BrokerUnavailableError
from models.broker import AccountState, BrokerOrder, Execution, Holding, Mark, OrderRequest
from models.vocabulary import OrderType, Side

T = TypeVar("T")

PAGE = 100  # activities per request, Alpaca's greatest
MOST_ORDERS = 500
KEPT_ACCOUNT = timedelta(seconds=5)
KEPT_SIDES = timedelta(seconds=5)
KEPT_ORDERS = timedelta(milliseconds=900)  # less than a second: each poll sees what is
A_LITTLE_BEFORE = timedelta(seconds=1)  # `after` is exclusive at Alpaca
SIDE_BY_SIDE = 8
FIFTY, WIDE_BAND, NARROW_BAND = Decimal(50), Decimal("1.04"), Decimal("1.025")


@dataclass(slots=True)
class _Fresh(Generic[T]):
    """An answer that is good for some of the desk's seconds, or until something happened."""

    kept: timedelta
    value: T | None = None
    asked_at: datetime | None = None

    def get(self, now: datetime, ask: Callable[[], T]) -> T:
        """Return the kept answer, or ask again."""
        value, asked_at = self.value, self.asked_at
        if value is None or asked_at is None or not timedelta(0) <= now - asked_at < self.kept:
            self.asked_at = now
            value = self.value = ask()
        return value

    def forget(self) -> None:
        """Ask again next time."""
        self.value = None


class AlpacaBroker:
    """One account at Alpaca. `attachable` tells the sides whose entries may carry a stop (probed).

    It is asked again every few seconds: a probe counts without a new start.
    """

    name = "alpaca"
    guards_beside_entries = True  # an OCO is exempt from the wash-trade rule
    settles_after = timedelta(seconds=10)

    def __init__(
        self,
        http: AlpacaHttp,
        attachable: Callable[[], frozenset[Side]],
        clock: Clock,
        *,
        side_by_side: int = SIDE_BY_SIDE,
    ) -> None:
        self._http = http
        self._ask_attachable = attachable
        self._attachable: _Fresh[frozenset[Side]] = _Fresh(KEPT_SIDES)
        self._clock = clock
        self.side_by_side = side_by_side
        self._open: _Fresh[list[BrokerOrder]] = _Fresh(KEPT_ORDERS)
        self._account: _Fresh[AccountState] = _Fresh(KEPT_ACCOUNT)

    def something_happened(self) -> None:
        """Look again at once: the stream has told of a change."""
        self._open.forget()
        self._account.forget()

    def attaches(self, side: Side, stop_price: Decimal, last: Mark | None) -> bool:
        """Say whether an entry may carry its stop: proven for this side, and below the market.

        Alpaca compares an attached stop with the price at submission, not with the entry level.
        """
        sides = self._attachable.get(self._clock.now(), self._ask_attachable)
        if last is None or side not in sides:
            return False
        return side.sign * (last.price - stop_price) >= CENT

    def clock_skew(self) -> timedelta:
        """Return how far Alpaca's clock is ahead, by the middle of the time that asking took."""
        before = self._clock.now()
        row = self._http.get("/clock")
        middle = before + (self._clock.now() - before) / 2
        if (theirs := moment(row.get("timestamp"))) is None:
            raise BrokerUnavailableError("Alpaca's clock tells no time")
        return theirs - middle

    def gives_up_at(self, side: Side, stop_price: Decimal) -> Decimal | None:
        """Return the limit that Alpaca gives a buy stop: 4 % beyond it below $50, else 2.5 %."""
        if side is Side.LONG:
            return None  # sell stops are not converted
        return stop_price * (WIDE_BAND if stop_price < FIFTY else NARROW_BAND)

    def keeps_stop_at(self, side: Side, stop_price: Decimal) -> Decimal:
        """Return the price with the decimals that Alpaca takes, however fine the desk's tick."""
        return Decimal(price_text(stop_price, side.exit))

    def submit(self, request: OrderRequest) -> Sequence[BrokerOrder]:
        """Send an order; return it and its legs."""
        closes = request.type is OrderType.MARKET or request.attached_stop is None
        urgency = Urgency.EXIT if closes else Urgency.ENTRY
        try:
            return list(orders_of(self._http.post("/orders", order_body(request), urgency) or {}))
        finally:
            self.something_happened()

    def cancel(self, broker_order_id: str) -> None:
        """Ask for a cancel; an order that cannot be cancelled any more will show why."""
        try:
            self._http.delete(f"/orders/{broker_order_id}")
        except BrokerRejectedError:
            return  # it has ended; following it tells how
        finally:
            self.something_happened()

    def find(self, client_order_id: str) -> Sequence[BrokerOrder]:
        """Look an order up by our id."""
        row = self._http.find(
            "/orders:by_client_order_id", {"client_order_id": client_order_id, "nested": "true"}
        )
        if row is None:
            return []
        whole = self._http.find(f"/orders/{row['id']}", {"nested": "true"})
        return list(orders_of(whole or row))

    def orders(self, broker_order_ids: Sequence[str]) -> Sequence[BrokerOrder]:
        """Return the present state of orders: the open ones in one request, ended ones singly."""
        wanted = set(broker_order_ids)
        found = [o for o in self._open_now() if o.broker_order_id in wanted]
        ended = wanted - {o.broker_order_id for o in found}
        for order_id in sorted(ended):
            row = self._http.find(f"/orders/{order_id}")
            if row is not None:
                found.extend(o for o in orders_of(row) if o.broker_order_id == order_id)
        return found

    def open_orders(self) -> Sequence[BrokerOrder]:
        """Return every order that can still trade, ours or not."""
        self._open.forget()
        return self._open_now()

    def executions(self, since: datetime) -> Sequence[Execution]:
        """Return the fills from a moment on, oldest first, page by page."""
        found: list[Execution] = []
        token: str | None = None
        while True:
            rows = self._activities(since, token)
            found.extend(e for e in map(execution_of, rows) if e is not None)
            if len(rows) < PAGE:
                return found
            token = str(rows[-1]["id"])

    def holdings(self) -> Sequence[Holding]:
        """Return what the account holds now; never an answer kept from before."""
        return [holding_of(row) for row in self._http.get("/positions", urgency=Urgency.EXIT)]

    def account(self) -> AccountState:
        """Return the account's money, at most a few seconds old."""
        return self._account.get(self._clock.now(), lambda: account_of(self._http.get("/account")))

    def _open_now(self) -> list[BrokerOrder]:
        return self._open.get(self._clock.now(), self._ask_open)

    def _ask_open(self) -> list[BrokerOrder]:
        rows: Sequence[Mapping[str, Any]] = self._http.get(
            "/orders",
            {"status": "open", "nested": "true", "limit": MOST_ORDERS, "direction": "asc"},
            Urgency.EXIT,
        )
        return [order for row in rows for order in orders_of(row)]

    def _activities(self, since: datetime, token: str | None) -> Sequence[Mapping[str, Any]]:
        query: dict[str, Any] = {
            "after": (since - A_LITTLE_BEFORE).isoformat().replace("+00:00", "Z"),
            "direction": "asc",
            "page_size": PAGE,
        }
        if token is not None:
            query["page_token"] = token
        rows: Sequence[Mapping[str, Any]] = self._http.get(
            "/account/activities/FILL", query, Urgency.EXIT
        )
        return rows
