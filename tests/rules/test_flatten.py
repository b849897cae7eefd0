"""When everything is closed."""

from datetime import UTC, datetime, timedelta

import pytest

from engine.rules.flatten import is_time_to_flatten

FLATTEN_AT = datetime(2026, 11, 20, 20, 55, tzinfo=UTC)


@pytest.mark.parametrize(("seconds", "due"), [(-1, False), (0, True), (3600, True), (90_000, True)])
def test_positions_are_closed_from_the_moment_on_and_past_the_bell(
    seconds: int,
    due: bool,  # noqa: FBT001
) -> None:
    assert is_time_to_flatten(FLATTEN_AT + timedelta(seconds=seconds), FLATTEN_AT) is due
