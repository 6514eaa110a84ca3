"""What holds for every answer: who may keep a copy, which methods exist, mail that fails."""

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import (
    HttpRequest,
    HttpResponseBase,
    HttpResponseNotAllowed,
    JsonResponse,
    QueryDict,
)
from django.shortcuts import render
from django.utils.cache import patch_cache_control, patch_vary_headers

from accounts.mailing import MailUnavailable
from portal.api.problems import problem

Answer = Callable[[HttpRequest], HttpResponseBase]

# Everything here is about one person, whoever asks.
PRIVATE: Final = (
    "/account/",
    "/accounts/",
    "/_allauth/",
    "/admin/",
    "/staff/",
    "/book/",
    "/bookings/",
    "/session/",
    "/waitlist/",
    "/offers/",
    "/orders/",
    "/mailbox/",
    "/webhooks/",
)
# Asked by programs: a redirect would hide from them that a password or a token went in the clear.
PROGRAMS: Final = ("/api/", "/_allauth/", "/webhooks/")
METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
PUBLIC_SECONDS: Final = 60
STALE_SECONDS: Final = 600


class KnownMethodsOnly:
    """TRACE echoes cookies, and methods nobody wrote a view for have no business here."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method not in METHODS:
            return HttpResponseNotAllowed(METHODS)
        return self.get_response(request)


class ProgramsComeByTLS:
    """People are led from http to https; a program that asks in the clear is refused."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        in_the_clear = settings.SECURE_SSL_REDIRECT and not request.is_secure()
        if in_the_clear and request.path_info.startswith(PROGRAMS):
            return problem(403, "https_only", "Ask by https. What was sent in the clear is known.")
        return self.get_response(request)


class NoZeroBytes:
    """PostgreSQL stores no zero byte in a text; whoever sends one is told so, on every engine."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not _has_zero_byte(request):
            return self.get_response(request)
        if request.path.startswith("/api/"):
            return problem(400, "zero_byte", "A text cannot contain a zero byte.")
        raise SuspiciousOperation("A zero byte in a text.")


class WhoMayKeepACopy:
    """Caches may keep public pages of visitors without a session, and nothing else.

    A view that says itself what may be kept is left alone, unless a session is in play.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if self._is_personal(request, response):
            patch_cache_control(response, private=True, no_store=True)
            _drop(response, "public", "max-age", "s-maxage", "stale-while-revalidate")
        elif not response.has_header("Cache-Control"):
            self._offer(request, response)
        return response

    def _is_personal(self, request: HttpRequest, response: HttpResponseBase) -> bool:
        identified = (
            settings.SESSION_COOKIE_NAME in request.COOKIES
            or "Authorization" in request.headers
            or "X-Session-Token" in request.headers
        )
        return bool(identified or response.cookies or request.path.startswith(PRIVATE))

    def _offer(self, request: HttpRequest, response: HttpResponseBase) -> None:
        if request.method in ("GET", "HEAD") and response.status_code in (200, 301, 404):
            patch_vary_headers(response, ["Cookie", "Authorization", "X-Session-Token"])
            patch_cache_control(
                response,
                public=True,
                max_age=PUBLIC_SECONDS,
                stale_while_revalidate=STALE_SECONDS,
            )
        else:
            patch_cache_control(response, private=True, no_store=True)


class MailTrouble:
    """A code that cannot be mailed is a 503 that says so, on every page that sends one."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponseBase | None:
        if not isinstance(exception, MailUnavailable):
            return None
        if request.path.startswith(("/_allauth/", "/api/")):
            problem = {"title": "Mail is unavailable", "status": 503, "detail": str(exception)}
            return JsonResponse(problem, status=503, content_type="application/problem+json")
        return render(request, "account/mail_unavailable.html", {"trouble": exception}, status=503)


def _drop(response: HttpResponseBase, *directives: str) -> None:
    kept = [
        part
        for part in response.headers["Cache-Control"].split(", ")
        if part.partition("=")[0] not in directives
    ]
    response.headers["Cache-Control"] = ", ".join(kept)


def _has_zero_byte(request: HttpRequest) -> bool:
    if "\0" in request.path or _any_zero_byte(request.GET):
        return True
    if request.content_type == "application/x-www-form-urlencoded":
        return _any_zero_byte(request.POST)
    # Files may hold what they like; in JSON a zero byte can only be written like this.
    json = request.content_type == "application/json" or request.path.startswith("/api/")
    form = request.content_type == "multipart/form-data"
    return json and not form and b"\\u0000" in request.body


def _any_zero_byte(values: QueryDict) -> bool:
    return any("\0" in value for _, many in values.lists() for value in many)
