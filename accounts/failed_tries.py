"""Tries to sign in that failed, whatever was guessed: a password, a code, digits, a passkey.

Allauth limits each way in for itself, and forgets a visitor's failures when somebody shows a
second factor. Here they are counted together: of one visitor, who may fail ten times a minute, and
of everybody, because who tries one password on each of many accounts from many addresses reaches
no limit at all. Only numbers are kept, in the cache that all processes share.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final

from allauth.core.internal import ratelimit
from django.conf import settings
from django.core.cache import cache
from django.dispatch import Signal
from django.http import HttpRequest, HttpResponseBase, JsonResponse

# Arguments: count (int), at (datetime). Sent with each failure from the threshold on.
many_failed: Final = Signal()

# How allauth says that a guess was wrong or is not even looked at, on pages and in its API.
GUESSED_WRONG: Final = (
    "email_password_mismatch",
    "enter_current_password",
    "incorrect_code",
    "incorrect_password",
    "too_many_login_attempts",
)
# Where guesses are sent: allauth's pages by name, and its headless API by the end of the address.
# What has acts of ours, such as the code of a booking, asks `may_try` there and says so itself.
PAGES: Final = (
    "account_login",
    "account_confirm_login_code",
    "account_confirm_password_reset_code",
    "account_email_verification_sent",
    "account_reauthenticate",
    "mfa_authenticate",
    "mfa_login_webauthn",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
)
OPERATIONS: Final = (
    "auth/2fa/authenticate",
    "auth/2fa/reauthenticate",
    "auth/code/confirm",
    "auth/email/verify",
    "auth/login",
    "auth/password/reset",
    "auth/reauthenticate",
    "auth/webauthn/authenticate",
    "auth/webauthn/login",
    "auth/webauthn/reauthenticate",
)
API: Final = "/_allauth/"
# Codes that an app may ask about without using them up: a guess, though nothing is sent.
KEYS: Final = ("X-Email-Verification-Key", "X-Password-Reset-Key")
_OF_ONE_VISITOR: Final = "failed_try"  # of ACCOUNT_RATE_LIMITS
_COUNT: Final = "failed_tries"
_PATIENCE_SECONDS: Final = 0.25


class LimitsTries:
    """Whoever failed too often in the last minute is not listened to, at no door."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        by_api = request.path.startswith(API) and request.path.endswith(OPERATIONS)
        name = request.resolver_match.view_name if request.resolver_match else ""
        if not (by_api or name in PAGES) or not _is_guess(request) or may_try(request):
            return None
        _count_for_all()
        if by_api:
            return JsonResponse({"status": 429}, status=429)  # as allauth says it
        page: HttpResponseBase = ratelimit.respond_429(request)
        return page


def may_try(request: HttpRequest) -> bool:
    """Whether this visitor's guesses are looked at, now."""
    return _consumed(request, dry_run=True)


def count(request: HttpRequest | None, code: str = "incorrect_code") -> None:
    """A try failed with allauth's error `code`; other errors are none of ours."""
    if request is None or code not in GUESSED_WRONG:
        return
    _consumed(request)
    _count_for_all()


def _is_guess(request: HttpRequest) -> bool:
    reads = request.method in ("GET", "HEAD", "OPTIONS")
    return not reads or any(name in request.headers for name in KEYS)


def _consumed(request: HttpRequest, *, dry_run: bool = False) -> bool:
    """Whether there was a try left; allauth counts what is read only if it is told to."""
    usage = ratelimit.consume(
        request,
        app="allauth.account",
        action=_OF_ONE_VISITOR,
        dry_run=dry_run,
        limit_get=True,
    )
    return usage is not None


def _count_for_all() -> None:
    now = time.time()
    seconds = settings.SIGN_IN_ALARM_MINUTES * 60
    key = f"{_COUNT}:{int(now // seconds)}"
    with _alone():
        failed = cache.get(key, 0) + 1
        cache.set(key, failed, timeout=seconds)
    if failed >= settings.SIGN_IN_ALARM_TRIES:
        many_failed.send(sender=None, count=failed, at=datetime.fromtimestamp(now, UTC))


@contextmanager
def _alone() -> Iterator[None]:
    """So that no count is lost between processes; but nobody waits long for a mere count.

    Who gives up waiting counts all the same: then so many are counted that one does not matter.
    """
    lock, until = f"{_COUNT}:lock", time.monotonic() + _PATIENCE_SECONDS
    while not (mine := cache.add(lock, True, timeout=2)) and time.monotonic() < until:
        time.sleep(0.005)
    try:
        yield
    finally:
        if mine:
            cache.delete(lock)
