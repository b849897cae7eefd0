"""How a job ends whose engine's lease ended first."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from engine.desk import Desk
from engine.jobs import Job
from engine.runner import ALERT_AT, run_job
from models.control import EngineLease, JobRun
from models.database import Database
from models.journal import JournalRow
from tests.databases import with_schema
from tests.engine.small_desk import desk_on


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk in memory that is the engine."""
    db = with_schema(Database("sqlite://"))
    made = desk_on(db, tmp_path)
    assert made.lease.acquire()
    yield made
    db.close()


def outlast_the_lease(desk: Desk) -> str | None:
    desk.lease._valid_until = 0.0
    return f"sent as {desk.lease.token}"


def be_replaced(desk: Desk) -> str | None:
    with desk.db.write() as tx:
        tx.execute(update(EngineLease).values(holder="elsewhere", token=7))
    return outlast_the_lease(desk)


def failures(desk: Desk) -> list[int]:
    with desk.db.read() as tx:
        return list(tx.scalars(select(JobRun.failures)))


def test_a_job_that_outlasted_the_lease_has_failed(desk: Desk) -> None:
    assert not run_job(Job(outlast_the_lease, every_seconds=1), desk)
    assert failures(desk) == [1]
    assert desk.lease.is_held


def test_that_it_does_so_again_and_again_is_an_alert(desk: Desk) -> None:
    for _ in range(min(ALERT_AT)):
        run_job(Job(outlast_the_lease, every_seconds=1), desk)
    with desk.db.read() as tx:
        (alert,) = tx.scalars(select(JournalRow).where(JournalRow.kind == "alert"))
    assert "took longer than the engine's lease lasts" in alert.body["text"]


def test_a_job_whose_engine_was_replaced_leaves_the_other_no_failure(desk: Desk) -> None:
    assert not run_job(Job(be_replaced, every_seconds=1), desk)
    assert (failures(desk), desk.lease.is_lost) == ([], True)
