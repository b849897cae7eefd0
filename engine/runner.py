"""How one job is run: its failure is recorded and the next run still happens."""

from __future__ import annotations

import structlog

from engine.clock import stopwatch
from engine.desk import Desk
from engine.errors import DeskError, NotTheEngineError
from engine.jobs import Job
from engine.journal import correlation, new_correlation, record
from models.control import JobRun
from models.vocabulary import Severity

log = structlog.get_logger(__name__)


def run_job(job: Job, desk: Desk) -> bool:
    """Run one job and write down what it did; return whether it went well."""
    token = correlation.set(new_correlation("j-"))
    started_at, started = desk.clock.now(), stopwatch()
    try:
        outcome = job.run(desk)
    except NotTheEngineError:
        log.warning("job stopped: the lease is lost", job=job.name)
        return False
    except Exception as error:
        log.exception("job failed", job=job.name)
        sentence = str(error) if isinstance(error, DeskError) else f"{type(error).__name__}"
        _write(job, desk, JobRun(started_at=started_at, failed=True, outcome=sentence), started)
        return False
    else:
        if outcome is not None:
            run = JobRun(started_at=started_at, failed=False, outcome=outcome)
            _write(job, desk, run, started)
        return True
    finally:
        correlation.reset(token)


def _write(job: Job, desk: Desk, run: JobRun, started: float) -> None:
    now = desk.clock.now()
    with desk.db.write() as tx:
        before = tx.get(JobRun, job.name)
        run.job = job.name
        run.finished_at = now
        run.milliseconds = round((stopwatch() - started) * 1000, 2)
        run.runs = (before.runs if before else 0) + 1
        run.failures = (before.failures + 1 if before else 1) if run.failed else 0
        tx.merge(run)
        record(
            tx,
            now,
            "job",
            f"job:{job.name}",
            severity=Severity.ERROR if run.failed else Severity.DEBUG,
            text=f"{job.name.replace('_', ' ')}: {run.outcome}",
            milliseconds=run.milliseconds,
            failures=run.failures,
        )
