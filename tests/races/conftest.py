"""Databases that several processes may share: migrated once a run, by the portal's own command."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.postgres import NoPostgres, new_database, running_postgres

ROOT = Path(__file__).resolve().parents[2]


def _migrate(url: str) -> None:
    environment = {**os.environ, "DEBUG": "1", "DATABASE_URL": url}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    for command in (["migrate", "-v0"], ["createcachetable"]):
        subprocess.run(
            [sys.executable, "manage.py", *command], cwd=ROOT, env=environment, check=True
        )


@pytest.fixture(scope="session")
def postgres_url():
    """The address of a migrated PostgreSQL database of our own."""
    try:
        with running_postgres() as server, new_database(server, "races") as url:
            _migrate(url)
            yield url
    except NoPostgres as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="session")
def sqlite_url(tmp_path_factory):
    """The address of a migrated SQLite file of our own."""
    url = f"sqlite:///{tmp_path_factory.mktemp('races') / 'portal.sqlite3'}"
    _migrate(url)
    return url
