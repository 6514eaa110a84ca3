"""Runs pytest on PostgreSQL: ``python -m tests.run_on_postgres [pytest arguments]``.

The rules of booking, money and people must hold on both engines; the ordinary run is on SQLite.
"""

import os
import signal
import subprocess
import sys
from types import FrameType

from tests.postgres import NoPostgres, new_database, running_postgres

SUBSET = ["tests/accounts", "tests/payments", "tests/scheduling", "tests/portal/invariants"]


def main(arguments: list[str]) -> int:
    # The server outlives a parent that is merely killed; leave through the context managers.
    signal.signal(signal.SIGTERM, _leave)
    try:
        with running_postgres() as server, new_database(server, "suite") as url:
            environment = {**os.environ, "DATABASE_URL": url}
            command = [sys.executable, "-m", "pytest", *(arguments or SUBSET)]
            return subprocess.run(command, env=environment).returncode
    except NoPostgres as reason:
        print(f"SKIPPED the PostgreSQL run: {reason}")
        return 1 if os.environ.get("REQUIRE_POSTGRES") else 0


def _leave(signum: int, frame: FrameType | None) -> None:
    sys.exit(128 + signum)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
