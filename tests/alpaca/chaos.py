"""Days of chaos: each checked against what the broker saw, and a table of what came of it.

python -m tests.alpaca.chaos --days 300 --seed 1 --processes 2

Seconds without protection are counted twice. `naked` is the longest time by the broker's ledger
in which shares had neither a live stop nor a closing order. `owed` leaves out what nobody could
have mended: while the process was dead, while Alpaca answered requests with errors or not at all,
while a stop that Alpaca had taken was not acknowledged yet, and while the cancel of one was not
confirmed, whose shares it holds till then; it is the longest stretch without any such hindrance,
and it must not exceed one poll interval.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from engine.logs import configure_logs
from tests.alpaca.chaos_day import Report, play_day
from tests.alpaca.invariants import POLL_SECONDS

HEADER = "seed  trades  kills  troubles  naked max  owed max  seconds  wrong\n"


def main() -> int:
    """Play days and print a table; return 1 if anything was wrong."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--days", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=1, help="days played side by side")
    asked = parser.parse_args()
    sys.stdout.write(f"{__doc__}\none poll interval: {POLL_SECONDS} s\n\n{HEADER}")
    reports = []
    with ProcessPoolExecutor(
        asked.processes, mp_context=get_context("spawn"), initializer=_silence
    ) as players:
        for report in players.map(play_day, range(asked.seed, asked.seed + asked.days)):
            reports.append(report)
            sys.stdout.write(_line(report) + "\n")
            sys.stdout.flush()
    sys.stdout.write(_summary(reports))
    return 1 if any(report.wrong for report in reports) else 0


def _silence() -> None:
    configure_logs(level="CRITICAL", as_json=True)


def _line(report: Report) -> str:
    naked = max((gap.seconds for gap in report.naked), default=0.0)
    owed = max((gap.owed for gap in report.naked), default=0.0)
    return (
        f"{report.seed:4}  {report.trades:6}  {report.kills:5}  {report.troubles:8}  {naked:9.1f}"
        f"  {owed:8.1f}  {report.seconds:7.1f}  {'; '.join(report.wrong) or '-'}"
    )


def _summary(reports: Sequence[Report]) -> str:
    gaps = [gap for report in reports for gap in report.naked]
    bad = [report.seed for report in reports if report.wrong]
    return (
        f"{len(reports)} days, {sum(r.trades for r in reports)} trades, "
        f"{sum(r.kills for r in reports)} kills, {sum(r.troubles for r in reports)} troubles\n"
        f"without protection: {len(gaps)} times\n"
        f"  naked: {_spread([gap.seconds for gap in gaps])}\n"
        f"  owed:  {_spread([gap.owed for gap in gaps])}\n"
        f"wrong: {bad or 'none'}\n"
    )


def _spread(seconds: Sequence[float]) -> str:
    if not seconds:
        return "never"
    ordered = sorted(seconds)
    p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    return f"max {ordered[-1]:.2f} s, p99 {p99:.2f} s"


if __name__ == "__main__":
    sys.exit(main())
