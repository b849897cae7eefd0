"""What Big Dipper's log tells, written down as rows and facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select, update

from engine.actions.bot_facts import Teller
from engine.market_hours import new_york
from engine.monitors import dip_lines as told
from engine.rules.amounts import dollars, price
from models.bots import BotState
from models.dip import (
    DipAccount,
    DipBrake,
    DipDay,
    DipOpportunity,
    DipPosition,
    DipSkip,
    DipTrade,
)
from models.vocabulary import OrderSide, Severity

SAME_DIP = timedelta(minutes=5)  # a trade or skip this long after an opportunity is of it


class DipBooks:
    """Writes one bot's events within one transaction, in the order of its log."""

    def __init__(self, teller: Teller, state: BotState) -> None:
        self._teller = teller
        self._tx = teller.tx
        self._bot = teller.bot
        self._state = state
        self._detail = dict(state.detail)
        self._writers: Mapping[type, Callable[[Any], None]] = {
            told.Bought: self._trade,
            told.Account: self._account,
            told.Skipped: self._skip,
            told.Qualified: self._opportunity,
            told.Braked: self._brake,
            told.Standings: self._positions,
            told.Cycle: self._cycle,
            told.Market: self._market,
        }

    def write(self, event: told.Event) -> None:
        """Write one event."""
        self._writers[type(event)](event)

    def close(self) -> None:
        """Keep what the bot says of itself."""
        self._state.detail = self._detail

    # ------------------------------------------------------------------ what it does
    def _trade(self, event: told.Bought) -> None:
        self._tx.add(DipTrade(bot_id=self._bot.id, **asdict(event)))
        self._settle(event, executed=True)
        day = self._day(event)
        day.trades += 1
        if event.side is OrderSide.BUY:
            day.deployed += event.value
        verb = "bought" if event.side is OrderSide.BUY else "sold"
        text = f"{verb} {event.quantity.normalize():f} {event.symbol} at {price(event.price)}"
        self._tell("trade", event, f"{text} = {dollars(event.value)}", Severity.INFO)

    def _skip(self, event: told.Skipped) -> None:
        self._tx.add(DipSkip(bot_id=self._bot.id, **asdict(event)))
        self._settle(event, skipped_for=event.reason)
        if event.reason == told.WASH_SALE:
            self._day(event).wash_sales += 1
        self._tell("skip", event, f"left {event.symbol} alone: {event.sentence[:200]}")

    def _opportunity(self, event: told.Qualified) -> None:
        self._tx.add(DipOpportunity(bot_id=self._bot.id, executed=False, **asdict(event)))
        text = f"{event.symbol} has dipped {event.dip:.2%}, score {event.score:.2f}"
        self._tell("opportunity", event, text)

    def _settle(self, event: told.Bought | told.Skipped, **what: Any) -> None:
        """Say of the opportunity just before what became of it."""
        last = self._tx.scalar(
            select(DipOpportunity.id)
            .where(
                DipOpportunity.bot_id == self._bot.id,
                DipOpportunity.symbol == event.symbol,
                DipOpportunity.at >= event.at - SAME_DIP,
            )
            .order_by(DipOpportunity.id.desc())
            .limit(1)
        )
        if last is not None:
            self._tx.execute(update(DipOpportunity).where(DipOpportunity.id == last).values(**what))

    # ------------------------------------------------------------------ how it stands
    def _account(self, event: told.Account) -> None:
        more = {"cycle": self._detail.get("cycle"), "market": self._detail.get("market")}
        self._tx.add(DipAccount(bot_id=self._bot.id, **asdict(event), **more))
        self._watch_brake(event)
        _take_equity(self._day(event), event)
        text = f"equity {dollars(event.equity)}, margin {event.margin:.1%}"
        self._tell("account", event, text)

    def _positions(self, event: told.Standings) -> None:
        for position in event.positions:
            row = DipPosition(bot_id=self._bot.id, at=event.at, **asdict(position))
            self._tx.add(row)
        text = f"{len(event.positions)} positions"
        self._teller.tell("positions", text, told_at=event.at)

    def _cycle(self, event: told.Cycle) -> None:
        self._detail |= {"cycle": event.number, "cycle_at": event.at.isoformat()}
        self._teller.tell("cycle", f"cycle {event.number}", told_at=event.at, cycle=event.number)

    def _market(self, event: told.Market) -> None:
        if self._detail.get("market") == event.status:
            return
        self._detail |= {"market": event.status, "market_at": event.at.isoformat()}
        self._teller.tell("market", event.status, told_at=event.at, market=event.status)

    # ------------------------------------------------------------------ its brake
    def _brake(self, event: told.Braked) -> None:
        brake = self._open_brake()
        if event.margin is None:
            if brake is not None:
                self._let_go(brake, event)
        elif brake is None:
            self._begin(event, event.margin)
        else:
            brake.told_at, brake.quiet_since = event.at, None
            brake.margin = max(brake.margin, event.margin)
            self._tell("brake", event, f"the brake holds: margin at {event.margin:.1%}")

    def _begin(self, event: told.Braked, margin: Decimal) -> None:
        account = self._tx.scalar(
            select(DipAccount)
            .where(DipAccount.bot_id == self._bot.id)
            .order_by(DipAccount.id.desc())
            .limit(1)
        )
        self._tx.add(
            DipBrake(
                bot_id=self._bot.id,
                started_at=event.at,
                told_at=event.at,
                cycle=self._detail.get("cycle"),
                margin=margin,
                equity=account.equity if account else None,
            )
        )
        day = self._day(event)
        day.brakes += 1
        day.max_margin = max(day.max_margin, margin)
        self._tell("brake", event, f"the brake is on: margin at {margin:.1%}", Severity.WARNING)

    def _watch_brake(self, event: told.Account) -> None:
        """End a brake of which a whole cycle said nothing: from one account line to the next."""
        brake = self._open_brake()
        if brake is None:
            return
        if brake.quiet_since is None:
            brake.quiet_since = event.at
        else:
            self._let_go(brake, event)

    def _let_go(self, brake: DipBrake, event: told.Account | told.Braked) -> None:
        brake.ended_at = brake.quiet_since or event.at
        lasted = brake.ended_at - brake.started_at
        text = f"the brake is off after {max(lasted, timedelta(0)).total_seconds():,.0f} s"
        self._teller.tell("brake", text, Severity.INFO, told_at=event.at)

    def _open_brake(self) -> DipBrake | None:
        newest = select(DipBrake).where(DipBrake.bot_id == self._bot.id)
        brake = self._tx.scalar(newest.order_by(DipBrake.id.desc()).limit(1))
        return brake if brake is not None and brake.ended_at is None else None

    # ------------------------------------------------------------------ what all share
    def _day(self, event: told.Bought | told.Skipped | told.Account | told.Braked) -> DipDay:
        key = (self._bot.id, new_york(event.at).date())
        day = self._tx.get(DipDay, key)
        if day is None:
            zero = {"trades": 0, "brakes": 0, "wash_sales": 0}
            nothing = Decimal(0)
            day = DipDay(bot_id=key[0], day=key[1], deployed=nothing, max_margin=nothing, **zero)
            self._tx.add(day)
        return day

    def _tell(
        self,
        name: str,
        event: told.Bought | told.Account | told.Skipped | told.Qualified | told.Braked,
        text: str,
        severity: Severity = Severity.DEBUG,
    ) -> None:
        body = asdict(event)
        self._teller.tell(name, text, severity, told_at=body.pop("at"), **body)


def _take_equity(day: DipDay, event: told.Account) -> None:
    equity = event.equity
    day.starting_equity = equity if day.starting_equity is None else day.starting_equity
    day.ending_equity = equity
    day.peak_equity = max(day.peak_equity or equity, equity)
    day.trough_equity = min(day.trough_equity or equity, equity)
    day.max_margin = max(day.max_margin, event.margin)
