"""Tries to prove who one is that failed, whatever was guessed: a password, a code, digits.

Allauth limits them for each account. Here they are counted together: of one place, which may fail
ten times a minute; of somebody signed in who is asked again, whatever others do in her network; and
of everybody, because who tries one password on each of many accounts from many addresses reaches no
limit at all. Only numbers are kept, in the cache that all processes share. A passkey holds nothing
to guess: it is neither counted nor refused.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final

from allauth.core.internal import ratelimit
from django.conf import settings
from django.core.cache import cache, caches
from django.core.cache.backends.redis import RedisCache
from django.dispatch import Signal
from django.http import HttpRequest, HttpResponseBase, JsonResponse

from accounts.doors import door_of, is_by_app
from accounts.models import User
from accounts.session_limits import by_token

# Arguments: count (int), at (datetime). Sent with each failure from the threshold on.
many_failed: Final = Signal()

# How allauth says that a guess was wrong, on pages and in its API.
GUESSED_WRONG: Final = (
    "email_password_mismatch",
    "enter_current_password",
    "incorrect_code",
    "incorrect_password",
)
# Where guesses are sent: allauth's pages, and its headless API by the end of their names. Acts of
# ours, such as the code of a booking, ask `may_try` themselves and say so on their page.
PAGES: Final = (
    "account_change_password",
    "account_login",
    "account_confirm_login_code",
    "account_confirm_password_reset_code",
    "account_email_verification_sent",
    "account_reauthenticate",
    "mfa_authenticate",
    "mfa_reauthenticate",
)
OPERATIONS: Final = (
    "account:change_password",
    "account:confirm_login_code",
    "account:login",
    "account:reauthenticate",
    "account:reset_password",
    "account:verify_email",
    "mfa:authenticate",
    "mfa:reauthenticate",
)
# Of these, where somebody signed in shows her own password or digits once more.
OF_SIGNED_IN: Final = (
    "account_change_password",
    "account_reauthenticate",
    "mfa_reauthenticate",
    "account:change_password",
    "account:reauthenticate",
    "mfa:reauthenticate",
)
OUR_RESET: Final = "reset_password_by_api"  # stands before allauth's (`resetting`)
_OF_ONE_PLACE: Final = "failed_try"  # of ACCOUNT_RATE_LIMITS
_OF_ONE_PERSON: Final = "failed_proof"
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
        door = door_of(request)
        by_api = door in OPERATIONS or door == OUR_RESET
        if not (by_api or door in PAGES) or _shows_passkey(request):
            return None
        by = _signed_in(request) if door in OF_SIGNED_IN else None
        if may_try(request, by=by, by_get=by_api):
            return None
        if by_api:
            return JsonResponse({"status": 429}, status=429)  # as allauth says it
        page: HttpResponseBase = ratelimit.respond_429(request)
        return page


def may_try(request: HttpRequest, *, by: User | None = None, by_get: bool = False) -> bool:
    """Whether a guess is looked at, now: of `by`, who is signed in, or else of this place.

    Only a look, so without the lock that allauth counts behind. By API a GET may guess, too.
    """
    if request.method == "GET" and not by_get:
        return True
    limit, now = _limit(by), time.time()
    for rate in ratelimit.get_rates(app=limit["app"], action=limit["action"]):
        failed = cache.get(ratelimit.get_cache_key(request, rate=rate, **limit), [])
        if not ratelimit.apply_rate(failed, now, rate, dry_run=True)[0]:
            return False
    return True


def count(
    request: HttpRequest | None, code: str = "incorrect_code", *, by: User | None = None
) -> None:
    """A try failed with allauth's error `code`; other errors are none of ours."""
    if request is None or code not in GUESSED_WRONG or _shows_passkey(request):
        return
    if by is None and door_of(request) in OF_SIGNED_IN and isinstance(request.user, User):
        by = request.user
    _consume(request, by)
    _count_for_all()


def _consume(request: HttpRequest, by: User | None) -> None:
    """allauth's public function does not let a GET count."""
    ratelimit.consume(request, limit_get=True, **_limit(by))


def _limit(by: User | None) -> dict[str, Any]:
    return {
        "app": "allauth.account",
        "action": _OF_ONE_PERSON if by else _OF_ONE_PLACE,
        "user": by,
    }


def _shows_passkey(request: HttpRequest) -> bool:
    """One page takes either: allauth looks for digits there, and for a passkey without them."""
    door = door_of(request)
    return door.endswith("_webauthn") or (
        door == "mfa_authenticate" and request.method == "POST" and "code" not in request.POST
    )


def _signed_in(request: HttpRequest) -> User | None:
    """An app sends its session by a header, which allauth reads only inside its view."""
    user: object = request.user
    if is_by_app(request):
        found = by_token(request.headers.get("X-Session-Token", ""))
        user = found[0] if found else None
    return user if isinstance(user, User) else None


def _count_for_all() -> None:
    now = time.time()
    seconds = settings.SIGN_IN_ALARM_MINUTES * 60
    failed = _one_more(f"{_COUNT}:{int(now // seconds)}", seconds)
    if failed >= settings.SIGN_IN_ALARM_TRIES:
        # Who typed the wrong password must not meet what goes wrong with the alarm. Django logs it.
        many_failed.send_robust(sender=None, count=failed, at=datetime.fromtimestamp(now, UTC))


def _one_more(key: str, seconds: int) -> int:
    """Raise a count by one, in one step where the cache can.

    While the database stands in for Redis some may be lost between processes, and of those who give
    up waiting for the lock, too: then so many are counted that one does not matter.
    """
    if isinstance(caches["default"], RedisCache):
        cache.add(key, 0, timeout=2 * seconds)
        try:
            return cache.incr(key)
        except ValueError:  # Redis went away, or was emptied, since the line before
            cache.set(key, 1, timeout=seconds)
            return 1
    with _alone():
        failed: int = cache.get(key, 0) + 1
        cache.set(key, failed, timeout=seconds)
    return failed


@contextmanager
def _alone() -> Iterator[None]:
    """So that no count is lost between processes; but nobody waits long for a mere count."""
    lock, until = f"{_COUNT}:lock", time.monotonic() + _PATIENCE_SECONDS
    while not (mine := cache.add(lock, True, timeout=2)) and time.monotonic() < until:
        time.sleep(0.005)
    try:
        yield
    finally:
        if mine:
            cache.delete(lock)
