"""A sync in a process of its own, to be killed: `python -m tests.engine.jobs.syncing DB SOURCE`."""

import sys
from dataclasses import dataclass
from typing import Any

from engine.jobs.sync_bars import sync_bars
from tests.engine.jobs.desk_of_sources import scene


@dataclass(frozen=True)
class Elsewhere:
    """A server that runs in another process."""

    url: str


def main() -> None:
    database, source = sys.argv[1:]
    server: Any = Elsewhere(source)
    with scene(database, server) as live:
        sync_bars(live.desk)


if __name__ == "__main__":
    main()
