"""What must be true of a day at Alpaca, whatever went wrong: asked of the broker's own ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from models.trading import Trade
from tests.alpaca.naked import Naked
from tests.local_alpaca import LocalAlpaca

POLL_SECONDS = 1.0  # how often the desk asks the broker and audits what it holds


@dataclass(frozen=True, slots=True)
class Day:
    """A day that is over: what the broker saw, and what the desk made of it."""

    local: LocalAlpaca
    trades: Sequence[Trade]
    naked: Sequence[Naked]
    killed_at: datetime | None = None  # when somebody threw the kill switch

    def wrong(self) -> Iterator[str]:
        """Say what is not as it must be."""
        yield from self._entered_twice()
        yield from self._resubmitted()
        yield from self._stops_too_large()
        yield from self._left_open()
        yield from self._after_kill()
        yield from self._naked_too_long()
        yield from self._books_that_differ()

    def _entered_twice(self) -> Iterator[str]:
        entries = Counter(o.symbol for o in self.local.exchange.book.all() if o.opens_position)
        yield from (f"{symbol} entered {n} times" for symbol, n in entries.items() if n > 1)

    def _resubmitted(self) -> Iterator[str]:
        """A submission without an answer is looked up before the same name is sent again."""
        unanswered: set[str | None] = set()
        for seen in self.local.ledger.requests:
            if seen.method == "POST" and seen.path == "/v2/orders":
                if seen.client_order_id in unanswered:
                    yield f"{seen.client_order_id} resubmitted blindly at {seen.at:%H:%M:%S}"
                if seen.status is None or seen.status >= 500:
                    unanswered.add(seen.client_order_id)
            elif "by_client_order_id" in seen.path and seen.status is not None:
                unanswered.discard(seen.client_order_id)

    def _stops_too_large(self) -> Iterator[str]:
        for symbol in self._symbols():
            for change in self.local.ledger.coverage(symbol):
                if change.stopped > abs(change.position):
                    yield f"{symbol}: stops for {change.stopped} of {change.position} shares"

    def _left_open(self) -> Iterator[str]:
        yield from (f"{symbol} is held after the close" for symbol in self._held())
        still = [o.client_order_id for o in self.local.exchange.book.open()]
        yield from (f"{name} is open after the close" for name in still)

    def _after_kill(self) -> Iterator[str]:
        for seen in self.local.ledger.requests:
            late = self.killed_at is not None and seen.at > self.killed_at
            if late and seen.method == "POST" and "-entry-" in (seen.client_order_id or ""):
                yield f"{seen.client_order_id} sent after the kill"

    def _naked_too_long(self) -> Iterator[str]:
        for gap in self.naked:
            if gap.owed > POLL_SECONDS:
                yield f"{gap.symbol} naked for {gap.owed:.1f} s from {gap.since:%H:%M:%S}"

    def _books_that_differ(self) -> Iterator[str]:
        """Compare shares and profit of each symbol, to the cent, with the broker's fills."""
        held = self._held()
        for symbol in self._symbols():
            deals = [d for d in self.local.ledger.executions if d.symbol == symbol]
            theirs = -sum((d.side.sign * d.quantity * d.price for d in deals), Decimal(0))
            mine = [trade for trade in self.trades if trade.symbol == symbol]
            ours = sum((trade.pnl for trade in mine), Decimal(0))
            if symbol not in held and ours != theirs:
                yield f"{symbol}: our profit {ours}, the broker's {theirs}"
            bought = sum(d.quantity for d in deals)
            if symbol not in held and 2 * sum(t.quantity for t in mine) != bought:
                yield f"{symbol}: our shares {[t.quantity for t in mine]}, the broker's {bought}"

    def _held(self) -> list[str]:
        return [position.symbol for position in self.local.exchange.holdings.all()]

    def _symbols(self) -> list[str]:
        return sorted({order.symbol for order in self.local.exchange.book.all()})
