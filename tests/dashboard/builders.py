"""Rows of a trading day, as the engine would have written them."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select, update

from engine.clock import wall_now
from engine.desk import Desk
from engine.journal import Kind, record
from models.accounts import AccountNow, AccountSnapshot, DailyMetrics, StoredAccount
from models.control import EngineLease, Heartbeat
from models.market_data import LastPrice, OpeningRange, SymbolSector
from models.people import User
from models.tables import Table
from models.trading import Fill, Order, Signal, Trade
from models.vocabulary import (
    ExitReason,
    OrderClass,
    OrderPurpose,
    OrderStatus,
    OrderType,
    RvolBasis,
    Side,
    SignalStatus,
    TradeStatus,
    TradingMode,
)

ACCOUNT = "simulated"
DAY = date(2026, 11, 19)
OPEN = datetime(2026, 11, 19, 14, 30, tzinfo=UTC)
NOW = OPEN + timedelta(minutes=45)
D = Decimal


def add(desk: Desk, *rows: Table) -> None:
    with desk.db.write() as tx:
        tx.add_all(rows)


def add_fact(desk: Desk, kind: Kind, text: str, **more: Any) -> None:
    with desk.db.write() as tx:
        at = more.pop("at", None) or desk.clock.now()
        record(tx, at, kind, more.pop("scope", ""), text=text, **more)


def set_price(desk: Desk, symbol: str, price: str) -> None:
    with desk.db.write() as tx:
        tx.merge(LastPrice(symbol=symbol, price=D(price), at=desk.clock.now(), source="recorded"))


def age_prices(desk: Desk, age: timedelta) -> None:
    with desk.db.write() as tx:
        tx.execute(update(LastPrice).values(at=desk.clock.now() - age))


def set_account(desk: Desk, equity: str, started: str = "100000", **more: Any) -> None:
    with desk.db.write() as tx:
        tx.merge(account_now(desk, equity, started, **more))


def account_now(
    desk: Desk,
    equity: str,
    started: str = "100000",
    *,
    at: datetime | None = None,
    session: date | None = DAY,
) -> AccountNow:
    return AccountNow(
        account=ACCOUNT,
        at=at or desk.clock.now(),
        session=session,
        equity=D(equity),
        cash=D("41250.75"),
        buying_power=D("231904.50"),
        long_value=D("96420.25"),
        short_value=D("-37800"),
        starting_equity=D(started),
    )


def beat(desk: Desk, *parts: str, seconds_ago: float = 1) -> None:
    at = wall_now() - timedelta(seconds=seconds_ago)
    for part in parts or ("engine", "broker", "data"):
        with desk.db.write() as tx:
            tx.merge(Heartbeat(part=part, at=at, desk_at=desk.clock.now(), detail={}))


def lead(desk: Desk) -> None:
    """Let an engine hold the lease, and be well, for longer than a test takes."""
    beat(desk, "engine", seconds_ago=-600)
    now = wall_now()
    lease = {"name": "engine", "holder": "elsewhere", "token": 1, "renewed_at": now}
    add(desk, EngineLease(**lease, expires_at=now + timedelta(hours=1)))


def add_position(
    desk: Desk,
    symbol: str = "NVDA",
    side: Side = Side.LONG,
    *,
    prices: tuple[str, str | None, str] = ("181.20", "183.05", "0.92"),
    stop: bool = True,
    **more: Any,
) -> Trade:
    """An open trade. `prices`: entry, last, risk per share."""
    entry, last, risk = prices
    quantity = more.pop("quantity", 300)
    trade = Trade(
        **{
            "account": ACCOUNT,
            "session": DAY,
            "symbol": symbol,
            "side": side,
            "status": TradeStatus.OPEN,
            "stop_distance": D(risk),
            "stop_price": D(entry) - side.sign * D(risk),
            "quantity": quantity,
            "open_quantity": quantity,
            "entry_price": D(entry),
            "pnl": D(0),
            "opened_at": desk.clock.now() - timedelta(minutes=31),
            "naked_seconds": 0.4,
            **more,
        }
    )
    add(desk, trade)
    if stop:
        add(desk, stop_order(desk, trade))
    if last:
        set_price(desk, symbol, last)
    return trade


def know_sector(desk: Desk, sector: str, *symbols: str) -> None:
    """Let the desk know the sector of symbols."""
    add(desk, *(SymbolSector(symbol=symbol, sector=sector) for symbol in symbols))


def stop_order(desk: Desk, trade: Trade, **more: Any) -> Order:
    now = desk.clock.now()
    return Order(
        **{
            "account": ACCOUNT,
            "client_order_id": f"orb-20261119-{trade.symbol}-stop-1",
            "broker_order_id": f"S{trade.id}",
            "session": DAY,
            "symbol": trade.symbol,
            "purpose": OrderPurpose.STOP,
            "attempt": 1,
            "side": trade.side.exit,
            "type": OrderType.STOP,
            "order_class": OrderClass.SIMPLE,
            "quantity": trade.open_quantity,
            "stop_price": trade.stop_price,
            "status": OrderStatus.WORKING,
            "trade_id": trade.id,
            "fence": 1,
            "correlation_id": "",
            "intended_at": now,
            "updated_at": now,
            **more,
        }
    )


def exit_order(desk: Desk, trade: Trade, **more: Any) -> Order:
    known = {
        "client_order_id": f"orb-20261119-{trade.symbol}-exit-1",
        "broker_order_id": f"X{trade.id}",
        "purpose": OrderPurpose.EXIT,
        "type": OrderType.MARKET,
        "stop_price": None,
    }
    return stop_order(desk, trade, **{**known, **more})


def add_closed(desk: Desk, symbol: str, pnl: str, **more: Any) -> Trade:
    trade = Trade(
        **{
            "account": ACCOUNT,
            "session": DAY,
            "symbol": symbol,
            "side": Side.LONG,
            "status": TradeStatus.CLOSED,
            "quantity": 100,
            "open_quantity": 0,
            "entry_price": D("50"),
            "exit_price": D("50") + D(pnl) / 100,
            "pnl": D(pnl),
            "opened_at": OPEN + timedelta(minutes=6),
            "closed_at": OPEN + timedelta(minutes=20),
            **more,
        }
    )
    add(desk, trade)
    return trade


def add_signal(desk: Desk, rank: int, symbol: str, status: SignalStatus, **more: Any) -> Signal:
    row = Signal(
        **{
            "account": ACCOUNT,
            "session": DAY,
            "symbol": symbol,
            "side": Side.LONG,
            "rank": rank,
            "rvol": 9.4 - rank * 0.31,
            "confidence": 0.9 - rank * 0.02,
            "entry_level": D("181.20"),
            "stop_distance": D("0.92"),
            "planned_stop": D("180.28"),
            "quantity": 300,
            "status": status,
            "feed": "recorded",
            "strategy_version": 1,
            "risk_version": 1,
            "correlation_id": "",
            "created_at": OPEN + timedelta(minutes=5),
            "updated_at": OPEN + timedelta(minutes=5, seconds=2),
            **more,
        }
    )
    add(desk, row)
    return row


def add_chain(desk: Desk, symbol: str) -> Trade:
    """A signal, its entry that was filled after a while, and the trade that its stop closed."""
    signal = add_signal(desk, 1, symbol, SignalStatus.FILLED)
    filled_at = OPEN + timedelta(minutes=5, milliseconds=12_650)
    more = {"signal_id": signal.id, "exit_reason": ExitReason.STOP, "opened_at": filled_at}
    trade = add_closed(desk, symbol, "-92", closed_at=filled_at + timedelta(seconds=500), **more)
    order = entry_order(signal)
    order.trade_id = trade.id
    add(desk, order)
    add(desk, fill_of(order, filled_at))
    return trade


def entry_order(signal: Signal) -> Order:
    sent = signal.created_at + timedelta(milliseconds=150)
    return Order(
        account=ACCOUNT,
        client_order_id=f"orb-20261119-{signal.symbol}-entry-1",
        broker_order_id=f"E{signal.id}",
        session=DAY,
        symbol=signal.symbol,
        purpose=OrderPurpose.ENTRY,
        attempt=1,
        side=signal.side.entry,
        type=OrderType.STOP,
        order_class=OrderClass.SIMPLE,
        quantity=signal.quantity,
        filled_quantity=signal.quantity,
        stop_price=signal.entry_level,
        status=OrderStatus.FILLED,
        signal_id=signal.id,
        fence=1,
        correlation_id="",
        intended_at=sent,
        submitted_at=sent,
        answered_at=sent + timedelta(milliseconds=40),
        updated_at=sent,
    )


def fill_of(order: Order, at: datetime) -> Fill:
    return Fill(
        account=ACCOUNT,
        execution_id=f"X{order.id}",
        order_id=order.id,
        session=order.session,
        symbol=order.symbol,
        side=order.side,
        quantity=order.quantity,
        price=order.stop_price,
        filled_at=at,
        recorded_at=at + timedelta(milliseconds=90),
    )


def add_range(desk: Desk, rank: int | None, symbol: str, *failed: str, **more: Any) -> OpeningRange:
    row = OpeningRange(
        **{
            "session": DAY,
            "symbol": symbol,
            "open": D("179.40"),
            "high": D("181.20"),
            "low": D("179.05"),
            "close": D("180.95"),
            "volume": 2_345_678,
            "direction": 1,
            "rvol": 9.4 - (rank or 30) * 0.28,
            "rvol_basis": RvolBasis.OPENING_RANGE,
            "atr14": D("9.21"),
            "avg_volume14": 181_000_000.0,
            "rank": rank,
            "passed": not failed,
            "failed": list(failed),
            "entry_level": D("181.20"),
            "stop_distance": D("0.92"),
            "feed": "recorded",
            "scanned_at": OPEN + timedelta(minutes=5),
            **more,
        }
    )
    add(desk, row)
    return row


def add_snapshots(desk: Desk, pnls: Sequence[float]) -> None:
    add(desk, *snapshots(pnls))


def snapshots(pnls: Sequence[float], first_minute: int = 0) -> list[AccountSnapshot]:
    """The points of a session's curve, one each minute."""
    return [
        AccountSnapshot(
            account=ACCOUNT,
            session=DAY,
            at=OPEN + timedelta(minutes=minute),
            equity=D(100000) + D(str(pnl)),
            cash=D(100000),
            buying_power=D(400000),
            day_pnl=D(str(pnl)),
            open_positions=0,
        )
        for minute, pnl in enumerate(pnls, first_minute)
    ]


def disable(desk: Desk, name: str) -> None:
    with desk.db.write() as tx:
        tx.execute(update(User).where(User.name == name).values(is_active=False))


def raise_epoch(desk: Desk, name: str) -> None:
    with desk.db.write() as tx:
        tx.execute(update(User).where(User.name == name).values(session_epoch=1))


def close(desk: Desk, trade: Trade, pnl: str) -> None:
    changes = {"status": TradeStatus.CLOSED, "open_quantity": 0, "pnl": D(pnl)}
    with desk.db.write() as tx:
        tx.execute(
            update(Trade)
            .where(Trade.id == trade.id)
            .values(closed_at=desk.clock.now(), exit_price=trade.entry_price, **changes)
        )


def set_status(desk: Desk, signal: Signal, status: SignalStatus) -> None:
    with desk.db.write() as tx:
        tx.execute(update(Signal).where(Signal.id == signal.id).values(status=status))


def order_of(desk: Desk, trade: Trade) -> Order:
    with desk.db.read() as tx:
        return tx.scalars(select(Order).where(Order.trade_id == trade.id)).one()


def add_day(desk: Desk, day: date, start: str, pnl: str = "0") -> None:
    add(
        desk,
        DailyMetrics(
            account=ACCOUNT,
            session=day,
            starting_equity=D(start),
            ending_equity=D(start) + D(pnl),
            pnl=D(pnl),
            residual=D(0),
            trades=0,
            winners=0,
            losers=0,
            max_drawdown=D(0),
            signals=0,
            naked_seconds=0.0,
            flat=True,
            flat_at=None,
            reconciled=True,
            closed_at=desk.clock.now(),
        ),
    )


def add_account(
    desk: Desk, account: str, mode: TradingMode, number: str | None, **more: Any
) -> None:
    """An account that the desk knows, as its broker last told of it."""
    about = {"has_keys": True, "equity": D("50000"), "seen_at": desk.clock.now(), **more}
    add(desk, StoredAccount(account=account, mode=mode, number=number, **about))
