"""What the steps of a position's explanation say, without a browser."""

from sqlalchemy import update

from dashboard.pages.position.chain import chain
from dashboard.pages.position.steps import TITLES
from dashboard.queries.trade_life import TradeLife, trade_life
from engine.actions.permissions import Actor
from engine.actions.trading_settings import change_settings
from engine.desk import Desk
from models.trading import Order, Trade
from models.vocabulary import Role, SettingsKind
from tests.dashboard import builders
from tests.dashboard.test_position_head import words


def life_of(desk: Desk, trade: Trade) -> TradeLife:
    with desk.db.read() as tx:
        life = trade_life(tx, desk, trade.id)
    assert life is not None
    return life


def step(desk: Desk, trade: Trade, title: str) -> str:
    steps = dict(zip(TITLES, chain(life_of(desk, trade), 0), strict=True))
    return words(steps[title].content)


def test_a_usual_volume_that_is_gone_is_said_to_be(desk: Desk) -> None:
    trade = builders.add_chain(desk, "AAPL")
    builders.add_range(desk, 1, "AAPL")
    gone = "Usual volume of an opening rangenot kept any more"
    assert gone in step(desk, trade, "Opening range")


def test_a_size_names_the_settings_of_its_order_where_they_are_known(desk: Desk) -> None:
    builders.set_account(desk, "100000")
    builders.add_snapshots(desk, [0] * 10)
    for positions in (3, 4):
        change = {"max_positions": positions}
        change_settings(desk, Actor("anna", Role.ADMIN), SettingsKind.RISK, change, "a test")
    trade = builders.add_chain(desk, "AAPL")  # its signal is of version 1
    assert "risk version 1, of the signal: the order's is not kept" in step(desk, trade, "Size")
    assert "not known" in step(desk, trade, "Orders")
    with desk.db.write() as tx:
        tx.execute(update(Order).values(strategy_version=0, risk_version=2))
    assert "Settingsrisk version 2Equity" in step(desk, trade, "Size")
    assert "strategy 0, risk 2" in step(desk, trade, "Orders")
