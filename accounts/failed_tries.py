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
# Where guesses are sent: allauth's pages, and its headless API by the end of their names. Acts of
# ours, such as the code of a booking, ask `may_try` themselves and say so on their page.
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
    "account:confirm_login_code",
    "account:login",
    "account:reauthenticate",
    "account:reset_password",
    "account:verify_email",
    "mfa:authenticate",
    "mfa:authenticate_webauthn",
    "mfa:login_webauthn",
    "mfa:reauthenticate",
    "mfa:reauthenticate_webauthn",
)
OUR_RESET: Final = "reset_password_by_api"  # stands before allauth's (`resetting`)
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
        name = request.resolver_match.view_name if request.resolver_match else ""
        by_api = name == OUR_RESET or (name.startswith("headless:") and name.endswith(OPERATIONS))
        if not (by_api or name in PAGES) or may_try(request, by_get=by_api):
            return None
        _count_for_all()
        if by_api:
            return JsonResponse({"status": 429}, status=429)  # as allauth says it
        page: HttpResponseBase = ratelimit.respond_429(request)
        return page


def may_try(request: HttpRequest, *, by_get: bool = False) -> bool:
    """Whether this visitor's guesses are looked at, now; by API a GET may guess, too."""
    return _consume(request, dry_run=True, limit_get=by_get)


def count(request: HttpRequest | None, code: str = "incorrect_code") -> None:
    """A try failed with allauth's error `code`; other errors are none of ours."""
    if request is None or code not in GUESSED_WRONG:
        return
    _consume(request, limit_get=True)
    _count_for_all()


def _consume(request: HttpRequest, **how: bool) -> bool:
    """allauth's public function does not let a GET count."""
    usage = ratelimit.consume(request, app="allauth.account", action=_OF_ONE_VISITOR, **how)
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
