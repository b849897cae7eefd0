"""What is wrong at the broker is told at once, and nothing is traded while it is."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from dashboard.queries.health import Health, health_view
from models.reconciliation import BrokerCapability
from models.trading import Trade
from models.vocabulary import OrderClass, Severity, Side, TradeStatus, TradingMode
from tests.alpaca.conftest import Open
from tests.alpaca.lockstep import Lockstep
from tests.alpaca.test_commands import Serve, environment, served
from tests.builders import DAY, a_day, a_market, at
from tests.engine.cli.processes import COMMAND
from tests.engine.cli.processes import environment as of_process
from tests.local_alpaca import Rules
from tests.local_alpaca.conftest import start
from tests.local_alpaca.faults import Edit, Respond, Silence, with_values, without
from tests.local_alpaca.polling import until

__all__ = ["served", "start"]  # fixtures

NEAR = (100, 101, 99, 100.9)
MARKET = a_market(a_day("ABLE", ("09:40", 101), ("15:55", 104), opens=NEAR))
UNAUTHORISED = '{"message": "unauthorized."}'
NOT_ENTITLED = '{"message": "subscription does not permit querying recent SIP data"}'
LONGEST_EXIT = 60  # seconds; far less than a source's patience
Trouble = Callable[[Lockstep], object]


def _wrong_keys(played: Lockstep) -> None:
    played.local.faults.add(Respond(401, UNAUTHORISED), times=None)


def _blocked(played: Lockstep) -> None:
    blocked = Edit(with_values(trading_blocked=True))
    played.local.faults.add(blocked, path="/v2/account", times=None)


def _removed(played: Lockstep) -> None:
    played.local.faults.add(Edit(without("buying_power")), path="/v2/account", times=None)


def _skewed(played: Lockstep) -> None:
    played.local.clock_skew = timedelta(seconds=2.5)


def _not_entitled(played: Lockstep) -> None:
    played.local.faults.add(Respond(403, NOT_ENTITLED), path="/v2/stocks/*", times=None)


@pytest.mark.parametrize(
    ("trouble", "code", "words"),
    [
        (_wrong_keys, "broker", "does not accept the keys"),
        (_blocked, "account", "does not let this account trade"),
        (_removed, "account_unreadable", "buying_power"),
        (_skewed, "clock_skew", "differs by +2.5 seconds"),
        (_not_entitled, "data", "subscription does not permit"),
    ],
)
def test_each_trouble_is_told_before_the_open_and_named_by_the_health_page(
    open_desk: Open, trouble: Trouble, code: str, words: str
) -> None:
    played = open_desk(MARKET, Rules())
    trouble(played)
    played.until(at("09:26"))
    (alert,) = played.alerts(code)
    assert (alert.severity, words in alert.body["text"]) == (Severity.CRITICAL, True)
    broker = health_view(played.desk).checks["broker"]
    assert (broker.status, words in broker.sentence) == (Health.DEGRADED, True)


@pytest.mark.parametrize("trouble", [_wrong_keys, _blocked, _removed, _skewed, _not_entitled])
def test_nothing_is_sent_while_it_lasts(open_desk: Open, trouble: Trouble) -> None:
    played = open_desk(MARKET, Rules()).until(at("09:34"))
    trouble(played)
    played.until(at("09:45"))
    assert not [seen for seen in played.local.ledger.requests if seen.method == "POST"]


def test_its_end_is_told_and_trading_goes_on(open_desk: Open) -> None:
    played = open_desk(MARKET, Rules())
    _skewed(played)
    played.until(at("09:31"))
    played.local.clock_skew = timedelta(0)
    played.seconds(31).until(at("09:36"))
    told = [alert.severity for alert in played.alerts("clock_skew")]
    assert told == [Severity.CRITICAL, Severity.INFO]
    assert played.orders("ABLE") != {}


def test_a_desk_that_was_switched_with_open_positions_enters_nothing(open_desk: Open) -> None:
    played = open_desk(MARKET, Rules()).until(at("09:26"))
    with played.db.write() as tx:
        tx.add(_open_trade_of(TradingMode.LIVE, at("09:26")))
    played.until(at("09:45"))
    assert played.orders("ABLE") == {}
    assert len(played.alerts("other_account")) == 1


def _open_trade_of(mode: TradingMode, opened_at: datetime) -> Trade:
    return Trade(
        account=mode.value,
        session=DAY,
        symbol="COAL",
        side=Side.LONG,
        status=TradeStatus.OPEN,
        quantity=1,
        open_quantity=1,
        entry_price=Decimal(100),
        pnl=Decimal(0),
        opened_at=opened_at,
        naked_seconds=0.0,
    )


def test_a_probe_counts_without_a_new_start(open_desk: Open) -> None:
    played = open_desk(MARKET, Rules(), attachable=frozenset()).until(at("09:34"))
    with played.db.write() as tx:
        found = tx.get_one(BrokerCapability, (played.desk.account, Side.LONG))
        found.accepts_attached_stop = True
    played.until(at("09:36"))
    assert played.orders("ABLE")["entry-1"].order_class is OrderClass.OTO


def test_a_silent_source_of_data_does_not_hold_up_the_exit(served: Serve, tmp_path: Path) -> None:
    broker = served()
    silence = broker.faults.add(Silence(), path="/v2/stocks/bars", times=None)
    with subprocess.Popen(  # noqa: S603  (our own program)
        [*COMMAND, "serve", "--role", "engine"],
        cwd=tmp_path,
        env=of_process(environment(broker)),
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        until(lambda: silence.hits)
        process.send_signal(signal.SIGTERM)
        assert process.wait(LONGEST_EXIT) == 0
