"""What every test stands on: safe settings, a cache of its own, tasks that run at once."""

import os

os.environ.setdefault("DEBUG", "1")
os.environ.setdefault("DATABASE_URL", "sqlite://:memory:")
os.environ.setdefault("EMAIL_URL", "memorymail://")
# A port nobody listens on: a test that forgets to start the local Stripe server fails at once.
os.environ.setdefault("STRIPE_API_BASE", "http://127.0.0.1:9")

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def _own_cache(settings):
    """Rate limits live in the cache; a test must not meet another test's."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    cache.clear()


@pytest.fixture(autouse=True)
def _tasks_at_once(settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
