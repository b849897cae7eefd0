"""What may follow what in the lives of orders and signals."""

from __future__ import annotations

from collections.abc import Mapping

from models.vocabulary import OrderStatus, SignalStatus

_O = OrderStatus
_OPEN_OUTCOMES = frozenset(
    {_O.PARTIALLY_FILLED, _O.CANCELLING, _O.FILLED, _O.CANCELLED, _O.REJECTED, _O.EXPIRED}
)

NEXT_ORDER_STATUSES: Mapping[OrderStatus, frozenset[OrderStatus]] = {
    _O.INTENDED: frozenset({_O.SUBMITTING, _O.REFUSED, _O.HELD, _O.CANCELLED, _O.REJECTED}),
    # back to intended only when the broker is known never to have got it
    _O.SUBMITTING: _OPEN_OUTCOMES | {_O.WORKING, _O.HELD, _O.REFUSED, _O.INTENDED},
    _O.HELD: _OPEN_OUTCOMES | {_O.WORKING, _O.INTENDED},
    _O.WORKING: _OPEN_OUTCOMES,
    _O.PARTIALLY_FILLED: _OPEN_OUTCOMES - {_O.REJECTED},
    _O.CANCELLING: _OPEN_OUTCOMES | {_O.WORKING},  # a cancel can be refused
    # the fill beat our cancel; or it was believed lost, and is there after all
    _O.CANCELLED: frozenset({_O.PARTIALLY_FILLED, _O.FILLED, _O.WORKING}),
    _O.EXPIRED: frozenset({_O.FILLED}),
    _O.FILLED: frozenset(),
    _O.REJECTED: frozenset(),
    _O.REFUSED: frozenset({_O.WORKING}),  # believed lost, and there after all
}

LIVE_ORDER_STATUSES = frozenset(
    {_O.SUBMITTING, _O.HELD, _O.WORKING, _O.PARTIALLY_FILLED, _O.CANCELLING}
)
OPEN_ORDER_STATUSES = LIVE_ORDER_STATUSES | {_O.INTENDED}
TERMINAL_ORDER_STATUSES = frozenset(_O) - OPEN_ORDER_STATUSES


def orders_before(status: OrderStatus) -> list[OrderStatus]:
    """Return the statuses from which an order may come to this one."""
    return [old for old, following in NEXT_ORDER_STATUSES.items() if status in following]


_S = SignalStatus

NEXT_SIGNAL_STATUSES: Mapping[SignalStatus, frozenset[SignalStatus]] = {
    _S.PLANNED: frozenset({_S.SUBMITTED, _S.REFUSED, _S.CANCELLED, _S.EXPIRED}),
    _S.SUBMITTED: frozenset(
        {_S.WORKING, _S.FILLED, _S.CANCELLED, _S.REJECTED, _S.EXPIRED, _S.REFUSED}
    ),
    _S.WORKING: frozenset({_S.FILLED, _S.CANCELLED, _S.REJECTED, _S.EXPIRED}),
    _S.CANCELLED: frozenset({_S.FILLED}),
    _S.FILLED: frozenset(),
    _S.REJECTED: frozenset(),
    _S.EXPIRED: frozenset({_S.FILLED}),
    _S.REFUSED: frozenset(),
}


def signals_before(status: SignalStatus) -> list[SignalStatus]:
    """Return the statuses from which a signal may come to this one."""
    return [old for old, following in NEXT_SIGNAL_STATUSES.items() if status in following]


ACTIVE_SIGNAL_STATUSES = frozenset({_S.PLANNED, _S.SUBMITTED, _S.WORKING})
