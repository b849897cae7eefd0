"""The same order always has the same name."""

from datetime import date

import pytest

from engine.rules.identity import client_order_id, is_ours
from models.vocabulary import OrderPurpose

DAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("purpose", "attempt", "expected"),
    [
        (OrderPurpose.ENTRY, 1, "orb-20261120-AAPL-entry-1"),
        (OrderPurpose.STOP, 2, "orb-20261120-AAPL-stop-2"),
        (OrderPurpose.EXIT, 1, "orb-20261120-AAPL-exit-1"),
    ],
)
def test_an_id_names_session_symbol_purpose_and_attempt(
    purpose: OrderPurpose, attempt: int, expected: str
) -> None:
    assert client_order_id(DAY, "AAPL", purpose, attempt) == expected


def test_our_own_ids_are_known_and_others_are_not() -> None:
    ours = client_order_id(DAY, "BRK.B", OrderPurpose.ENTRY, 1)
    assert [is_ours(i) for i in (ours, "web-1", "orbit-7", "")] == [True, False, False, False]
