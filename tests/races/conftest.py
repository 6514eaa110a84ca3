"""Databases that several processes may share: migrated once a run, by the portal's own command."""

import subprocess
import sys

import pytest

from tests.postgres import NoPostgres, new_database, running_postgres
from tests.races.crew import ROOT, Crew, environment_for

ENGINES = ["sqlite_url", pytest.param("postgres_url", marks=pytest.mark.postgres)]


def _migrate(url: str) -> None:
    for command in (["migrate", "-v0"], ["createcachetable"]):
        subprocess.run(
            [sys.executable, "manage.py", *command], cwd=ROOT, env=environment_for(url), check=True
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


@pytest.fixture(scope="session", params=ENGINES)
def crew(request):
    """Eight processes, on each engine in turn."""
    with Crew(request.getfixturevalue(request.param)) as crew:
        yield crew
