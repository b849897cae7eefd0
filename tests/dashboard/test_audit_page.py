"""The Audit page in a real browser."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

OpenPage = Callable[..., Page]


def test_what_is_no_date_leaves_nothing_out_of_the_files(open_page: OpenPage) -> None:
    page = open_page("/audit%3Ffirst%3Dx%26last%3D2026-11-19")
    expected = "/api/v1/audit/export?format=csv&until=2026-11-20T00%3A00%3A00.000Z"
    expect(page.locator("#audit-file-csv")).to_have_attribute("href", expected)
    assert page.trouble == []  # type: ignore[attr-defined]
