"""The Scanner page's tables: candidates, universe and findings, page by page from the server."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update

from dashboard.components import ids
from dashboard.components.figures import clock, day
from dashboard.components.filters import ANY, choice, day_field, filter_bar, search_field
from dashboard.components.grids import Column, number_column, row_details, text_column
from dashboard.components.paging import paged_grid, rows_wanted
from dashboard.components.panels import panel
from dashboard.queries.scanner import newest_scan, newest_universe
from dashboard.queries.scanner_lists import (
    PASSED,
    CandidateLine,
    FindingFilter,
    Part,
    UniverseFilter,
    UniverseLine,
    candidate_lines,
    count_candidates,
    count_findings,
    count_universe,
    finding_lines,
    least,
    universe_lines,
)
from dashboard.queries.signals import scanned_at
from dashboard.wire import plain
from dashboard.wording import BASES, FILTERS, FINDINGS, sentences
from engine.desk import Desk

SESSION = "scanner-session"
LEFT = "scanner-left"
SYMBOL = "scanner-symbol"
FAILS = "scanner-fails"
SHORT = "scanner-short"
PRICE = "scanner-price"
VOLUME = "scanner-volume"
ATR = "scanner-atr"
FOUND = "scanner-found"
ABOUT = "scanner-about"
FROM = "scanner-from"

CANDIDATES = "scanner-candidates"
UNIVERSE = "scanner-universe"
FINDING_ROWS = "scanner-findings"
NARROWED = "scanner-narrowed"

OF_CANDIDATES = {"session": SESSION, "left": LEFT}
OF_UNIVERSE = {
    "session": SESSION,
    "symbol": SYMBOL,
    "fails": FAILS,
    "short": SHORT,
    "price": PRICE,
    "volume": VOLUME,
    "atr": ATR,
}
OF_FINDINGS = {"found": FOUND, "about": ABOUT, "from": FROM}
FIELDS = {**OF_CANDIDATES, **OF_UNIVERSE, **OF_FINDINGS}  # by their names in the address
BEFORE_OPEN = ("price", "volume", "atr", "history", "tradable")

Words = Mapping[str, str | None]
Answer = tuple[object, object, object]
NOTHING: Answer = (no_update, no_update, no_update)


# ------------------------------------------------------------------------------ what is shown
def candidates_panel(said: Mapping[str, str]) -> html.Section:
    """Show the opening ranges of a session, the ranked ones first."""
    filters = filter_bar(
        day_field(SESSION, "Session", said["session"]),
        choice(LEFT, "Outcome", {PASSED: "", **FILTERS}, said["left"], "All looked at"),
        of="candidates",
    )
    return _panel("Candidates", CANDIDATES, filters, candidate_columns())


def universe_panel(said: Mapping[str, str]) -> html.Section:
    """Show every symbol that has numbers."""
    filters = filter_bar(
        search_field(SYMBOL, "Symbol", said["symbol"], "All symbols"),
        choice(FAILS, "Fails", (PASSED, *BEFORE_OPEN), said["fails"], "Any or none"),
        choice(SHORT, "Shortable", ("yes", "no"), said["short"], "Either"),
        search_field(PRICE, "Price from", said["price"], "$"),
        search_field(VOLUME, "Volume from", said["volume"], "shares"),
        search_field(ATR, "ATR from", said["atr"], "$"),
        of="universe",
    )
    return _panel("Universe", UNIVERSE, filters, universe_columns())


def findings_panel(said: Mapping[str, str]) -> html.Div:
    """Show everything that was found in the data."""
    filters = filter_bar(
        choice(FOUND, "Finding", FINDINGS, said["found"], "All findings"),
        search_field(ABOUT, "Symbol", said["about"], "All symbols"),
        day_field(FROM, "Session", said["from"]),
        of="findings",
    )
    return html.Div(_panel("Findings", FINDING_ROWS, filters, finding_columns()), id="findings")


def _panel(title: str, grid: str, filters: html.Div, columns: list[Column]) -> html.Section:
    # told, not guessed from the rows: until they came there would be no header
    columns = [{**column, "cellDataType": False} for column in columns]
    return panel(
        title,
        filters,
        html.Div(paged_grid(grid, columns), className="rows-box"),
        row_details(grid),
        html.P(id=f"{grid}-empty", className="empty"),
        aside=html.Span(id=f"{grid}-count"),
        name=title.lower(),
    )


def candidate_columns() -> list[Column]:
    """Return the columns of the opening ranges."""
    return [
        number_column("rank", "#", "count", width=58),
        _symbol_column(pinned="left"),
        text_column("direction", "Dir.", width=86, cellRenderer="DirectionMark"),
        number_column("rvol", "RVOL", "times", width=88, tooltipField="basis"),
        text_column("signal", "Signal", width=100, cellRenderer="StatusMark", sortable=False),
        _failed_column("Why not"),
        number_column("entry_level", "Entry level", width=108),
        number_column("stop_distance", "Stop dist.", width=98),
        number_column("atr14", "ATR 14", width=88),
        number_column("open", "OR open", width=94),
        number_column("high", "OR high", width=94),
        number_column("low", "OR low", width=94),
        number_column("close", "OR close", width=94),
        number_column("volume", "OR volume", "count", width=110),
    ]


def universe_columns() -> list[Column]:
    """Return the columns of the universe."""
    return [
        _symbol_column(pinned="left"),
        text_column("name", "Name", width=190, tooltipField="name"),
        text_column("exchange", "Exchange", width=96, cellClass="code"),
        number_column("last_close", "Close", width=94),
        number_column("avg_volume14", "Avg vol. 14", "count", width=118),
        number_column("atr14", "ATR 14", width=88),
        number_column("mean_opening_volume14", "Mean OR vol.", "count", width=120),
        text_column("tradable", "Tradable", width=94),
        text_column("shortable", "Shortable", width=98),
        _failed_column("Fails"),
    ]


def finding_columns() -> list[Column]:
    """Return the columns of the findings."""
    return [
        text_column("session", "Session", width=104),
        text_column("code", "Finding", width=128, cellClass="code", tooltipField="meaning"),
        _symbol_column(),
        text_column("text", "What", width=620, tooltipField="text", sortable=False),
        text_column("source", "Source", width=96, cellClass="code"),
        text_column(
            "found_at",
            "Found",
            width=112,
            cellClass="time",
            valueFormatter={"function": "moment(params.value)"},
        ),
    ]


def _symbol_column(**more: Any) -> Column:
    return text_column("symbol", "Symbol", width=96, cellRenderer="SymbolLink", **more)


def _failed_column(header: str) -> Column:
    return text_column("failed", header, flex=1, minWidth=150, tooltipField="why", cellClass="code")


# ------------------------------------------------------------------------------ what is asked
def register_callbacks(app: Dash, desk: Desk) -> None:
    """Answer each table, and have it ask again when a filter of its own changes."""
    app.clientside_callback(
        ClientsideFunction("scanner", "narrow"),
        Output(NARROWED, "data"),
        *(Input(field, "value") for field in FIELDS.values()),
    )
    app.clientside_callback(
        ClientsideFunction("scanner", "empty"),
        *(Output(f"{grid}-empty", "title") for grid in (CANDIDATES, UNIVERSE, FINDING_ROWS)),
        Input(ids.SECOND, "n_intervals"),
    )
    for grid, fields, answer in (
        (CANDIDATES, OF_CANDIDATES, _candidates),
        (UNIVERSE, OF_UNIVERSE, _universe),
        (FINDING_ROWS, OF_FINDINGS, _findings),
    ):
        _register(app, desk, grid, fields, answer)


def _register(app: Dash, desk: Desk, grid: str, fields: Mapping[str, str], answer: Any) -> None:
    @app.callback(
        Output(grid, "getRowsResponse"),
        Output(f"{grid}-count", "children"),
        Output(f"{grid}-empty", "children"),
        Input(grid, "getRowsRequest"),
        *(State(field, "value") for field in fields.values()),
        prevent_initial_call=True,
    )
    def rows(request: dict[str, Any], *said: str | None) -> Answer:
        words = {
            name: None if word == ANY else word for name, word in zip(fields, said, strict=True)
        }
        wanted = rows_wanted(request)
        found: Answer = answer(desk, words, Part(wanted.sort, wanted.offset, wanted.limit))
        return found


def _candidates(desk: Desk, words: Words, part: Part) -> Answer:
    with desk.db.read() as tx:
        session = session_of(words.get("session")) or newest_scan(tx)
        if session is None:
            return {"rowData": [], "rowCount": 0}, "", "Nothing has been scanned yet."
        code = words.get("left") or ""
        count = count_candidates(tx, session, code)
        found = candidate_lines(tx, desk.account, session, code, part)
        at = scanned_at(tx, session)
    answer = {"rowData": [_candidate(line) for line in found], "rowCount": count}
    feed = f", feed {found[0].range.feed}" if found else ""
    aside = f"{count:,} of {day(session)}, scanned {clock(at)}{feed}" if at else ""
    if at is None:
        return answer, aside, f"{day(session)} was not scanned."
    return answer, aside, "" if count else "No opening range ended like this."


def _universe(desk: Desk, words: Words, part: Part) -> Answer:
    wanted = UniverseFilter(
        symbol=(words.get("symbol") or "").strip().upper(),
        code=words.get("fails") or "",
        shortable={"yes": True, "no": False}.get(words.get("short") or ""),
        price=least(words.get("price")),
        volume=least(words.get("volume")),
        atr=least(words.get("atr")),
    )
    with desk.db.read() as tx:
        session = session_of(words.get("session")) or newest_universe(tx)
        if session is None:
            return {"rowData": [], "rowCount": 0}, "", "No numbers yet: sync, and wait for the day."
        count = count_universe(tx, session, wanted)
        found = universe_lines(tx, session, wanted, part)
    rows = [_universe_row(line) for line in found]
    aside = f"{count:,} symbols, numbers for {day(session)}" if count else ""
    return (
        {"rowData": rows, "rowCount": count},
        aside,
        "" if count else f"No symbol is like this in the numbers for {day(session)}.",
    )


def _findings(desk: Desk, words: Words, part: Part) -> Answer:
    wanted = FindingFilter(
        code=words.get("found") or "",
        symbol=(words.get("about") or "").strip().upper(),
        session=session_of(words.get("from")),
    )
    with desk.db.read() as tx:
        count = count_findings(tx, wanted)
        found = finding_lines(tx, wanted, part)
    rows = [
        {
            **plain(line),
            "id": f"{line.session}-{line.code}-{line.symbol}",
            "meaning": FINDINGS.get(line.code, ""),
        }
        for line in found
    ]
    empty = "Nothing was found." if wanted == FindingFilter() else "No finding is like this."
    noun = "finding" if count == 1 else "findings"
    return (
        {"rowData": rows, "rowCount": count},
        f"{count:,} {noun}" if count else "",
        "" if count else empty,
    )


def _candidate(line: CandidateLine) -> dict[str, Any]:
    record: dict[str, Any] = plain(line.range)
    basis = line.range.rvol_basis
    record |= {
        "id": line.range.symbol,
        "basis": BASES[basis] if basis else "No history to compare with",
        "signal": line.signal,
        **_codes(line.range.failed),
    }
    if line.sentence:
        record |= {"failed": line.code, "why": line.sentence}
    return record


def _universe_row(line: UniverseLine) -> dict[str, Any]:
    flags = {name: "yes" if getattr(line, name) else "no" for name in ("tradable", "shortable")}
    return {**plain(line), **flags, "id": line.symbol, **_codes(line.failed)}


def _codes(failed: Any) -> dict[str, str]:
    return {"failed": ", ".join(failed), "why": sentences(failed)}


def session_of(text: str | None) -> date | None:
    """Read a day from the address or a field; what is none leaves it to the newest."""
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def stores() -> list[dcc.Store]:
    """Return what the callbacks of the tables need on the page."""
    return [dcc.Store(id=NARROWED)]
