"""Its answers agree with Alpaca's own API documents and have every key of its recordings."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.local_alpaca import LocalAlpaca
from tests.local_alpaca.conftest import Client, Start
from tests.local_alpaca.played_days import OPEN, day_with, minute

OTO: dict[str, Any] = {
    "type": "stop",
    "stop_price": "101",
    "order_class": "oto",
    "stop_loss": {"stop_price": "99"},
}
RISE = ("100", "102", "100", "101.5")
HIGH = ("101.5", "101.6", "101.4", "101.5")
TRADING, DATA = "trading-api", "market-data-api"


SPLIT = {
    "id": "189bd849-0000-4b4d-aaaa-a6d415fd976d",
    "symbol": "AAA",
    "cusip": "000000000",
    "old_rate": 1,
    "new_rate": 2,
    "ex_date": "2026-11-23",
    "process_date": "2026-11-23",
}


@pytest.fixture
def traded(start: Start) -> LocalAlpaca:
    """A broker whose only trade, an entry with its stop, is open at 9:37."""
    broker = start({"AAA": day_with([RISE, HIGH]), "BBB": day_with([])})
    broker.exchange.market.actions = {"forward_splits": [SPLIT]}
    client = Client(broker)
    client.placed(**OTO)
    broker.advance_to(minute(7))
    client.placed(symbol="BBB", type="limit", limit_price="90")
    return broker


def problems(shared: Path, document: str, schema: dict[str, Any], answer: Any) -> list[str]:
    """Return where an answer disagrees with a schema of a document."""
    spec = json.loads((shared / "alpaca" / f"{document}.openapi.json").read_text())
    whole = {"components": spec["components"], **schema}
    return [error.message for error in Draft202012Validator(whole).iter_errors(answer)]


def one(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def many(name: str) -> dict[str, Any]:
    return {"type": "array", "items": one(name), "minItems": 1}


GETS = [
    ("/v2/account", TRADING, one("Account")),
    ("/v2/account/configurations", TRADING, one("AccountConfigurations")),
    ("/v2/account/activities/FILL", TRADING, many("TradingActivities")),
    ("/v2/account/portfolio/history?timeframe=1Min", TRADING, one("PortfolioHistory")),
    ("/v2/account/portfolio/history", TRADING, one("PortfolioHistory")),
    ("/v2/orders?status=all&nested=true", TRADING, many("Order")),
    ("/v2/orders?status=all", TRADING, many("Order")),
    ("/v2/positions", TRADING, many("Position")),
    ("/v2/positions/AAA", TRADING, one("Position")),
    ("/v2/assets", TRADING, many("Assets")),
    ("/v2/assets/AAA", TRADING, one("Assets")),
    ("/v2/clock", TRADING, one("legacy_clock")),
    ("/v2/calendar?start=2026-11-20&end=2026-12-31", TRADING, many("legacy_calendar_day")),
    (
        f"/v2/stocks/bars?symbols=AAA,BBB&timeframe=1Min&start={OPEN:%Y-%m-%d}&limit=8",
        DATA,
        one("stock_bars_resp"),
    ),
    (
        "/v1/corporate-actions?types=forward_split&start=2026-01-01&end=2026-12-31",
        DATA,
        one("corporate_actions_resp"),
    ),
    ("/v2/stocks/bars/latest?symbols=AAA,BBB", DATA, one("stock_latest_bars_resp")),
    ("/v2/stocks/trades/latest?symbols=AAA", DATA, one("stock_latest_trades_resp")),
    ("/v2/stocks/quotes/latest?symbols=AAA", DATA, one("stock_latest_quotes_resp")),
    ("/v2/stocks/snapshots?symbols=AAA,BBB", DATA, one("stock_snapshots_resp")),
]


@pytest.mark.parametrize(("path", "document", "schema"), GETS, ids=[row[0] for row in GETS])
def test_an_answer_obeys_its_schema(
    traded: LocalAlpaca, shared: Path, path: str, document: str, schema: dict[str, Any]
) -> None:
    assert problems(shared, document, schema, Client(traded).get(path)) == []


@pytest.mark.parametrize(
    ("method", "path", "schema"),
    [
        ("DELETE", "/v2/orders", many("CanceledOrderResponse")),
        ("DELETE", "/v2/positions?cancel_orders=true", many("PositionClosedResponse")),
    ],
)
def test_the_answer_to_many_at_once_obeys_its_schema(
    traded: LocalAlpaca, shared: Path, method: str, path: str, schema: dict[str, Any]
) -> None:
    answer = Client(traded).ask(method, path).json()
    assert problems(shared, TRADING, schema, answer) == []


def test_the_schemas_can_find_fault(shared: Path) -> None:
    assert problems(shared, TRADING, one("Order"), {"status": "nonsense"}) != []


def recorded(shared: Path, name: str) -> Any:
    return json.loads((shared / "alpaca" / "recorded" / f"{name}.json").read_text())


def _bracket(client: Client) -> Any:
    legs = {"take_profit": {"limit_price": "105"}, "stop_loss": {"stop_price": "99"}}
    return client.placed(symbol="BBB", order_class="bracket", **legs)


RECORDINGS: list[tuple[str, Callable[[Any], Any], Callable[[Client], Any]]] = [
    ("account_before", lambda body: body, lambda client: client.get("/v2/account")),
    ("positions_held", lambda body: body[0], lambda client: client.get("/v2/positions")[0]),
    (
        "fill_activities.sample",
        lambda body: body[0],
        lambda client: client.get("/v2/account/activities/FILL")[0],
    ),
    ("buy_whole", lambda body: body["submit"], lambda client: client.placed(symbol="BBB")),
    ("resting_cancelled", lambda body: body[0], lambda client: client.get("/v2/orders")[0]),
    ("order_equity.spec-example", lambda body: body, lambda client: client.placed(symbol="BBB")),
]


@pytest.mark.parametrize(("name", "part", "act"), RECORDINGS, ids=[row[0] for row in RECORDINGS])
def test_an_answer_has_every_key_that_was_recorded_with_its_kind(
    traded: LocalAlpaca,
    shared: Path,
    name: str,
    part: Callable[[Any], Any],
    act: Callable[[Client], Any],
) -> None:
    expected, got = part(recorded(shared, name)), act(Client(traded))
    different = {key for key in expected if not _alike(expected[key], got.get(key, "absent"))}
    assert different == set()


def test_a_bracket_has_every_key_that_was_recorded(start: Start, shared: Path) -> None:
    broker = start({"AAA": day_with([]), "BBB": day_with([])})
    expected, got = recorded(shared, "order_bracket.spec-example"), _bracket(Client(broker))
    pairs = [(expected, got), *zip(expected["legs"], got["legs"], strict=True)]
    assert [set(theirs) - set(ours) for theirs, ours in pairs] == [set(), set(), set()]
    roles = [(leg["group_role"], leg["status"], leg["type"]) for leg in got["legs"]]
    assert roles == [(leg["group_role"], leg["status"], leg["type"]) for leg in expected["legs"]]


def _alike(expected: Any, got: Any) -> bool:
    """Say whether two values are of one kind; what is null in either may be anything."""
    return None in {_hashable(expected), _hashable(got)} or type(expected) is type(got)


def _hashable(value: Any) -> Any:
    return "a container" if isinstance(value, (dict, list)) else value
