"""One line of Big Dipper's log: every tag is understood, and nothing odd is fatal."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.monitors import dip_lines as told
from engine.monitors.dip_lines import Odd, read_line
from models.vocabulary import OrderSide

D = Decimal
AT = datetime(2025, 10, 17, 14, 31, 2, tzinfo=UTC)
EARLIER = datetime(2025, 10, 17, 14, 30, tzinfo=UTC)
STAMP = "2025-10-17 14:31:02"


def read(text: str, zone: str = "UTC") -> object:
    return read_line(text.encode(), ZoneInfo(zone), EARLIER)


@pytest.mark.parametrize(
    ("line", "event"),
    [
        (
            "[TRADE] BUY MSFT 10 @ $483.08 = $4830.80",
            told.Bought(AT, "MSFT", OrderSide.BUY, D(10), D("483.08"), D("4830.8"), None),
        ),
        (
            "[TRADE] BUY BRK.B 0.5 @ $483.08 = $4,830.80 order_id=ab-12",
            told.Bought(AT, "BRK.B", OrderSide.BUY, D("0.5"), D("483.08"), D("4830.8"), "ab-12"),
        ),
        (
            "[ACCOUNT] equity=$35000.00 cash=$-2500.50 margin=15.5% pl=$+342.10 pl_pct=-0.98%",
            told.Account(AT, D(35000), D("-2500.5"), D("0.155"), D("342.1"), D("-0.0098")),
        ),
        (
            "[SKIP] TER -13.44% wash sale conflict",
            told.Skipped(AT, "TER", "wash_sale", "-13.44% wash sale conflict", D("-0.1344")),
        ),
        (
            "[SKIP] FIGR: not fractionable",
            told.Skipped(AT, "FIGR", "not_fractionable", "not fractionable", None),
        ),
        (
            "[OPPORTUNITY] TER -13.44% @ $100.10 score=1.85x",
            told.Qualified(AT, "TER", D("-0.1344"), D("100.1"), D("1.85")),
        ),
        ("[BRAKE] EMERGENCY Margin at 16.2%, no buys", told.Braked(AT, D("0.162"))),
        ("[BRAKE] released", told.Braked(AT, None)),
        (
            "Winners: MSFT +14.2%, META: $5,132 (+0.28%)",
            told.Standings(
                AT,
                [
                    told.Standing("MSFT", D("0.142"), None),
                    told.Standing("META", D("0.0028"), D(5132)),
                ],
            ),
        ),
        ("Losers: KTOS -7.6%", told.Standings(AT, [told.Standing("KTOS", D("-0.076"), None)])),
        ("=== Cycle #412 ===", told.Cycle(AT, 412)),
        ("Session: Pre-Market", told.Market(AT, "Pre-Market")),
        ("Market closed", told.Market(AT, "Market closed")),
    ],
)
@pytest.mark.parametrize("stamp", ["{} ", "{},000 - bot - INFO - ", "[{}] ", "{}Z INFO "])
def test_every_tag_is_understood(line: str, event: object, stamp: str) -> None:
    assert read(stamp.format(STAMP) + line) == event


@pytest.mark.parametrize(
    "line",
    [
        "[TRADE] BUY MSFT ten @ $483.08 = $4830.80",
        "[TRADE] BUY MSFT 10 @ $483.08",
        "[ACCOUNT] equity=",
        "[SKIP]",
        "[OPPORTUNITY] TER -13.44% @ $100.10",
        "[BRAKE] on",
        "[TRADE] BUY MSFT 99999999999999 @ $1 = $1",
        "2025-13-41 14:31:02 [BRAKE] Margin at 16%",
        "[SKIP] TER \x00\x01",
        "[SKIP] TER " + "x" * 5000,
        "[TRADE] BUY MSFT " + "1" * 4000,
    ],
)
def test_what_has_a_tag_and_cannot_be_read_is_odd(line: str) -> None:
    assert isinstance(read(line), Odd)


def test_bytes_that_are_no_text_are_odd() -> None:
    odd = read_line(b"\xff\xfe[TRADE]", ZoneInfo("UTC"), EARLIER)
    assert isinstance(odd, Odd)
    assert odd.reason == "it is not text"


@pytest.mark.parametrize("line", ["", "INFO starting up", "[INFO] checking 42 symbols", "[x]"])
def test_mere_talk_is_nothing(line: str) -> None:
    assert read(line) is None


def test_a_time_without_a_zone_is_of_the_bots_own() -> None:
    assert read("2025-10-17 10:31:02 Cycle #1", "America/New_York") == told.Cycle(AT, 1)


def test_a_line_without_a_time_is_of_the_line_before() -> None:
    assert read("Cycle #1") == told.Cycle(EARLIER, 1)


@given(st.binary(max_size=200))
def test_no_bytes_are_fatal(raw: bytes) -> None:
    read_line(raw, ZoneInfo("UTC"), EARLIER)


@given(st.sampled_from(["TRADE", "ACCOUNT", "SKIP", "OPPORTUNITY", "BRAKE"]), st.text())
def test_no_text_behind_a_tag_is_fatal(tag: str, rest: str) -> None:
    assert read(f"[{tag}] {rest}") is not None or "\n" in rest or "\r" in rest
