"""Figures as the server writes them, in the very form of assets/format.js."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from dash import html

from dashboard.components.panels import NOTHING_YET
from engine.market_hours import new_york, new_york_clock

MINUS = "\N{MINUS SIGN}"
MINUTE = 60.0
Number = Decimal | float | int


def fixed(value: Number | None, places: int = 2, *, prefix: str = "") -> str:
    """Return a number with so many places."""
    if value is None:
        return NOTHING_YET
    text = f"{abs(value):,.{places}f}"
    is_negative = value < 0 and text.strip("0.,") != ""
    return (MINUS if is_negative else "") + prefix + text


def many(count: int, noun: str) -> str:
    """Return a count with its noun: `1 trade`, `5,000 trades`."""
    return f"{count:,} {noun}{'s' * (count != 1)}"


def price(value: Number | None) -> str:
    """Return a price with as many places as it has, at least two and at most four."""
    if value is None:
        return NOTHING_YET
    whole, _, places = fixed(value, 4).partition(".")
    return f"{whole}.{places.rstrip('0').ljust(2, '0')}"


def dollars(value: Number | None) -> str:
    """Return an amount of money."""
    return NOTHING_YET if value is None else fixed(value, prefix="$")


def percent(value: Number | None, places: int = 1) -> str:
    """Return a part of one as a percentage."""
    return NOTHING_YET if value is None else f"{fixed(value * 100, places)}%"


def multiple(value: Number | None) -> str:
    """Return a multiple of the risk."""
    return NOTHING_YET if value is None else f"{fixed(value)} R"


def signed(value: Number | None, text: str) -> str:
    """Return the text of an amount with its sign and an arrow; the colour only repeats them."""
    if value is None:
        return NOTHING_YET
    if not value:
        return text
    mark = "\N{BLACK UP-POINTING TRIANGLE} +" if value > 0 else "\N{BLACK DOWN-POINTING TRIANGLE} "
    return mark + text


def tone(value: Number | None) -> str:
    """Return the class that colours an amount."""
    return "even" if not value else "gain" if value > 0 else "loss"


def gain(value: Number | None) -> html.Span:
    """Show a profit or loss in dollars."""
    return html.Span(signed(value, dollars(value)), className=tone(value))


def gain_r(value: Number | None) -> html.Span:
    """Show a profit or loss as a multiple of its risk."""
    return html.Span(signed(value, multiple(value)), className=tone(value))


def clock(at: datetime | None) -> str:
    """Return a moment as New York HH:MM:SS."""
    return NOTHING_YET if at is None else new_york_clock(at)


def day(value: date | None) -> str:
    """Return a day as people say it."""
    return NOTHING_YET if value is None else f"{value:%a} {value.day} {value:%b %Y}"


def short_day(value: date) -> str:
    """Return a day where there is little room."""
    return f"{value.day} {value:%b %Y}"


def stamp(at: datetime) -> str:
    """Return a moment for a chart's axis, which knows no time zones."""
    return new_york(at).replace(tzinfo=None).isoformat(timespec="seconds")


def duration(seconds: float | None) -> str:
    """Return a length of time in its two greatest units."""
    if seconds is None:
        return NOTHING_YET
    if seconds < 10:  # noqa: PLR2004  # where tenths still tell something
        return f"{seconds:.1f} s"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02} m"
    return f"{minutes} m {rest:02} s" if minutes else f"{rest} s"


def hop(seconds: float | None) -> str:
    """Return how long one step took: milliseconds matter. Negative where two clocks differ."""
    if seconds is None:
        return NOTHING_YET
    size = abs(seconds)
    if round(size, 3) < 1:  # what reads as a second is one
        return f"{fixed(seconds * 1000, 0)} ms"
    if round(size, 1) < MINUTE:
        return f"{fixed(seconds, 1)} s"
    return (MINUS if seconds < 0 else "") + duration(max(size, MINUTE))


def brief(seconds: float) -> str:
    """Return an age in its greatest unit, as `ago` of assets/bots.js does."""
    whole = int(seconds)
    for unit, length in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if whole >= 2 * length:
            return f"{whole // length} {unit} ago"
    return f"{whole} s ago"
