"""Databases that several processes may share."""

import pytest

from tests.migrated import sqlite_copy
from tests.postgres import new_database
from tests.races.crew import Crew

ENGINES = ["sqlite_url", pytest.param("postgres_url", marks=pytest.mark.postgres)]


@pytest.fixture(scope="session")
def postgres_url(postgres_server, postgres_original):
    """The address of a migrated PostgreSQL database of our own."""
    with new_database(postgres_server, "races", template=postgres_original) as url:
        yield url


@pytest.fixture(scope="session")
def sqlite_url(tmp_path_factory):
    """The address of a migrated SQLite file of our own."""
    return sqlite_copy(tmp_path_factory.mktemp("races") / "portal.sqlite3")


@pytest.fixture(scope="session", params=ENGINES)
def crew(request):
    """Eight processes, on each engine in turn."""
    with Crew(request.getfixturevalue(request.param)) as crew:
        yield crew
