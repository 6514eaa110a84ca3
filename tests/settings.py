"""The portal's settings under test: development defaults, nothing outside this machine."""

import os

os.environ.setdefault("DEBUG", "1")
os.environ.setdefault("DATABASE_URL", "sqlite://:memory:")
os.environ.setdefault("EMAIL_URL", "memorymail://")
# The browser of the journeys leaves an event loop in this thread; the tests after it are sync.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
# A port nobody listens on: a test that forgets to start the local Stripe server fails at once.
os.environ.setdefault("STRIPE_API_BASE", "http://127.0.0.1:9")

from portal.settings import *  # noqa: F403

DEBUG = False
# Plain storage: hashed names need a collectstatic run first.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Each test has a cache of its own (rate limits live in it) and runs its tasks at once.
if not REDIS_URL:  # noqa: F405 - the continuous run has a round with Redis
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
# Tests move the clock by days while somebody is signed in; the limits have tests of their own.
STAFF_IDLE_MINUTES = STAFF_SESSION_HOURS = 10**6
SESSION_COOKIE_AGE = 10**8
TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
# With a file, `pytest --reuse-db` skips the migrations (about 18 seconds) from the second run on.
_file = os.environ.get("TEST_SQLITE_FILE")
if _file and DATABASES["default"]["ENGINE"].endswith("sqlite3"):  # noqa: F405
    DATABASES["default"]["TEST"] = {"NAME": _file}  # noqa: F405
