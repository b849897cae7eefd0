"""What this Alpaca is like: strictness, delays, limits. The defaults are the documented ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, Literal, Self

AT_ONCE = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How one local Alpaca behaves. Where nothing was measured, the comment says so."""

    # --- matching
    intrabar: Literal["conservative", "optimistic"] = "conservative"
    buy_stop_band: bool = True  # a buy stop is really a stop-limit 4 % (2.5 % from $50) above
    fill_stamp: Literal["bar_start", "bar_end"] = "bar_start"
    partial_fill_chance: float = 0.0  # the paper engine of Alpaca has 0.1

    # --- checks of an order
    stop_entries_may_have_legs: bool = True  # accepted on paper in 2026, refused in 2020
    base_price_is_market: bool = True  # assumed for stop entries, measured for the others
    sell_stop_below_market: bool = True
    buy_stop_above_market: bool = False  # the mirror image of the rule above was never measured
    wash_trades_refused: bool = True
    oto_is_replaceable: bool = False  # "not supported yet"

    # --- delays, in the exchange's time
    acknowledge_after: timedelta = AT_ONCE  # pending_new -> new
    cancel_after: timedelta = AT_ONCE  # pending_cancel -> canceled
    replace_after: timedelta = AT_ONCE  # pending_replace -> replaced

    # --- answers and streams
    held_legs_are_open: bool = False  # whether status=open lists a leg that waits
    rare_events: bool = False  # pending_new, pending_cancel and held on the stream

    # --- the account
    account_number: str = "PA0LOCALTEST"
    cash: Decimal = Decimal(100_000)
    multiplier: Decimal = Decimal(4)
    plan: Literal["basic", "plus"] = "plus"  # basic: the last 15 minutes of SIP are barred
    trading_requests_per_minute: int | None = 200
    data_requests_per_minute: int | None = None  # None: what the plan allows

    @classmethod
    def of_the_simulation(cls, **more: Any) -> Self:
        """Return rules under which a day gives the trades of the desk's simulated broker.

        Stops may be beyond the market when they arrive, buy stops have no limit above them,
        and an attached stop can be moved once the fill is known.
        """
        lenient: dict[str, Any] = {
            "buy_stop_band": False,
            "base_price_is_market": False,
            "sell_stop_below_market": False,
            "oto_is_replaceable": True,
        }
        return cls(**(lenient | more))

    @property
    def data_limit(self) -> int:
        """Return how many requests for market data a minute may bring."""
        return self.data_requests_per_minute or (200 if self.plan == "basic" else 10_000)
