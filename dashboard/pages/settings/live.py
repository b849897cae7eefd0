"""The switch that lets real money be traded: what it does, then the words and the password."""

from __future__ import annotations

from dash import Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from dashboard.auth import current_actor, demanded, get_entrance, take_proof
from dashboard.components.dialogs import NO_REASON, Dialog
from dashboard.components.panels import button, panel
from dashboard.components.toasts import say
from dashboard.wire import money_text
from engine.actions.live_switch import (
    LiveFacts,
    confirm_live,
    end_live,
    live_facts,
    propose_live,
)
from engine.actions.permissions import Actor, Permission, may
from engine.desk import Desk
from engine.errors import InvalidRequestError
from models.vocabulary import TradingMode

PANEL = "settings-live-panel"
STATE = "live-switch-state"
CHANGED = "live-switch-changed"
SEALED = "live-switch-sealed"
FACTS = "live-switch-facts"
ASK = "live-switch-ask"
END = "live-switch-end"

PROPOSING = Dialog("propose-live")
CONFIRMING = Dialog("confirm-live")
ENDING = Dialog("end-live")

ELSEWHERE = (
    "No real money is traded here: this desk is {mode}. Real money takes a live account "
    "(ALPACA_PAPER=false where the desk is started), and then a confirmation on this page, in two "
    "steps, by an admin. It ends as soon as another account is traded."
)
OFF = (
    "The desk is connected to the live account {account} ({number}), and sends no entries: "
    "nobody confirmed."
)
ON = "Real money is being traded in the account {account} ({number})."


def layout(desk: Desk, actor: Actor) -> Component:
    """Show whether real money is traded, and the way there and back."""
    is_live = desk.mode is TradingMode.LIVE
    may_start = is_live and may(actor, Permission.SWITCH_LIVE)
    may_stop = is_live and may(actor, Permission.KILL)
    return panel(
        "Real money",
        html.P(id=STATE),
        html.Div(
            [
                button(ASK, "Trade real money…", "danger", hidden=not may_start),
                button(END, "Stop trading real money…", hidden=not may_stop),
            ],
            className="form-end",
        ),
        dcc.Store(id=CHANGED),
        dcc.Store(id=SEALED),
        _first_step(),
        _second_step(),
        _way_back(),
        name="live-switch",
        id_=PANEL,
    )


def _first_step() -> Component:
    what = html.P("Nothing happens yet: the next step shows what will, and asks again.")
    return PROPOSING.layout("Trade real money?", what, does="Show what will happen")


def _second_step() -> Component:
    return CONFIRMING.layout(
        "From now on with real money",
        html.Div(id=FACTS),
        CONFIRMING.proof(),
        does="Trade real money",
        asks="Type the words above",
    )


def _way_back() -> Component:
    what = html.P("No more entries are sent. Open positions keep their stops and are flattened.")
    return ENDING.layout("Stop trading real money?", what, does="Stop")


def register_callbacks(app: Dash, desk: Desk) -> None:
    """Connect the two steps, and the way back."""
    PROPOSING.register(app, opened_by=ASK, is_kept=True)
    ENDING.register(app, opened_by=END)
    CONFIRMING.register(app)
    _register_state(app, desk)
    _register_proposal(app, desk)
    _register_confirmation(app, desk)
    _register_end(app, desk)


def facts_list(facts: LiveFacts) -> list[Component]:
    """Say what trading real money will mean."""
    risk, equity = facts.risk, facts.equity
    lines = [
        f"Orders go to the live account {facts.account} ({facts.number}), from the next scan on.",
        f"Its equity is ${money_text(equity)}." if equity else "Its equity has not been seen yet.",
        f"A trade may lose {risk.risk_per_trade:%} of it, a day {risk.daily_loss_limit:%}.",
        f"At most {risk.max_positions} positions, borrowed up to {risk.max_leverage} times.",
        "Version {} of the strategy and version {} of the risk settings.".format(*facts.versions),
    ]
    if facts.is_halted:
        lines.append("The kill switch is on, and stays on.")
    typed = html.P(["Type: ", html.Strong(facts.words, className="words")])
    return [html.Ul([html.Li(line) for line in lines]), typed]


def _register_state(app: Dash, desk: Desk) -> None:
    @app.callback(
        Output(STATE, "children"),
        Output(ASK, "disabled"),
        Output(END, "disabled"),
        Input(CHANGED, "data"),
    )
    def state(_changed: str | None) -> tuple[object, object, object]:
        demanded(desk, Permission.VIEW_SETTINGS, "live_switch")
        with desk.db.read() as tx:
            facts = live_facts(tx, desk)
        if facts.mode is not TradingMode.LIVE:
            return ELSEWHERE.format(mode=facts.mode), True, True
        sentence = (ON if facts.is_on else OFF).format(account=facts.account, number=facts.number)
        return sentence, facts.is_on, not facts.is_on


def _register_proposal(app: Dash, desk: Desk) -> None:
    @app.callback(
        Output(SEALED, "data"),
        Output(FACTS, "children"),
        Output(PROPOSING.box, "is_open", allow_duplicate=True),
        Output(CONFIRMING.box, "is_open", allow_duplicate=True),
        Input(PROPOSING.confirm, "n_clicks"),
        State(PROPOSING.reason, "value"),
        prevent_initial_call=True,
    )
    def propose(clicks: int | None, reason: str | None) -> list[object]:
        if not clicks:
            return [no_update] * 4
        vault = get_entrance().vault
        proposal = propose_live(desk, vault, current_actor(), reason or NO_REASON)
        return [proposal.sealed, facts_list(proposal.facts), False, True]


def _register_confirmation(app: Dash, desk: Desk) -> None:
    @app.callback(
        Output(CONFIRMING.box, "is_open", allow_duplicate=True),
        Output(CHANGED, "data"),
        Input(CONFIRMING.confirm, "n_clicks"),
        *(State(field, "value") for field in CONFIRMING.fields),
        State(SEALED, "data"),
        State(PROPOSING.reason, "value"),
        prevent_initial_call=True,
    )
    def confirm(clicks: int | None, *said: str | None) -> tuple[object, object]:
        if not clicks:
            return no_update, no_update
        actor = demanded(desk, Permission.SWITCH_LIVE, "confirm_live")
        words, password, code, sealed, reason = (each or "" for each in said)
        if not sealed:
            raise InvalidRequestError("begin with the first step")
        take_proof(desk, password, code)
        vault = get_entrance().vault
        confirm_live(desk, vault, actor, sealed, words, reason or NO_REASON)
        say("Real money is being traded from now on.")
        return False, "on"


def _register_end(app: Dash, desk: Desk) -> None:
    @app.callback(
        Output(ENDING.box, "is_open", allow_duplicate=True),
        Output(CHANGED, "data", allow_duplicate=True),
        Input(ENDING.confirm, "n_clicks"),
        State(ENDING.reason, "value"),
        prevent_initial_call=True,
    )
    def end(clicks: int | None, reason: str | None) -> tuple[object, object]:
        if not clicks:
            return no_update, no_update
        end_live(desk, current_actor(), reason or NO_REASON)
        say("No more entries are sent with real money.")
        return False, "off"
