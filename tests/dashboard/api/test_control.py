"""Programs that steer: roles, once-only requests, limits, and what the audit says of them."""

import pytest
from sqlalchemy import select

from dashboard.limits import LIMITS
from engine.actions.deeds import MOST_STEERING
from engine.desk import Desk
from models.control import Command, TradingState
from models.journal import AuditRow
from models.vocabulary import Control, Outcome, Role, Way
from tests.dashboard import builders, desks
from tests.dashboard.api.conftest import Program, prove

BECAUSE = {"reason": "a test"}
ONCE = {"Idempotency-Key": "order-66"}


def state(desk: Desk, scope: str = "all") -> Control:
    with desk.db.read() as tx:
        return tx.get_one(TradingState, scope).state


def commands(desk: Desk) -> int:
    with desk.db.read() as tx:
        return len(tx.scalars(select(Command)).all())


def audited(desk: Desk) -> list[AuditRow]:
    with desk.db.read() as tx:
        chosen = select(AuditRow).where(AuditRow.way == Way.API).order_by(AuditRow.seq)
        return list(tx.scalars(chosen))


def test_the_kill_switch_is_thrown_and_its_command_can_be_followed(
    desk: Desk, operator: Program
) -> None:
    thrown = operator.post("/control/kill-switch", BECAUSE)
    assert thrown.status_code == 202
    assert (state(desk), thrown.json["kind"]) == (Control.HALTED, "kill")  # type: ignore[index]


def test_an_operator_pauses_entries_but_not_everything(operator: Program) -> None:
    assert operator.post("/control/pause", {**BECAUSE, "scope": "entry"}).status_code == 200
    assert operator.post("/control/pause", {**BECAUSE, "scope": "all"}).status_code == 403


def test_only_an_admin_lifts_the_kill_switch(desk: Desk, operator: Program, anna: Program) -> None:
    operator.post("/control/kill-switch", BECAUSE)
    assert operator.delete("/control/kill-switch", json=BECAUSE).status_code == 403
    prove(anna)
    assert anna.delete("/control/kill-switch", json=BECAUSE).status_code == 200
    assert state(desk) is Control.ACTIVE


def test_a_session_alone_lifts_no_kill_switch(desk: Desk, operator: Program, anna: Program) -> None:
    operator.post("/control/kill-switch", BECAUSE)
    refused = anna.delete("/control/kill-switch", json=BECAUSE)
    assert (refused.status_code, state(desk)) == (403, Control.HALTED)
    assert "needs your password" in refused.text


def test_a_key_can_stop_the_desk_and_not_start_it_again(desk: Desk, admin: Program) -> None:
    admin.post("/control/kill-switch", BECAUSE)
    assert admin.post("/auth/prove", {"password": desks.PASSWORD}).status_code == 403
    assert admin.delete("/control/kill-switch", json=BECAUSE).status_code == 403
    assert state(desk) is Control.HALTED


def test_a_position_is_closed_once_it_is_known(desk: Desk, operator: Program) -> None:
    trade = builders.add_position(desk)
    asked = operator.post("/control/close", {**BECAUSE, "position_id": trade.id})
    assert asked.status_code == 202
    missing = operator.post("/control/close", {**BECAUSE, "position_id": 99})
    assert (missing.status_code, missing.mimetype) == (409, "application/problem+json")


@pytest.mark.parametrize("wrong", [True, "1", 0, 1.5, None, 2**70])
def test_a_position_has_a_number(operator: Program, wrong: object) -> None:
    asked = operator.post("/control/close", {**BECAUSE, "position_id": wrong})
    assert asked.status_code in {409, 422}  # text that is a number is taken for one


# ------------------------------------------------------------------------------ once only
def test_a_repeated_request_is_done_once(desk: Desk, operator: Program) -> None:
    first = operator.post("/control/kill-switch", BECAUSE, headers=ONCE)
    second = operator.post("/control/kill-switch", BECAUSE, headers=ONCE)
    assert commands(desk) == 1
    assert second.json == first.json
    assert (second.status_code, second.headers["Idempotency-Replayed"]) == (202, "true")


def test_a_key_belongs_to_one_request(operator: Program) -> None:
    operator.post("/control/kill-switch", BECAUSE, headers=ONCE)
    other = operator.post("/control/kill-switch", {"reason": "another"}, headers=ONCE)
    assert other.status_code == 422


def test_a_key_belongs_to_one_caller(desk: Desk, operator: Program, admin: Program) -> None:
    operator.post("/control/kill-switch", BECAUSE, headers=ONCE)
    admin.post("/control/kill-switch", BECAUSE, headers=ONCE)
    assert commands(desk) == 2


def test_what_was_refused_may_be_tried_again_with_its_key(desk: Desk, operator: Program) -> None:
    assert operator.post("/control/close", {**BECAUSE, "position_id": 1}, headers=ONCE).status_code
    builders.add_position(desk)
    again = operator.post("/control/close", {**BECAUSE, "position_id": 1}, headers=ONCE)
    assert again.status_code == 202


def test_a_key_that_is_too_long_is_refused(operator: Program) -> None:
    long = {"Idempotency-Key": "x" * 129}
    assert operator.post("/control/kill-switch", BECAUSE, headers=long).status_code == 400


# ------------------------------------------------------------------------------ limits
def test_steering_is_limited_and_the_refusal_is_audited(desk: Desk, operator: Program) -> None:
    for _ in range(MOST_STEERING):
        operator.post("/control/pause", BECAUSE)
    refused = operator.post("/control/pause", BECAUSE)
    assert (refused.status_code, refused.mimetype) == (429, "application/problem+json")
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert audited(desk)[-1].outcome is Outcome.REFUSED


def test_whoever_steered_too_often_can_still_stop_the_desk(operator: Program) -> None:
    for _ in range(MOST_STEERING):
        operator.post("/control/pause", BECAUSE)
    assert operator.post("/control/kill-switch", BECAUSE).status_code == 202


def test_requests_are_limited_by_role(viewer: Program, operator: Program) -> None:
    for _ in range(LIMITS[Role.VIEWER]):
        viewer.get("/stats")
    refused = viewer.get("/stats")
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) >= 1
    assert operator.get("/stats").status_code == 200


# ------------------------------------------------------------------------------ the audit
def test_a_deed_is_audited_with_what_it_changed(desk: Desk, operator: Program) -> None:
    operator.post("/control/pause", BECAUSE)
    row = audited(desk)[-1]
    assert (row.actor, row.role, row.action, row.target) == (
        *("key:operator-key", "operator"),
        *("pause", "entry"),
    )
    assert (row.before, row.after) == ('{"state": "active"}', '{"state": "paused"}')
    assert (row.reason, row.outcome, row.address) == ("a test", Outcome.DONE, "127.0.0.1")


@pytest.mark.parametrize(
    ("path", "action"),
    [("/control/emergency-stop", "emergency_stop"), ("/users", "add_user"), ("/keys", "make_key")],
)
def test_a_refusal_is_audited(desk: Desk, viewer: Program, path: str, action: str) -> None:
    viewer.post(path, BECAUSE)
    row = audited(desk)[-1]
    assert (row.action, row.outcome) == (action, Outcome.REFUSED)
    assert "needs another role" in (row.sentence or "")


def test_a_read_that_is_refused_is_audited(desk: Desk, viewer: Program) -> None:
    viewer.get("/audit")
    assert (audited(desk)[-1].action, audited(desk)[-1].outcome) == ("audit", Outcome.REFUSED)


# ------------------------------------------------------------------------------ settings
def test_raising_the_risk_needs_a_reason_by_the_api_too(admin: Program) -> None:
    more = {"kind": "risk", "changes": {"max_positions": 9}}
    assert admin.put("/config", {**more, "reason": "   "}).status_code == 409
    assert admin.put("/config", {**more, "reason": "a good month"}).status_code == 200
