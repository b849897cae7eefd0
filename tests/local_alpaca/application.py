"""From a request to a reply: keys, limits, the answer, and the trouble on its way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import DecimalException
from enum import Enum, auto
from threading import Event, RLock

from tests.local_alpaca.exchange import Exchange
from tests.local_alpaca.faults import (
    Breaking,
    Edit,
    Faults,
    Reset,
    Respond,
    Silence,
    Slow,
    Subject,
    Truncate,
)
from tests.local_alpaca.ledger import Ledger, SeenRequest
from tests.local_alpaca.moments import as_datetime
from tests.local_alpaca.rate_limit import RateLimit
from tests.local_alpaca.refusals import RefusedError, bad_parameter, unauthorized
from tests.local_alpaca.routes import Answer, Request, Routes
from tests.local_alpaca.wire import to_json

DATA_PATHS = ("/v2/stocks", "/v1/corporate-actions")


@dataclass(frozen=True, slots=True)
class Keys:
    """What a client must know."""

    key: str = "PKLOCALTEST"
    secret: str = "a secret of the tests"  # noqa: S105

    def open(self, headers: Mapping[str, str]) -> bool:
        """Say whether a request carries them."""
        given = (headers.get("apca-api-key-id"), headers.get("apca-api-secret-key"))
        return given == (self.key, self.secret)


class Manner(Enum):
    """How a reply reaches the client."""

    WHOLE = auto()
    TRUNCATED = auto()
    RESET = auto()
    SILENT = auto()


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes over the wire, and how."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    manner: Manner = Manner.WHOLE

    @property
    def seen_status(self) -> int | None:
        """Return the status that the client can read, None when it gets no whole answer."""
        return self.status if self.manner is Manner.WHOLE else None


class Application:
    """Answers one request at a time; waits for trouble outside the lock."""

    def __init__(
        self,
        exchange: Exchange,
        ledger: Ledger,
        faults: Faults,
        now: Callable[[], int],
        keys: Keys,
    ) -> None:
        self.lock = RLock()
        self.routes = Routes()
        self.keys = keys
        self.readers = [keys]  # market data are for whoever is a customer
        self.closing = Event()
        self._exchange = exchange
        self._ledger = ledger
        self._faults = faults
        self._now = now
        rules = exchange.rules
        self._trading_limit = RateLimit(rules.trading_requests_per_minute, of_data=False)
        self._data_limit = RateLimit(rules.data_limit, of_data=True)

    def reply(self, request: Request) -> Reply:
        """Answer a request, or do to it what a fault demands."""
        subject = self._subject(request)
        for slow in self._faults.striking(subject, Slow):
            self.closing.wait(slow.seconds)
        breaking = next(iter(self._faults.striking(subject, Breaking)), None)
        acts = breaking is None or breaking.acts
        reply = self._act(request, subject) if acts else Reply(500)
        broken = reply if breaking is None else _break(reply, breaking)
        self._note(request, subject, broken, acted=acts)
        return broken

    @contextmanager
    def turn(self) -> Iterator[Exchange]:
        """Give the exchange, brought up to the present, to one caller at a time."""
        with self.lock:
            self.catch_up()
            yield self._exchange
            self._exchange.settle()

    def catch_up(self) -> None:
        """Let everything happen that is due by the clock."""
        with self.lock:
            self._exchange.advance_to(self._now())

    def _act(self, request: Request, subject: Subject) -> Reply:
        with self.turn():
            answer = self._answer(request)
            if answer.status < 300:
                for edit in self._faults.striking(subject, Edit):
                    answer.body = edit.change(answer.body)
            body = b"" if answer.body is None else to_json(answer.body)
        return Reply(answer.status, body, answer.headers)

    def _answer(self, request: Request) -> Answer:
        is_data = request.path.startswith(DATA_PATHS)
        limit = self._data_limit if is_data else self._trading_limit
        try:
            answer = self._allowed(request, limit)
        except RefusedError as reason:
            answer = _refusal(reason)
        except (ValueError, DecimalException) as reason:
            answer = _refusal(bad_parameter(str(reason)))
        answer.headers |= limit.headers()
        return answer

    def _allowed(self, request: Request, limit: RateLimit) -> Answer:
        is_data = request.path.startswith(DATA_PATHS)
        known = self.readers if is_data else [self.keys]
        if not any(keys.open(request.headers) for keys in known):
            raise unauthorized()
        limit.take(self._exchange.time.now)
        return self.routes.answer(request)

    def _subject(self, request: Request) -> Subject:
        """Say whom a request is about: by its body, its query, or the order its path names."""
        last = request.path.rsplit("/", 1)[-1]
        order = self._exchange.book.find(last)
        symbol = request.body.get("symbol") or request.query.get("symbols")
        named = request.body.get("client_order_id") or request.query.get("client_order_id")
        if request.path.startswith("/v2/positions/"):
            symbol = last
        return Subject(
            method=request.method,
            path=request.path,
            symbol=order.symbol if order else symbol,
            client_order_id=order.client_order_id if order else named,
        )

    def _note(self, request: Request, subject: Subject, reply: Reply, *, acted: bool) -> None:
        seen = SeenRequest(
            at=as_datetime(self._now()),
            method=request.method,
            path=request.path,
            client_order_id=subject.client_order_id,
            status=reply.seen_status,
            acted=acted,
        )
        self._ledger.requests.append(seen)


def _refusal(reason: RefusedError) -> Answer:
    return Answer(reason.body, reason.status)


def _break(reply: Reply, fault: Breaking) -> Reply:
    match fault:
        case Respond():
            return Reply(fault.status, fault.body.encode())
        case Reset():
            return Reply(reply.status, manner=Manner.RESET)
        case Silence():
            return Reply(reply.status, manner=Manner.SILENT)
        case Truncate():
            return Reply(reply.status, reply.body, reply.headers, Manner.TRUNCATED)
    raise TypeError(f"no reply for {fault}")
