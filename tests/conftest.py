"""What every test stands on."""

import pytest
from django.core.cache import cache
from hypothesis import HealthCheck, settings

from tests.migrated import postgres_original as original_on
from tests.postgres import NoPostgres, running_postgres
from tests.required import pytest_runtest_makereport  # noqa: F401 - a hook, found by its name
from tests.second_factor import staff_sign_in_with_two_factors  # noqa: F401 - for every test

# How long examples take says how busy the machine is; how many there are stays as each test says.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")


@pytest.fixture(autouse=True)
def _own_cache():
    """Rate limits live in the cache; a test must not meet another test's."""
    cache.clear()


@pytest.fixture(scope="session")
def postgres_server():
    """The address of a PostgreSQL server for the length of the run."""
    try:
        with running_postgres() as server:
            yield server
    except NoPostgres as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="session")
def postgres_original(postgres_server):
    """The name of a migrated database on it, to copy."""
    with original_on(postgres_server) as name:
        yield name
