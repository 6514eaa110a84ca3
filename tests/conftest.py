"""What every test stands on."""

import pytest
from django.core.cache import cache
from hypothesis import HealthCheck, settings

from tests.required import pytest_runtest_makereport  # noqa: F401 - a hook, found by its name
from tests.second_factor import staff_sign_in_with_two_factors  # noqa: F401 - for every test

# How long examples take says how busy the machine is; how many there are stays as each test says.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")


@pytest.fixture(autouse=True)
def _own_cache():
    """Rate limits live in the cache; a test must not meet another test's."""
    cache.clear()
