"""The lease of a process that has ended without giving it back."""

import os

from engine.lease import Lease
from models.database import Database
from tests.databases import with_schema


def test_the_lease_of_a_dead_process_is_free_even_before_anybody_has_buried_it(
    sqlite_url: str,
) -> None:
    """In a container without an init process the dead stay as zombies."""
    with_schema(Database(sqlite_url))
    process = os.fork()
    if not process:
        os._exit(0 if Lease(Database(sqlite_url)).acquire() else 1)
    os.waitid(os.P_PID, process, os.WEXITED | os.WNOWAIT)  # it is dead, and stays a zombie
    assert Lease(Database(sqlite_url)).acquire()
    assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 0
