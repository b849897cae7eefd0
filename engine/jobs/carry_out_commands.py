"""Carry out what people asked for, one step at a time, and answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import bindparam, select, update

from engine.actions.bookkeeping import live_orders
from engine.actions.closing import (
    cancel_entries,
    close_trades,
    everything,
    still_held,
)
from engine.actions.foreign import CERTAIN, foreign_symbols
from engine.actions.trading import cancel
from engine.desk import Desk
from engine.errors import (
    BrokerRejectedError,
    BrokerUnavailableError,
    DeskError,
    InvalidRequestError,
    NotTheEngineError,
)
from engine.jobs.clean_up import clean_up
from engine.jobs.fill_opening_history import fill_opening_history
from engine.jobs.scan_opening_range import scan_opening_range, why_no_scan
from engine.jobs.switch_account import switch_account
from engine.jobs.sync_bars import sync_bars
from engine.jobs.sync_listings import sync_listings
from engine.journal import correlation, record
from engine.rules.amounts import gain
from models.control import Command
from models.trading import Order, Trade
from models.vocabulary import (
    CommandKind,
    CommandStatus,
    ExitReason,
    OrderPurpose,
    OrderStatus,
    Severity,
    TradeStatus,
)

Step = Callable[[Desk, Command], "str | None"]  # an answer when it is done, None to be called again

BROKER_TROUBLES = (BrokerUnavailableError, BrokerRejectedError)
_WAITING = (
    select(Command)
    .where(Command.status.in_([CommandStatus.REQUESTED, CommandStatus.RUNNING]))
    .order_by(Command.id)
)
_ENTRIES_AFTER = select(Order.session, Order.symbol).where(
    Order.account == bindparam("account"),
    Order.purpose == OrderPurpose.ENTRY,
    Order.id > bindparam("last"),
)


def carry_out_commands(desk: Desk) -> str | None:
    """Take the next step of every unfinished command that concerns trading.

    What stops or closes something comes before all else, then the oldest. A command whose step goes
    wrong keeps none of the others from theirs.
    """
    return _carry_out(desk, STEPS)


def carry_out_fetches(desk: Desk) -> str | None:
    """Do what people asked for that may take minutes: where no stop waits for it to end."""
    return _carry_out(desk, SLOW_STEPS)


def _carry_out(desk: Desk, steps: Mapping[CommandKind, Step]) -> str | None:
    with desk.db.read() as tx:
        waiting = [command for command in tx.scalars(_WAITING) if command.kind in steps]
    waiting.sort(key=lambda command: (command.kind not in STOPPING, command.id))
    surprises: list[Exception] = []
    for command in waiting:
        token = correlation.set(command.correlation_id)
        try:
            _step(desk, command, steps[command.kind])
        except NotTheEngineError:  # the next engine goes on with it
            raise
        except Exception as surprise:  # noqa: BLE001  # told below: a kill may be the next one
            surprises.append(surprise)
        finally:
            correlation.reset(token)
    if surprises:
        raise surprises[0]
    return f"{len(waiting)} commands" if waiting else None


def _step(desk: Desk, command: Command, step: Step) -> None:
    if command.status is CommandStatus.REQUESTED:
        _move(desk, command, CommandStatus.RUNNING, None)
    try:
        answer = step(desk, command)
    except NotTheEngineError:
        raise
    except DeskError as problem:
        if command.kind in STOPPING and isinstance(problem, BROKER_TROUBLES):
            _go_on_later(desk, command, problem)
        else:
            _move(desk, command, CommandStatus.FAILED, str(problem))
    else:
        if answer is not None:
            _move(desk, command, CommandStatus.DONE, answer)


def _go_on_later(desk: Desk, command: Command, trouble: DeskError) -> None:
    """Leave a command running that the broker has kept from its end: its next step comes soon."""
    if command.answer is None:  # once is enough
        is_no = isinstance(trouble, BrokerRejectedError)
        said = str(trouble) if is_no else f"The broker does not answer: {trouble}"
        text = f"{said}. It goes on until it is done."
        _move(desk, command, CommandStatus.RUNNING, text)


def _kill(desk: Desk, command: Command) -> str | None:
    """Cancel every entry; protective stops stay."""
    if cancel_entries(desk, _was_there(desk, command)):
        return None
    return f"No entry is working. {_cancelled_since(desk, command)} entries cancelled."


def _emergency_stop(desk: Desk, command: Command) -> str | None:
    """Cancel everything, close everything, verify."""
    return _close_all(desk, command, ExitReason.EMERGENCY)


def _flatten(desk: Desk, command: Command) -> str | None:
    return _close_all(desk, command, ExitReason.MANUAL)


def _close_all(desk: Desk, command: Command, reason: ExitReason) -> str | None:
    _refuse_if_of_another(desk, command.body.get("account", desk.account))
    mine = _was_there(desk, command)
    if cancel_entries(desk, mine) + close_trades(desk, reason, mine):
        return None
    return _verified(desk, mine)


def _was_there(desk: Desk, command: Command) -> Callable[[Order | Trade], bool]:
    """Return what tells whether an order or a trade was there when a command was asked for.

    A command may outlast its day and the kill switch: what is entered after them is not meant. A
    session has one trade of a symbol, so all that belongs to a later entry is known by these two.
    """
    last = command.body.get("last_order")
    if last is None:
        return everything
    with desk.db.read() as tx:
        found = tx.execute(_ENTRIES_AFTER, {"account": desk.account, "last": last})
        later = {(row.session, row.symbol) for row in found}
    return lambda one: (one.session, one.symbol) not in later


def _refuse_if_of_another(desk: Desk, account: str) -> None:
    if account != desk.account:
        raise InvalidRequestError(f"it was asked of {account}, which is not traded any more")


def _verified(desk: Desk, mine: Callable[[Order | Trade], bool]) -> str | None:
    """Ask the broker itself; cancel stops that were left without a position."""
    with desk.db.read() as tx:
        live = [order for order in live_orders(tx, desk) if mine(order)]
    strays = [order for order in live if order.status is not OrderStatus.CANCELLING]
    if strays:
        cancel(desk, strays)
        return None
    held = still_held(desk, mine)
    with desk.db.read() as tx:
        foreign = foreign_symbols(tx, desk, CERTAIN) if held else set()
    theirs = [symbol for symbol in held if symbol in foreign]
    if len(held) > len(theirs):
        return None
    if theirs:
        names = ", ".join(theirs)
        return f"Closed. The account still holds {names}, as it seems somebody else's: look there."
    return "Flat: nothing is held, verified at the broker."


def _close_position(desk: Desk, command: Command) -> str | None:
    trade_id = int(command.body["trade_id"])
    if close_trades(desk, ExitReason.MANUAL, lambda trade: trade.id == trade_id):
        return None
    with desk.db.read() as tx:
        trade = tx.get(Trade, trade_id)
    if trade is not None:
        _refuse_if_of_another(desk, trade.account)
    if trade is None or trade.status is TradeStatus.OPEN:
        return None
    return f"{trade.symbol} closed, P&L {gain(trade.pnl)}."


def _scan(desk: Desk, _command: Command) -> str | None:
    """Scan, or wait with the regular scan for bars that are still to come."""
    return scan_opening_range(desk) or why_no_scan(desk)


def _sync(desk: Desk, _command: Command) -> str | None:
    """Fetch all that the next scan rests on: bars, lists and splits, opening volumes."""
    done = [job(desk) for job in (sync_bars, sync_listings, fill_opening_history)]
    return "; ".join(filter(None, done)) or "Everything is there already."


def _clean_up(desk: Desk, _command: Command) -> str | None:
    return clean_up(desk) or "Nothing is older than its window."


STEPS: Mapping[CommandKind, Step] = {
    CommandKind.KILL: _kill,
    CommandKind.EMERGENCY_STOP: _emergency_stop,
    CommandKind.FLATTEN: _flatten,
    CommandKind.CLOSE_POSITION: _close_position,
    CommandKind.SCAN: _scan,
    CommandKind.SWITCH_ACCOUNT: switch_account,
}
# What must not end before it is done, whatever the broker does meanwhile.
STOPPING = frozenset(
    {
        CommandKind.KILL,
        CommandKind.EMERGENCY_STOP,
        CommandKind.FLATTEN,
        CommandKind.CLOSE_POSITION,
    }
)
SLOW_STEPS: Mapping[CommandKind, Step] = {
    CommandKind.SYNC: _sync,
    CommandKind.CLEAN_UP: _clean_up,
}


def _cancelled_since(desk: Desk, command: Command) -> int:
    with desk.db.read() as tx:
        return len(
            tx.scalars(
                select(Order.id).where(
                    Order.account == desk.account,
                    Order.status == OrderStatus.CANCELLED,
                    Order.parent_id.is_(None),
                    Order.updated_at >= command.requested_at,
                )
            ).all()
        )


def _severity(status: CommandStatus, answer: str | None) -> Severity:
    if status is CommandStatus.FAILED:
        return Severity.ERROR
    is_held_up = status is CommandStatus.RUNNING and answer is not None
    return Severity.WARNING if is_held_up else Severity.INFO


def _move(desk: Desk, command: Command, status: CommandStatus, answer: str | None) -> None:
    now = desk.clock.now()
    finished = now if status in {CommandStatus.DONE, CommandStatus.FAILED} else None
    with desk.db.write() as tx:
        tx.execute(
            update(Command)
            .where(Command.id == command.id)
            .values(status=status, answer=answer, finished_at=finished)
        )
        record(
            tx,
            now,
            "command",
            f"command:{command.id}",
            severity=_severity(status, answer),
            text=f"{command.kind.replace('_', ' ')} {status}" + (f": {answer}" if answer else ""),
            command_id=command.id,
            status=status,
        )
    command.status, command.answer = status, answer
