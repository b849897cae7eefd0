"""The words of the desk: sides, order types, statuses."""

from __future__ import annotations

from enum import StrEnum


class Side(StrEnum):
    """Which way a position or signal points."""

    LONG = "long"
    SHORT = "short"

    @property
    def sign(self) -> int:
        """Return 1 for long and -1 for short."""
        return 1 if self is Side.LONG else -1

    @property
    def entry(self) -> OrderSide:
        """Return the side of the order that opens it."""
        return OrderSide.BUY if self is Side.LONG else OrderSide.SELL

    @property
    def exit(self) -> OrderSide:
        """Return the side of the order that closes it."""
        return OrderSide.SELL if self is Side.LONG else OrderSide.BUY


class OrderSide(StrEnum):
    """Which way an order trades."""

    BUY = "buy"
    SELL = "sell"

    @property
    def sign(self) -> int:
        """Return 1 for buy and -1 for sell: what a fill adds to the position."""
        return 1 if self is OrderSide.BUY else -1

    @property
    def opposite(self) -> OrderSide:
        """Return the other side."""
        return OrderSide.SELL if self is OrderSide.BUY else OrderSide.BUY


class OrderType(StrEnum):
    """How an order trades."""

    MARKET = "market"
    LIMIT = "limit"
    STOP = "stop"
    STOP_LIMIT = "stop_limit"


class OrderClass(StrEnum):
    """Whether an order stands alone or carries a protective stop."""

    SIMPLE = "simple"
    OTO = "oto"  # one triggers other: the stop goes live when the entry is filled
    OCO = "oco"  # one cancels other: a stop with a limit far away, taken beside a working entry


class OrderPurpose(StrEnum):
    """What the desk wants from an order; part of its client order id."""

    ENTRY = "entry"
    STOP = "stop"
    EXIT = "exit"


class OrderStatus(StrEnum):
    """Where an order is in its life."""

    INTENDED = "intended"  # written down, not yet sent
    SUBMITTING = "submitting"  # sent; the answer is not known (yet)
    HELD = "held"  # an attached stop waiting for its entry
    WORKING = "working"
    PARTIALLY_FILLED = "partially_filled"
    CANCELLING = "cancelling"  # the broker was asked to cancel and has not confirmed
    FILLED = "filled"
    CANCELLED = "cancelled"
    REJECTED = "rejected"  # the broker said no
    REFUSED = "refused"  # the desk's own rules said no, nothing was sent
    EXPIRED = "expired"


class SignalStatus(StrEnum):
    """Where a signal is in its life."""

    PLANNED = "planned"
    SUBMITTED = "submitted"
    WORKING = "working"
    FILLED = "filled"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    EXPIRED = "expired"
    REFUSED = "refused"


class TradeStatus(StrEnum):
    """Whether a round trip is finished."""

    OPEN = "open"
    CLOSED = "closed"


class ExitReason(StrEnum):
    """Why a trade was closed."""

    STOP = "stop"
    FLATTEN = "flatten"
    MANUAL = "manual"
    KILL = "kill"
    EMERGENCY = "emergency"
    EXTERNAL = "external"


class Intrabar(StrEnum):
    """From when an attached stop counts as touched (contracts, Simulated broker)."""

    CONSERVATIVE = "conservative"  # on the entry's own bar, if its range reaches the stop
    OPTIMISTIC = "optimistic"  # from the next bar on


class TradingMode(StrEnum):
    """Whose money it is."""

    SIMULATED = "simulated"
    PAPER = "paper"
    LIVE = "live"


class Control(StrEnum):
    """What a scope of the desk may do."""

    ACTIVE = "active"
    PAUSED = "paused"  # no new entries
    HALTED = "halted"  # the kill switch


class ControlScope(StrEnum):
    """What a pause or kill covers."""

    ALL = "all"
    ENTRY = "entry"
    EXIT = "exit"


class CommandStatus(StrEnum):
    """How far the engine is with what a person asked for."""

    REQUESTED = "requested"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class CommandKind(StrEnum):
    """What a person can ask the engine to do."""

    KILL = "kill"
    EMERGENCY_STOP = "emergency_stop"
    FLATTEN = "flatten"
    CLOSE_POSITION = "close_position"
    SCAN = "scan"
    SYNC = "sync"
    CLEAN_UP = "clean_up"
    SWITCH_ACCOUNT = "switch_account"


class Way(StrEnum):
    """By which way somebody asked for something."""

    DESK = "desk"  # the desk's own rules
    PAGE = "page"
    API = "api"
    COMMAND_LINE = "command line"


class Outcome(StrEnum):
    """What became of something that somebody asked for."""

    DONE = "done"
    REFUSED = "refused"  # by a rule, a role or a limit; nothing changed


class Severity(StrEnum):
    """How much a journal row matters."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    CRITICAL = "critical"
    EMERGENCY = "emergency"  # somebody must look now: never held back

    @property
    def rank(self) -> int:
        """Return its place among them, the least first."""
        return list(Severity).index(self)


class Verdict(StrEnum):
    """What the rules made of an alert."""

    TOLD = "told"  # on its way to at least one channel
    OFF = "off"  # its rule is switched off
    BELOW_FLOOR = "below_floor"
    THROTTLED = "throttled"  # one like it was told just now
    NO_CHANNEL = "no_channel"  # there is nobody to tell


class DeliveryStatus(StrEnum):
    """How far one alert is on its way through one channel."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    EXPIRED = "expired"  # nobody took it for so long that it is history


class Role(StrEnum):
    """What kind of user somebody is."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"


class DifferenceStatus(StrEnum):
    """What is known of a difference between our books and the broker's."""

    SEEN = "seen"  # once; it may be an event on its way
    OPEN = "open"  # stands, unexplained: no new entries
    QUARANTINED = "quarantined"  # somebody else's order or position: left alone
    RESOLVED = "resolved"


class SettingsKind(StrEnum):
    """Which settings a version belongs to."""

    STRATEGY = "strategy"
    RISK = "risk"
    ALERTS = "alerts"


class BotKind(StrEnum):
    """Which of the other systems somebody's bot is."""

    DIP = "dip"  # Big Dipper: read from its log
    FUNDING = "funding"  # the delta-neutral bot: asked over HTTP


class BotHealth(StrEnum):
    """How another bot was when the desk last looked."""

    UNKNOWN = "unknown"  # not looked at yet
    WELL = "well"
    SILENT = "silent"  # its log is there, and nothing is added to it
    AWAY = "away"  # no log, or no answer


class RvolBasis(StrEnum):
    """What today's opening-range volume was compared with."""

    OPENING_RANGE = "opening_range"  # mean opening-range volume of the 14 sessions before
    DAILY_VOLUME = "daily_volume"  # share of an average day, where that history is missing
