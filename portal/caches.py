"""Redis, and the database while Redis is away.

The limits of signing in live in the cache. Without it they must neither stand open nor stop the
practice, so every question goes to the database's cache until Redis answers again.
"""

import logging
import time
from collections.abc import Callable
from typing import Any, Final

from django.core.cache import caches
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

STANDS_IN: Final = "database"  # the name of the cache that takes over
ASK_AGAIN_SECONDS: Final = 15.0  # or each request would wait for Redis in vain


class _Away:
    """Of this process: until when Redis is not asked. Shared by its threads."""

    def __init__(self) -> None:
        self.until: float | None = None

    def now(self) -> bool:
        return self.until is not None and time.monotonic() < self.until

    def begins(self) -> None:
        self.until = time.monotonic() + ASK_AGAIN_SECONDS


_away = _Away()


def _either(name: str) -> Callable[..., Any]:
    """The method of Redis's cache, or of the cache that stands in for it."""

    def method(cache: "RedisOrDatabase", *args: Any, **kwargs: Any) -> Any:
        if not _away.now():
            try:
                cache.forget_what_it_missed()
                return getattr(RedisCache, name)(cache, *args, **kwargs)
            except RedisError as error:
                _away.begins()
                log.error("Redis is away (%s); the database stands in", type(error).__name__)
        return getattr(caches[STANDS_IN], name)(*args, **kwargs)

    method.__name__ = name
    return method


class RedisOrDatabase(RedisCache):
    """``CACHES["default"]`` where there is a ``REDIS_URL``."""

    add = _either("add")
    get = _either("get")
    set = _either("set")
    touch = _either("touch")
    delete = _either("delete")
    get_many = _either("get_many")
    set_many = _either("set_many")
    delete_many = _either("delete_many")
    has_key = _either("has_key")
    incr = _either("incr")
    clear = _either("clear")

    def forget_what_it_missed(self) -> None:
        """What was changed meanwhile was told to the database alone: Redis begins anew."""
        if _away.until is None:
            return
        RedisCache.clear(self)
        _away.until = None
        log.info("Redis is back, and empty")
