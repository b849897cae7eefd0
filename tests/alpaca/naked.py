"""How long shares were naked, by the broker's own ledger: as it was, and what the desk owes.

Nobody can place a stop while the process is dead, while Alpaca answers nothing, before Alpaca has
acknowledged the one that it was sent, or while it has not confirmed the cancel of the one that
holds the shares. `owed` is the longest stretch of a gap without any such hindrance: the desk was
alive, every request was answered, and no stop was on its way or ending.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.local_alpaca.ledger import Ledger, SeenRequest, Unprotected

ENTRY, EXIT = "-entry-", "-exit-"
PENDING, ENDED = "pending_new", "canceled"
TOO_MANY, BROKEN = 429, 500
DATA = "/v2/stocks"

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Naked:
    """One gap in a symbol's protection."""

    symbol: str
    since: datetime
    seconds: float
    owed: float  # the longest stretch in which nothing kept the desk from mending it


def naked_times(ledger: Ledger, deaths: Sequence[datetime]) -> list[Naked]:
    """Return every gap; `deaths` are the moments at which the engine was killed."""
    return [
        Naked(
            symbol=gap.symbol,
            since=gap.since,
            seconds=gap.length.total_seconds(),
            owed=_owed(ledger, gap, deaths).total_seconds(),
        )
        for gap in _joined(ledger.unprotected(exits_protect=True))
    ]


def _joined(gaps: Iterable[Unprotected]) -> Iterator[Unprotected]:
    """Join gaps that follow each other: another number of naked shares does not begin anew."""
    last: Unprotected | None = None
    for gap in gaps:
        if last is not None and (last.symbol, last.until) == (gap.symbol, gap.since):
            last = Unprotected(
                symbol=gap.symbol,
                since=last.since,
                until=gap.until,
                shares=max(last.shares, gap.shares),
            )
            continue
        if last is not None:
            yield last
        last = gap
    if last is not None:
        yield last


def _owed(ledger: Ledger, gap: Unprotected, deaths: Sequence[datetime]) -> timedelta:
    hindrances = [(at, at) for at in deaths]
    hindrances += [(seen.at, seen.at) for seen in ledger.requests if _is_unanswered(seen)]
    hindrances += [*_awaited(ledger, gap.symbol), *_ending(ledger, gap)]
    longest, free_since = timedelta(0), gap.since
    for begins, ends in sorted(hindrances):
        if ends <= gap.since or begins >= gap.until:
            continue
        longest = max(longest, begins - free_since)
        free_since = max(free_since, ends)
    return max(longest, gap.until - free_since)


def _is_unanswered(seen: SeenRequest) -> bool:
    if seen.path.startswith(DATA):
        return False  # a stop is placed with or without prices
    return seen.status is None or seen.status == TOO_MANY or seen.status >= BROKEN


def _awaited(ledger: Ledger, symbol: str) -> Iterator[Span]:
    """Yield from when to when a stop or an exit was on its way: taken and not acknowledged."""
    for seen in ledger.requests:
        name = seen.client_order_id or ""
        if seen.method == "POST" and seen.acted and f"-{symbol}-" in name and ENTRY not in name:
            yield seen.at, _answered_at(ledger, name, seen.at)


def _answered_at(ledger: Ledger, name: str, since: datetime) -> datetime:
    """Return when the exchange first told of an order, `since` if it never did."""
    events = (seen for seen in ledger.updates if seen.client_order_id == name)
    found = (seen.at for seen in events if seen.event != PENDING)
    return max(since, next(found, since))


def _ending(ledger: Ledger, gap: Unprotected) -> Iterator[Span]:
    """Yield from when to when an order was in the way although its cancel was asked for.

    A stop or an exit holds the shares. The rest of an entry lets a grouped stop pass, but no market
    order, which is what closes shares whose price is beyond their stop already.
    """
    mine = {seen.client_order_id for seen in ledger.updates if seen.symbol == gap.symbol}
    is_closed = EXIT in _first_sent(ledger, gap)
    for seen in ledger.requests:
        name = seen.client_order_id or ""
        if seen.method != "DELETE" or name not in mine or (ENTRY in name and not is_closed):
            continue
        yield seen.at, _ended_at(ledger, name, seen.at)


def _ended_at(ledger: Ledger, name: str, since: datetime) -> datetime:
    """Return when an order ended whose cancel was asked for, `since` if it never did."""
    events = (seen for seen in ledger.updates if seen.client_order_id == name)
    found = (seen.at for seen in events if seen.event == ENDED)
    return max(since, next(found, since))


def _first_sent(ledger: Ledger, gap: Unprotected) -> str:
    """Return the name of the first order sent for the naked shares."""
    for seen in ledger.requests:
        name = seen.client_order_id or ""
        is_for_it = f"-{gap.symbol}-" in name and ENTRY not in name
        if seen.method == "POST" and seen.acted and is_for_it and seen.at >= gap.since:
            return name
    return ""
