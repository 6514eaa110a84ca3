"""What every test stands on."""

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def _own_cache():
    """Rate limits live in the cache; a test must not meet another test's."""
    cache.clear()
