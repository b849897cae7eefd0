"""How one job is run: its failure is recorded and the next run still happens."""

from __future__ import annotations

from datetime import datetime

import structlog
from sqlalchemy import bindparam, insert, update
from sqlalchemy.orm import Session as Transaction

from engine.actions.raising import raise_alert
from engine.clock import stopwatch
from engine.desk import Desk
from engine.errors import DeskError, NotTheEngineError
from engine.jobs import Job
from engine.journal import correlation, new_correlation, record
from models.control import JobRun
from models.tables import rows
from models.vocabulary import Severity

log = structlog.get_logger(__name__)

OUTLASTED = "it was stopped: waiting for answers took longer than the engine's lease lasts"
ALERT_AT = {3: Severity.WARNING, 30: Severity.CRITICAL}  # failures in a row

_RUNS = rows(JobRun)
_AGAIN = (
    update(_RUNS)
    .where(_RUNS.c.job == bindparam("name"))
    .values(
        {
            name: bindparam(name)
            for name in ("started_at", "finished_at", "milliseconds", "outcome", "failed")
        }
    )
    .values(runs=_RUNS.c.runs + 1)
    .returning(_RUNS.c.failures)
)
_FAILED = _AGAIN.values(failures=_RUNS.c.failures + 1)
_WENT_WELL = _AGAIN.values(failures=0)
_FIRST = insert(_RUNS)


def run_job(job: Job, desk: Desk) -> bool:
    """Run one job and write down what it did; return whether it went well."""
    token = correlation.set(new_correlation("j-"))
    started_at, started = desk.clock.now(), stopwatch()
    try:
        outcome = job.run(desk)
    except NotTheEngineError:
        if _is_lost(desk):
            log.warning("job stopped: the lease is lost", job=job.name)
        else:
            log.warning("job stopped: it outlasted the lease", job=job.name)
            _write(job, desk, _Ended(started_at, started, OUTLASTED, failed=True))
        return False
    except Exception as error:
        log.exception("job failed", job=job.name)
        sentence = str(error) if isinstance(error, DeskError) else f"{type(error).__name__}"
        _write(job, desk, _Ended(started_at, started, sentence, failed=True))
        return False
    else:
        if outcome is not None:
            _write(job, desk, _Ended(started_at, started, outcome, failed=False))
        return True
    finally:
        correlation.reset(token)


def _is_lost(desk: Desk) -> bool:
    """Say whether another engine took over, or is about to; a lease that ran out can be renewed."""
    return desk.lease.is_held or not desk.lease.renew()


class _Ended:
    """How a run ended, as its row tells it."""

    def __init__(self, started_at: datetime, started: float, outcome: str, *, failed: bool) -> None:
        self.failed = failed
        self.columns = {
            "started_at": started_at,
            "milliseconds": round((stopwatch() - started) * 1000, 2),
            "outcome": outcome,
            "failed": failed,
        }


def _write(job: Job, desk: Desk, run: _Ended) -> None:
    now = desk.clock.now()
    columns = run.columns | {"finished_at": now}
    with desk.db.write() as tx:
        failures = tx.scalar(_FAILED if run.failed else _WENT_WELL, {"name": job.name} | columns)
        if failures is None:
            failures = int(run.failed)
            first = {"job": job.name, "runs": 1, "failures": failures}
            tx.execute(_FIRST, first | columns)
        record(
            tx,
            now,
            "job",
            f"job:{job.name}",
            severity=Severity.ERROR if run.failed else Severity.DEBUG,
            text=f"{job.name.replace('_', ' ')}: {columns['outcome']}",
            milliseconds=columns["milliseconds"],
            failures=failures,
        )
        if failures in ALERT_AT:
            _raise(tx, desk, job, failures, columns["outcome"])


def _raise(tx: Transaction, desk: Desk, job: Job, failures: int, outcome: object) -> None:
    name = job.name.replace("_", " ")
    text = f"The job {name!r} has failed {failures} times in a row: {outcome}"
    raise_alert(tx, desk, "job_failed", f"job:{job.name}", text, severity=ALERT_AT[failures])
