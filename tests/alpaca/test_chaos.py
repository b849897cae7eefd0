"""Some days of chaos, and every day that ever went wrong."""

from __future__ import annotations

import pytest

from tests.alpaca.chaos_day import play_day

SAMPLE = range(1, 11)
WENT_WRONG = (
    49,  # a stuck cancel before a stop
    101,  # an unanswered stop was looked up too late; a second one beside one that waited
    102,  # a grouped stop was asked for while another still held the shares
    104,  # a partial entry whose rest was cancelled slowly
    111,  # the same, without an attached stop
    127,  # a stuck cancel that was confirmed between two looks
    141,  # a grouped stop that the exchange rejected while the entry was still being cancelled
    170,  # a closing order that was filled bit by bit to the bell
    238,  # a price beyond its stop while that was not acknowledged yet
    313,  # the stop attached to a partial entry whose cancel was stuck, which held nothing
    343,  # an exit that was refused while a cancel was stuck, and waited longer than it
    351,  # a partial entry whose price was beyond its stop at once
)


@pytest.mark.parametrize("seed", [*SAMPLE, *WENT_WRONG])
def test_a_day_of_chaos_leaves_nothing_wrong(seed: int) -> None:
    assert play_day(seed).wrong == []
