"""Some days of chaos, and every day that ever went wrong."""

from __future__ import annotations

import pytest

from tests.alpaca.chaos_day import play_day

SAMPLE = range(1, 11)
WENT_WRONG = (49,)  # 6: no prices, no stop; 49: a stuck cancel before a stop


@pytest.mark.parametrize("seed", [*SAMPLE, *WENT_WRONG])
def test_a_day_of_chaos_leaves_nothing_wrong(seed: int) -> None:
    assert play_day(seed).wrong == []
