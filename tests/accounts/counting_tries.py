"""One process that tries to sign in as fast as it can: ``python -m`` this, from a test.

Prints how many tries the limit let through. All of them are counted as failed.
"""

import sys
from concurrent.futures import ThreadPoolExecutor

import django

django.setup()

from allauth.core import ratelimit  # noqa: E402
from django.db import connections  # noqa: E402
from django.test import RequestFactory  # noqa: E402

from accounts import failed_tries  # noqa: E402


def _tries(count: int) -> int:
    request = RequestFactory().post("/accounts/login/")
    try:
        passed = 0
        for _ in range(count):
            passed += ratelimit.consume(request, action="login_failed", key="mara@example.com")
            failed_tries.count(request)
        return passed
    finally:
        connections.close_all()


if __name__ == "__main__":
    with ThreadPoolExecutor(3) as threads:
        print(sum(threads.map(_tries, [int(sys.argv[1])] * 3)))
