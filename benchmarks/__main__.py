"""``make bench``: runs every benchmark and prints a table. Never fails a test run.

``--quick`` takes smaller sizes, ``--postgres`` a PostgreSQL of its own instead of SQLite, and
names of benchmarks run only those.
"""

import argparse
import os
import platform
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path

NAMES = ("availability", "listing", "booking", "pages", "money", "invariants")


def main() -> None:
    asked = _asked()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        _set_up(_database(asked.postgres, folder, stack), folder)
        table = _measured(asked.names or NAMES, asked.quick)
    if asked.write:
        asked.write.write_text(table)
    print(table, end="")


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*NAMES, []], help="all without one")
    parser.add_argument("--quick", action="store_true", help="smaller sizes")
    parser.add_argument("--postgres", action="store_true", help="PostgreSQL instead of SQLite")
    parser.add_argument("--write", type=Path, metavar="FILE", help="the table, for keeps")
    return parser.parse_args()


def _database(postgres: bool, folder: Path, stack: ExitStack) -> str:
    if not postgres:
        return f"sqlite:///{folder / 'bench.sqlite3'}"
    from tests.postgres import new_database, running_postgres

    server = stack.enter_context(running_postgres())
    return stack.enter_context(new_database(server, "bench"))


def _set_up(database: str, folder: Path) -> None:
    os.environ.update(
        DEBUG="1",
        DJANGO_SETTINGS_MODULE="portal.settings",
        DATABASE_URL=database,
        VAR_DIR=str(folder),
        EMAIL_URL="dummymail://",
        TASKS_BACKEND="django_tasks.backends.dummy.DummyBackend",
    )
    for command in (["migrate", "--verbosity", "0"], ["createcachetable"]):
        subprocess.run([sys.executable, "manage.py", *command], check=True)

    import django
    from django.conf import settings

    django.setup()
    settings.DEBUG = False  # or every query is written down


def _measured(names: list[str] | tuple[str, ...], quick: bool) -> str:
    from django.db import connection, connections

    from benchmarks.measuring import HEADER

    rows = []
    for name in names:
        print(f"{name} ...", file=sys.stderr, flush=True)
        rows += [ratio.row() for ratio in import_module(f"benchmarks.{name}").run(quick)]
    where = (
        f"{connection.vendor}, {platform.machine()}, {os.cpu_count()} cores,"
        f" Python {platform.python_version()}{', small sizes' if quick else ''}"
    )
    connections.close_all()
    return "\n".join([where, "", HEADER, *rows, ""])


if __name__ == "__main__":
    main()
