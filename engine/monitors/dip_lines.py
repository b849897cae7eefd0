"""One line of Big Dipper's log, understood (specification D 2.1): all of its tags.

Numbers are exact; percentages become parts of one. What has a tag and cannot be read is odd.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from decimal import Decimal

from models.money import QUANTUM
from models.vocabulary import OrderSide

LONGEST = 4_096  # characters of a line that is still one
LONGEST_SENTENCE = 300
GREATEST = Decimal(10) ** 12
HUNDRED = Decimal(100)

WASH_SALE = "wash_sale"


@dataclass(frozen=True, slots=True)
class Bought:
    """A trade."""

    at: datetime
    symbol: str
    side: OrderSide
    quantity: Decimal
    price: Decimal
    value: Decimal
    order_id: str | None


@dataclass(frozen=True, slots=True)
class Account:
    """The account in one cycle."""

    at: datetime
    equity: Decimal
    cash: Decimal
    margin: Decimal
    pl: Decimal
    pl_part: Decimal


@dataclass(frozen=True, slots=True)
class Skipped:
    """A dip that was left alone."""

    at: datetime
    symbol: str
    reason: str
    sentence: str
    dip: Decimal | None


@dataclass(frozen=True, slots=True)
class Qualified:
    """A dip that was deep enough."""

    at: datetime
    symbol: str
    dip: Decimal
    price: Decimal
    score: Decimal


@dataclass(frozen=True, slots=True)
class Braked:
    """The emergency brake holds; without a margin it was let go."""

    at: datetime
    margin: Decimal | None


@dataclass(frozen=True, slots=True)
class Standing:
    """A position among the winners or losers."""

    symbol: str
    pl_part: Decimal
    value: Decimal | None


@dataclass(frozen=True, slots=True)
class Standings:
    """Positions at one moment."""

    at: datetime
    positions: Sequence[Standing]


@dataclass(frozen=True, slots=True)
class Cycle:
    """A cycle begins."""

    at: datetime
    number: int


@dataclass(frozen=True, slots=True)
class Market:
    """What the bot takes the market for."""

    at: datetime
    status: str


@dataclass(frozen=True, slots=True)
class Odd:
    """A line that cannot be read."""

    text: str
    reason: str


Event = Bought | Account | Skipped | Qualified | Braked | Standings | Cycle | Market

NUMBER = r"([+-]?\d[\d,]{0,19}(?:\.\d{1,12})?)"  # bounded: a hostile line must cost no time
MONEY = rf"([+-]?)\$?{NUMBER}"
SYMBOL = r"([A-Z][A-Z0-9./]{0,15})\b"

_MOMENT = re.compile(
    r"^\W{0,2}(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,6}))?\d*\s?"
    r"(Z\b|UTC\b|[+-]\d\d:?\d\d\b)?"
)
_UTC = re.compile("Z|UTC")
_TAG = re.compile(r"\[(TRADE|ACCOUNT|SKIP|OPPORTUNITY|BRAKE)\]\s*(.*)$")
_TRADE = re.compile(rf"(BUY|SELL) {SYMBOL} {NUMBER} @ \$?{NUMBER} = \$?{NUMBER}")
_ORDER_ID = re.compile(r"\border[ _]?id[=: ]+(\S{1,64})", re.IGNORECASE)
_ACCOUNT = re.compile(rf"equity={MONEY} cash={MONEY} margin={NUMBER}% pl={MONEY} pl_pct={NUMBER}%")
_SKIP = re.compile(rf"{SYMBOL}[:,]? (.+)")
_OPPORTUNITY = re.compile(rf"{SYMBOL}[:,]? {NUMBER}% @ \$?{NUMBER} score={NUMBER}x")
_MARGIN = re.compile(rf"Margin at {NUMBER}%", re.IGNORECASE)
_LET_GO = re.compile(r"\b(releas|lift|clear|deactivat|ended|over|off)", re.IGNORECASE)
_PART = re.compile(rf"{NUMBER}%")
_STANDINGS = re.compile(r"\b(?:Winners|Losers):\s*(.+)$")
_STANDING = re.compile(rf"{SYMBOL}[: ]+(?:\$?{NUMBER}\s+)?\(?{NUMBER}%\)?")
_CYCLE = re.compile(r"Cycle #(\d{1,15})\b")
_MARKET = re.compile(r"\b(Market closed|Pre-Market|Regular|After-Hours)\b")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")

# The first that is found in the sentence names the reason.
REASONS: Sequence[tuple[str, re.Pattern[str]]] = tuple(
    (reason, re.compile(pattern, re.IGNORECASE))
    for reason, pattern in (
        (WASH_SALE, r"wash"),
        ("cooldown", r"cool"),
        ("not_fractionable", r"fraction"),
        ("brake", r"brake|margin"),
        ("funds", r"cash|fund|buying power|insufficient"),
        ("limit", r"limit|max|too (?:big|large|many)"),
    )
)
OTHER = "other"


class _OddError(ValueError):
    """A number or moment that makes no sense."""


def read_line(raw: bytes, zone: tzinfo, before: datetime) -> Event | Odd | None:
    """Return what a line tells, None if it is mere talk.

    Its moment is in `zone` unless it names one; `before`, the last known, if it has none.
    """
    text = raw.decode(errors="replace").rstrip("\r\n")
    if "\N{REPLACEMENT CHARACTER}" in text or _CONTROL.search(text):
        return Odd(legible(text), "it is not text")
    if len(text) > LONGEST:
        return Odd(legible(text), f"it has {len(text):,} characters")
    try:
        at = _moment(text, zone) or before
        return _tagged(text, at) or _untagged(text, at)
    except _OddError as odd:
        return Odd(text, str(odd))


def legible(text: str) -> str:
    """Return what a person is shown of a line: no control characters, not too many others."""
    return _CONTROL.sub("\N{MIDDLE DOT}", text)[:300]


def reason_of(sentence: str) -> str:
    """Return the code of why a dip was left alone."""
    return next((code for code, said in REASONS if said.search(sentence)), OTHER)


# ------------------------------------------------------------------------------ tags
def _tagged(text: str, at: datetime) -> Event | Odd | None:
    found = _TAG.search(text)
    if found is None:
        return None
    tag, rest = found[1], found[2]
    return _TAGS[tag](rest, at) or Odd(text, f"it is no {tag} line as they are known")


def _trade(rest: str, at: datetime) -> Event | None:
    found = _TRADE.search(rest)
    if found is None:
        return None
    order_id = _ORDER_ID.search(rest)
    side = OrderSide(found[1].lower())
    quantity, price, value = (_amount(found[n]) for n in (3, 4, 5))
    return Bought(at, found[2], side, quantity, price, value, order_id[1] if order_id else None)


def _account(rest: str, at: datetime) -> Event | None:
    found = _ACCOUNT.search(rest)
    if found is None:
        return None
    equity, cash, pl = (_amount(found[n] + found[n + 1]) for n in (1, 3, 6))
    return Account(at, equity, cash, _part(found[5]), pl, _part(found[8]))


def _skip(rest: str, at: datetime) -> Event | None:
    found = _SKIP.match(rest)
    if found is None:
        return None
    dip = _PART.search(found[2])
    reason = reason_of(found[2])
    return Skipped(
        at, found[1], reason, found[2].strip()[:LONGEST_SENTENCE], _part(dip[1]) if dip else None
    )


def _opportunity(rest: str, at: datetime) -> Event | None:
    found = _OPPORTUNITY.match(rest)
    if found is None:
        return None
    return Qualified(at, found[1], _part(found[2]), _amount(found[3]), _amount(found[4]))


def _brake(rest: str, at: datetime) -> Event | None:
    found = _MARGIN.search(rest)
    if _LET_GO.search(rest):
        return Braked(at, None)
    return Braked(at, _part(found[1])) if found else None


_TAGS: Mapping[str, Callable[[str, datetime], Event | None]] = {
    "TRADE": _trade,
    "ACCOUNT": _account,
    "SKIP": _skip,
    "OPPORTUNITY": _opportunity,
    "BRAKE": _brake,
}


def _untagged(text: str, at: datetime) -> Event | None:
    if found := _STANDINGS.search(text):
        positions = [
            Standing(each[1], _part(each[3]), _amount(each[2]) if each[2] else None)
            for each in _STANDING.finditer(found[1])
        ]
        return Standings(at, positions) if positions else None
    if found := _CYCLE.search(text):
        return Cycle(at, int(found[1]))
    if found := _MARKET.search(text):
        return Market(at, found[1])
    return None


# ------------------------------------------------------------------------------ values
def _moment(text: str, zone: tzinfo) -> datetime | None:
    found = _MOMENT.match(text)
    if found is None:
        return None
    day, clock, fraction, offset = found.groups()
    written = f"{day}T{clock}.{(fraction or '0').ljust(6, '0')}"
    try:
        at = datetime.fromisoformat(
            written + {"Z": "+00:00", "UTC": "+00:00"}.get(offset, offset or "")
        )
        return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise _OddError("its time makes no sense") from error


def _amount(text: str) -> Decimal:
    amount = Decimal(text.replace(",", ""))
    if abs(amount) >= GREATEST:
        raise _OddError("its numbers are too great")
    return amount.quantize(QUANTUM)


def _part(percent: str) -> Decimal:
    return (_amount(percent) / HUNDRED).quantize(QUANTUM)
