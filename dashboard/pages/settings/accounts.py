"""The accounts that are stored, which of them is traded, and the switch to another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from dashboard.auth import current_actor, demanded, get_entrance, take_proof
from dashboard.components import ids
from dashboard.components.dialogs import NO_REASON, Dialog, choice_field, text_field
from dashboard.components.figures import clock, day, dollars
from dashboard.components.panels import NOTHING_YET, button, panel
from dashboard.components.tables import plain_table
from dashboard.components.toasts import say
from dashboard.queries.accounts import AccountLine, account_lines, last_switch
from engine.actions.account_switch import SwitchFacts, confirm_switch, propose_switch
from engine.actions.permissions import Actor, Permission, may
from engine.actions.two_steps import Confirmation
from engine.desk import Desk
from engine.errors import InvalidRequestError
from engine.market_hours import new_york
from models.control import Command
from models.vocabulary import TradingMode

PANEL = "settings-accounts-panel"
LIST = "accounts-list"
ASKED = "accounts-asked"
CHANGED = "accounts-changed"
DUE = "accounts-due"
SEALED = "accounts-sealed"
FACTS = "accounts-facts"
SWITCH = "accounts-switch"
WHICH = "accounts-which"
WORDS = "accounts-words"
TYPING = "accounts-typing"

PROPOSING = Dialog("propose-account")
CONFIRMING = Dialog("confirm-account")
TITLES = ("Account", "Money", "Number", "Equity", "Last seen (New York)", "")

ONE = "This market is simulated: it has one account, and no money moves."
NONE_YET = "No account has been seen yet: the engine looks within its first seconds."
NO_OTHER = (
    "Another account is stored by its keys, beside the first pair where the desk is started: "
    "ALPACA_API_KEY_NAME and ALPACA_SECRET_KEY_NAME."
)


def layout(desk: Desk, actor: Actor) -> Component:
    """Show the list, empty, and to whoever may the way to another account."""
    may_switch = desk.accounts is not None and may(actor, Permission.SWITCH_ACCOUNT)
    return panel(
        "Accounts",
        html.Div(id=LIST),
        html.P(id=ASKED, role="status"),
        html.Div(
            button(SWITCH, "Trade another account…", "danger", disabled=True),
            className="form-end",
            hidden=not may_switch,
        ),
        dcc.Store(id=CHANGED),
        dcc.Store(id=DUE),
        dcc.Store(id=SEALED),
        _first_step(),
        _second_step(),
        name="accounts",
        id_=PANEL,
    )


def _first_step() -> Component:
    what = html.P("Nothing happens yet: the next step shows what will change, and asks again.")
    which = choice_field(WHICH, "Account", {})
    title, does = "Trade another account?", "Show what will change"
    return PROPOSING.layout(title, what, which, does=does)


def _second_step() -> Component:
    typing = html.Div(text_field(WORDS, "Type the words above", maxLength=200), id=TYPING)
    return CONFIRMING.layout(
        "From now on with another account",
        html.Div(id=FACTS),
        typing,
        CONFIRMING.proof(),
        does="Switch",
        asks=None,
    )


def register_callbacks(app: Dash, desk: Desk) -> None:
    """Connect the list and the two steps."""
    PROPOSING.register(app, opened_by=SWITCH, is_kept=True)
    CONFIRMING.register(app)
    _register_list(app, desk)
    _register_proposal(app, desk)
    _register_confirmation(app, desk)


def row(line: AccountLine) -> tuple[Any, ...]:
    """Return an account as a row of the table."""
    return (
        html.Strong(line.account),
        mode_chip(line.mode),
        line.number or NOTHING_YET,
        dollars(line.equity),
        f"{day(new_york(line.seen_at).date())} {clock(line.seen_at)}" if line.seen_at else "never",
        _state(line),
    )


def mode_chip(mode: TradingMode) -> html.Span:
    """Show whose money an account is, in the form that the mode has everywhere."""
    return html.Span(mode.capitalize(), className=f"account-mode {mode}")


def facts_list(facts: SwitchFacts) -> list[Component]:
    """Say what trading the other account will change."""
    leaves, takes = facts.leaves, facts.takes
    lines = [
        f"Orders go to {takes.account}, from the next scan on, and no more to {leaves.account}.",
        f"Its equity was {dollars(takes.equity)} at {clock(takes.seen_at)}.",
        "Every page shows its own positions, trades and days; the other books stay as they are.",
        "The desk begins anew, which takes some seconds.",
    ]
    if takes.mode is TradingMode.LIVE:
        lines.append("It is REAL MONEY. No entry is sent before that is confirmed as well, below.")
    if facts.ends_live:
        lines.append("That real money is traded ends with this, and has to be confirmed anew.")
    if facts.left_alone:
        lines.append(f"{facts.left_alone} of somebody else's stay in {leaves.account}, unwatched.")
    if facts.is_halted:
        lines.append("The kill switch is on, and stays on.")
    pairs = [("Now", leaves), ("Then", takes)]
    table = plain_table(
        ("", "Account", "Money", "Number"),
        [(when, html.Strong(a.account), mode_chip(a.mode), a.number) for when, a in pairs],
    )
    return [table, html.Ul([html.Li(line) for line in lines]), *_words(facts)]


def _words(facts: SwitchFacts) -> list[Component]:
    if facts.words is None:
        return []
    return [html.P(["Type: ", html.Strong(facts.words, className="words")])]


def _state(line: AccountLine) -> Any:
    if line.is_traded:
        return html.Strong("traded", className="traded")
    if not line.has_keys:
        return "no keys"
    return html.Span(line.trouble, className="rises") if line.trouble else "stored"


def _said(asked: Command | None) -> str:
    """Say how far the last switch is; one that has come to pass is seen by itself."""
    if asked is None or asked.finished_at is None:
        about = f"{asked.actor} asked for {asked.body['account']}" if asked else ""
        return f"{about}: the engine is at it." if asked else ""
    return f"{asked.actor} asked for {asked.body['account']}, {asked.status}: {asked.answer}"


def _options(lines: Sequence[AccountLine]) -> list[dict[str, str]]:
    return [
        {"value": line.account, "label": f"{line.account}, {line.mode}, {line.number or 'unseen'}"}
        for line in lines
        if not line.is_traded and line.has_keys
    ]


def _register_list(app: Dash, desk: Desk) -> None:
    app.clientside_callback(
        ClientsideFunction("accounts", "due"),
        Output(DUE, "data"),
        Input(ids.SECOND, "n_intervals"),
        State(DUE, "data"),
    )

    @app.callback(
        Output(LIST, "children"),
        Output(ASKED, "children"),
        Output(WHICH, "options"),
        Output(WHICH, "value"),
        Output(SWITCH, "disabled"),
        Input(CHANGED, "data"),
        Input(ids.LINKED, "data"),
        Input(ids.PAUSE_STATE, "data"),  # rises with every step of a command as well
        Input(DUE, "data"),
        State(WHICH, "value"),
    )
    def show(*said: object) -> list[object]:
        demanded(desk, Permission.VIEW_SETTINGS, "accounts")
        if desk.accounts is None:
            return [html.P(ONE, className="empty"), "", [], None, True]
        with desk.db.read() as tx:
            lines, asked = account_lines(tx, desk), last_switch(tx)
        options = _options(lines)
        names = [option["value"] for option in options]
        # What is chosen stays: the answer may come after another choice.
        chosen = no_update if said[-1] in names else next(iter(names), None)
        return [_table(lines), _said(asked), options, chosen, not options]


def _table(lines: Sequence[AccountLine]) -> list[Component]:
    if not lines:
        return [html.P(NONE_YET, className="empty")]
    note = [html.P(NO_OTHER, className="empty")] if len(lines) == 1 else []
    return [plain_table(TITLES, [row(line) for line in lines]), *note]


def _register_proposal(app: Dash, desk: Desk) -> None:
    @app.callback(
        Output(SEALED, "data"),
        Output(FACTS, "children"),
        Output(TYPING, "hidden"),
        Output(PROPOSING.box, "is_open", allow_duplicate=True),
        Output(CONFIRMING.box, "is_open", allow_duplicate=True),
        Input(PROPOSING.confirm, "n_clicks"),
        State(WHICH, "value"),
        State(PROPOSING.reason, "value"),
        prevent_initial_call=True,
    )
    def propose(clicks: int | None, which: str | None, reason: str | None) -> list[object]:
        if not clicks:
            return [no_update] * 5
        vault = get_entrance().vault
        made = propose_switch(desk, vault, current_actor(), which or "", reason or NO_REASON)
        return [made.sealed, facts_list(made.facts), made.facts.words is None, False, True]


def _register_confirmation(app: Dash, desk: Desk) -> None:
    typed = (WORDS, CONFIRMING.password, CONFIRMING.code)

    @app.callback(
        Output(CONFIRMING.box, "is_open", allow_duplicate=True),
        Output(CHANGED, "data"),
        Input(CONFIRMING.confirm, "n_clicks"),
        *(State(field, "value") for field in typed),
        State(SEALED, "data"),
        State(WHICH, "value"),
        State(PROPOSING.reason, "value"),
        prevent_initial_call=True,
    )
    def confirm(clicks: int | None, *said: str | None) -> tuple[object, object]:
        if not clicks:
            return no_update, no_update
        actor = demanded(desk, Permission.SWITCH_ACCOUNT, "switch_account")
        words, password, code, sealed, which, reason = (each or "" for each in said)
        if not sealed:
            raise InvalidRequestError("begin with the first step")
        take_proof(desk, password, code)
        confirmation = Confirmation(sealed, words)
        vault = get_entrance().vault
        confirm_switch(desk, vault, actor, which, confirmation, reason or NO_REASON)
        say(f"The engine is asked to trade {which}.")
        return False, f"asked {clicks}"
