"""Whatever is asked of the exchange, in any order and with any trouble, its books agree."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.local_alpaca import LocalAlpaca, PlayedMarket, Rules
from tests.local_alpaca.conftest import Client, Start, an_order
from tests.local_alpaca.exchange import Exchange
from tests.local_alpaca.faults import Faults, FillPart, RejectLater, StickCancel
from tests.local_alpaca.ledger import Ledger
from tests.local_alpaca.moments import MINUTE, nanoseconds
from tests.local_alpaca.order_request import read_order
from tests.local_alpaca.orders import Order, Role, Status
from tests.local_alpaca.played_days import CLOSE, Prices, minute, minute_bars
from tests.local_alpaca.refusals import RefusedError
from tests.local_alpaca.replacing import replace_order

PRICES = st.sampled_from(["97", "98.5", "99.5", "100", "100.5", "101.5", "103"])
ORDERS = st.fixed_dictionaries(
    {
        "side": st.sampled_from(["buy", "sell"]),
        "type": st.sampled_from(["market", "limit", "stop", "stop_limit"]),
        "qty": st.integers(1, 20).map(str),
        "order_class": st.sampled_from(["", "", "oto", "bracket", "oco"]),
        "stop_price": PRICES,
        "limit_price": PRICES,
        "take_profit": st.fixed_dictionaries({"limit_price": PRICES}),
        "stop_loss": st.fixed_dictionaries({"stop_price": PRICES}),
    }
)
ACTS = st.one_of(
    st.tuples(st.just("place"), ORDERS),
    st.tuples(st.just("cancel"), st.integers(0, 30)),
    st.tuples(st.just("replace"), st.tuples(st.integers(0, 30), PRICES)),
    st.tuples(st.just("close"), st.none()),
    st.tuples(st.just("wait"), st.integers(1, 90)),
)
DELAY = timedelta(seconds=45)
WORDS_BY_TYPE = {
    "market": set[str](),
    "limit": {"limit_price"},
    "stop": {"stop_price"},
    "stop_limit": {"limit_price", "stop_price"},
}
WORDS_BY_CLASS = {
    "": set[str](),
    "oto": {"stop_loss"},
    "bracket": {"take_profit", "stop_loss"},
    "oco": {"take_profit", "stop_loss"},
}


def an_exchange(seed: int) -> Exchange:
    """Return an exchange with a wild day, slow answers and every kind of trouble."""
    random = Random(seed)  # noqa: S311
    market = PlayedMarket(bars={"AAA": minute_bars([_wild_bar(random) for _ in range(390)])})
    rules = Rules(
        acknowledge_after=DELAY,
        cancel_after=DELAY,
        replace_after=DELAY,
        oto_is_replaceable=True,
        partial_fill_chance=0.3,
    )
    faults = Faults(seed, rules.partial_fill_chance)
    for effect in (FillPart(), RejectLater(), StickCancel()):
        faults.add(effect, times=None, chance=0.1)
    return Exchange(market, minute(5), rules, faults)


def _wild_bar(random: Random) -> Prices:
    prices = [random.randrange(9700, 10301, 25) / 100 for _ in range(4)]
    return (str(prices[0]), str(max(prices)), str(min(prices)), str(prices[1]))


def act(exchange: Exchange, kind: str, what: Any) -> None:
    """Do one thing; a refusal is an answer like any other."""
    try:
        _act(exchange, kind, what)
    except RefusedError as refusal:
        assert refusal.status in {403, 404, 422}  # noqa: PT017  (not that it must be refused)
    exchange.settle()


def _act(exchange: Exchange, kind: str, what: Any) -> None:
    orders = exchange.book.all()
    match kind:
        case "place":
            exchange.submit(read_order(_sensible(what)))
        case "cancel" if orders:
            exchange.cancel(orders[what % len(orders)])
        case "replace" if orders:
            number, price = what
            order = orders[number % len(orders)]
            field = "limit_price" if order.limit_price else "stop_price"
            replace_order(exchange, order, {field: price})
        case "close":
            exchange.close_position("AAA")
        case "wait":
            exchange.advance_to(exchange.time.now + what * MINUTE)


def _sensible(words: dict[str, Any]) -> dict[str, Any]:
    """Drop the words that do not belong to the order's type and class."""
    kept = {"side", "type", "qty", "order_class"}
    kept |= WORDS_BY_TYPE[words["type"]] | WORDS_BY_CLASS[words["order_class"]]
    return an_order(**{word: value for word, value in words.items() if word in kept})


@settings(max_examples=60, deadline=None)
@given(acts=st.lists(ACTS, max_size=25), seed=st.integers(0, 9))
def test_the_books_agree_whatever_is_asked(acts: list[tuple[str, Any]], seed: int) -> None:
    exchange = an_exchange(seed)
    ledger = Ledger(exchange)
    for kind, what in acts:
        act(exchange, kind, what)
    exchange.advance_to(nanoseconds(CLOSE + timedelta(days=4)))
    assert not [order for order in exchange.book.all() if order.is_open]
    check_money(exchange, ledger)
    for order in exchange.book.all():
        check_order(order, ledger)


def check_money(exchange: Exchange, ledger: Ledger) -> None:
    signed = [(one.quantity * one.side.sign, one.price) for one in ledger.executions]
    held = sum((quantity for quantity, _ in signed), Decimal(0))
    paid = sum((quantity * price for quantity, price in signed), Decimal(0))
    assert exchange.holdings.quantity("AAA") == held
    assert exchange.holdings.cash == exchange.rules.cash - paid


def check_order(order: Order, ledger: Ledger) -> None:
    traded = sum(one.quantity for one in ledger.executions if one.order_id == order.id)
    assert order.filled == traded <= order.quantity
    assert (order.status is Status.FILLED) == (order.filled == order.quantity)
    if order.role is Role.ENTRY:
        assert sum(leg.filled for leg in order.legs) <= order.filled


def test_many_threads_at_once_lose_nothing(start: Start) -> None:
    broker = start(rules=Rules(trading_requests_per_minute=None, cash=Decimal(10**9)))

    def place_some(worker: int) -> list[int]:
        client = Client(broker)
        ids = [f"{worker}-{number}" for number in range(25)]
        return [client.place(type="stop", stop_price="101", client_order_id=i)[0] for i in ids]

    with ThreadPoolExecutor(8) as pool:
        answers = [status for statuses in pool.map(place_some, range(8)) for status in statuses]
    assert answers == [200] * 200
    assert _listed(broker) == 200


def _listed(broker: LocalAlpaca) -> int:
    return len(Client(broker).get("/v2/orders", status="all", limit=500))
