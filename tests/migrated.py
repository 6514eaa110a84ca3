"""Databases for the portal's own processes: migrated once a run, then copied.

Migrating takes a core for half a minute, and a dozen tests start the portal on an empty database.
"""

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from tests.postgres import new_database

ROOT = Path(__file__).resolve().parents[1]
GIVEN = "MIGRATED_SQLITE"  # variable: a file that the run has already, made by `tests.run_all`


def environment_for(url: str) -> dict[str, str]:
    """Settings as people run them, but for debugging switched on where it loosens nothing here."""
    return {
        **os.environ,
        "DEBUG": "1",
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "DATABASE_URL": url,
    }


def sqlite_copy(path: Path) -> str:
    """The address of a migrated SQLite file at `path`."""
    shutil.copyfile(_migrated_file(), path)
    return f"sqlite:///{path}"


@contextmanager
def postgres_original(server: str) -> Iterator[str]:
    """The name of a migrated database on a server to copy; dropped in the end."""
    with new_database(server, "original") as url:
        _migrate(url)
        yield urlsplit(url).path.removeprefix("/")


@cache
def _migrated_file() -> Path:
    if given := os.environ.get(GIVEN):
        return Path(given)
    folder = Path(tempfile.mkdtemp(prefix="migrated-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / "portal.sqlite3"
    _migrate(f"sqlite:///{path}")
    return path


def _migrate(url: str) -> None:
    for command in (["migrate", "-v0"], ["createcachetable"]):
        subprocess.run(
            [sys.executable, "manage.py", *command], cwd=ROOT, env=environment_for(url), check=True
        )
