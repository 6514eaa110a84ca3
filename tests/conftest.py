"""What every test stands on."""

import pytest
from django.core.cache import cache

from tests.required import pytest_runtest_makereport  # noqa: F401 - a hook, found by its name


@pytest.fixture(autouse=True)
def _own_cache():
    """Rate limits live in the cache; a test must not meet another test's."""
    cache.clear()
