"""The trading API: orders, positions, the account, the calendar."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from tests.local_alpaca.activities import activities
from tests.local_alpaca.calendar_api import calendar_json, clock_json
from tests.local_alpaca.exchange import Exchange
from tests.local_alpaca.ledger import Ledger
from tests.local_alpaca.order_listing import is_true, list_orders
from tests.local_alpaca.order_request import read_order
from tests.local_alpaca.orders import Order
from tests.local_alpaca.portfolio_history import portfolio_history
from tests.local_alpaca.refusals import RefusedError, bad_parameter
from tests.local_alpaca.replacing import replace_order
from tests.local_alpaca.routes import Answer, Request, Routes
from tests.local_alpaca.views import account_json, order_json, position_json


class TradingApi:
    """Answers for one exchange. `skewed_now` is what its clock endpoint claims."""

    def __init__(self, exchange: Exchange, ledger: Ledger, skewed_now: Callable[[], int]) -> None:
        self._exchange = exchange
        self._ledger = ledger
        self._skewed_now = skewed_now

    def register(self, routes: Routes) -> None:
        """Take its routes."""
        self._register_orders(routes)
        routes.add("GET", "/v2/positions", self.positions)
        routes.add("DELETE", "/v2/positions", self.close_all)
        routes.add("GET", "/v2/positions/{symbol}", self.position)
        routes.add("DELETE", "/v2/positions/{symbol}", self.close)
        routes.add("GET", "/v2/account", self.account)
        routes.add("GET", "/v2/account/configurations", self.configurations)
        routes.add("PATCH", "/v2/account/configurations", self.configure)
        routes.add("GET", "/v2/account/activities", self.activities)
        routes.add("GET", "/v2/account/activities/{kind}", self.activities)
        routes.add("GET", "/v2/account/portfolio/history", self.history)
        routes.add("GET", "/v2/assets", self.assets)
        routes.add("GET", "/v2/assets/{symbol}", self.asset)
        routes.add("GET", "/v2/clock", self.clock)
        routes.add("GET", "/v2/calendar", self.calendar)

    def _register_orders(self, routes: Routes) -> None:
        routes.add("POST", "/v2/orders", self.place)
        routes.add("GET", "/v2/orders", self.orders)
        routes.add("DELETE", "/v2/orders", self.cancel_all)
        routes.add("GET", "/v2/orders:by_client_order_id", self.order_named)
        routes.add("GET", "/v2/orders/{order_id}", self.order)
        routes.add("PATCH", "/v2/orders/{order_id}", self.replace)
        routes.add("DELETE", "/v2/orders/{order_id}", self.cancel)

    # --- orders
    def place(self, request: Request) -> Answer:
        """Take an order."""
        order = self._exchange.submit(read_order(request.body))
        return self._order(order, with_legs=True)

    def orders(self, request: Request) -> Answer:
        """List orders."""
        return Answer(list_orders(self._exchange, request.query))

    def order(self, request: Request, order_id: str) -> Answer:
        """Show one order."""
        order = self._exchange.order(order_id)
        return self._order(order, with_legs=is_true(request.query.get("nested")))

    def order_named(self, request: Request) -> Answer:
        """Show the order with a client's id."""
        given = request.query.get("client_order_id", "")
        return self._order(self._exchange.order_named(given), with_legs=True)

    def replace(self, request: Request, order_id: str) -> Answer:
        """Replace an order; the answer is the new one."""
        old = self._exchange.order(order_id)
        return self._order(replace_order(self._exchange, old, request.body), with_legs=False)

    def cancel(self, _request: Request, order_id: str) -> Answer:
        """Take the request to cancel an order."""
        self._exchange.cancel(self._exchange.order(order_id))
        return Answer(None, 204)

    def cancel_all(self, _request: Request) -> Answer:
        """Take the request to cancel every order."""
        wanted = self._exchange.cancel_all()
        return Answer([{"id": order.id, "status": 200} for order in wanted], 207)

    def _order(self, order: Order, *, with_legs: bool) -> Answer:
        return Answer(order_json(order, self._exchange.assets, with_legs=with_legs))

    # --- positions
    def positions(self, _request: Request) -> Answer:
        """List positions."""
        held = self._exchange.holdings.all()
        return Answer([position_json(one, self._exchange) for one in held])

    def position(self, _request: Request, symbol: str) -> Answer:
        """Show one position."""
        name = self._exchange.assets.symbol_of(symbol)
        return Answer(position_json(self._exchange.position(name), self._exchange))

    def close(self, request: Request, symbol: str) -> Answer:
        """Close a position, or a part of it."""
        name = self._exchange.assets.symbol_of(symbol)
        quantity, percentage = request.query.get("qty"), request.query.get("percentage")
        if quantity and percentage:
            raise bad_parameter("qty and percentage cannot be used together")
        if percentage:
            return self._order(self._exchange.close_part(name, Decimal(percentage)), with_legs=True)
        wanted = Decimal(quantity) if quantity else None
        return self._order(self._exchange.close_position(name, wanted), with_legs=True)

    def close_all(self, request: Request) -> Answer:
        """Close every position; what fails, fails inside the answer."""
        if is_true(request.query.get("cancel_orders")):
            self._exchange.cancel_all()
            self._exchange.settle()
        held = [position.symbol for position in self._exchange.holdings.all()]
        return Answer([self._close_one(symbol) for symbol in held], 207)

    def _close_one(self, symbol: str) -> dict[str, object]:
        try:
            order = self._exchange.close_position(symbol)
        except RefusedError as refusal:
            return {"symbol": symbol, "status": refusal.status, "body": refusal.body}
        body = order_json(order, self._exchange.assets, with_legs=False)
        return {"symbol": symbol, "status": 200, "body": body}

    # --- the account
    def account(self, _request: Request) -> Answer:
        """Show the account."""
        return Answer(account_json(self._exchange.account, self._exchange.time.now))

    def configurations(self, _request: Request) -> Answer:
        """Show what the owner has set."""
        return Answer(self._exchange.account.configurations)

    def configure(self, request: Request) -> Answer:
        """Change what the owner has set."""
        self._exchange.account.configurations |= request.body
        return Answer(self._exchange.account.configurations)

    def activities(self, request: Request, kind: str | None = None) -> Answer:
        """List fills; this account has no activities of another kind."""
        kinds = kind or request.query.get("activity_types") or "FILL"
        executions = self._ledger.executions if "FILL" in kinds.split(",") else []
        return Answer(activities(executions, request.query))

    def history(self, request: Request) -> Answer:
        """Show equity over time."""
        executions = self._ledger.executions
        return Answer(portfolio_history(self._exchange, executions, request.query))

    # --- the exchange
    def assets(self, request: Request) -> Answer:
        """List every asset."""
        found = [asset.as_json() for asset in self._exchange.assets.all()]
        status = request.query.get("status") or "active"
        return Answer([asset for asset in found if status in {"all", asset["status"]}])

    def asset(self, _request: Request, symbol: str) -> Answer:
        """Show one asset."""
        return Answer(self._exchange.assets.named(symbol).as_json())

    def clock(self, _request: Request) -> Answer:
        """Say what time it is, or claims to be."""
        return Answer(clock_json(self._exchange.market, self._skewed_now()))

    def calendar(self, request: Request) -> Answer:
        """List sessions."""
        return Answer(calendar_json(self._exchange.market, request.query))
