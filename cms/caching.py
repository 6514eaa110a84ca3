"""Says which answers any cache may keep: public content, asked for by nobody in particular."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control, patch_vary_headers

MAX_AGE = 60  # seconds: a changed price or a taken time is true everywhere within a minute
API = "/api/v1/"
PUBLIC_API = tuple(
    f"{API}{part}" for part in ("content/", "pages/", "images/", "documents/", "redirects/")
)
PERSONAL_API = (f"{API}content/preview/",)
PUBLIC_FILES = ("/sitemap.xml", "/robots.txt", "/llms.txt", "/llms-full.txt", "/search/")
FEEDS = "/journal/feed/"
IDENTIFYING = ("Authorization", "X-Session-Token")


class PublicContentMiddleware:
    """Cache headers of content: pages of the site, the content API, feed and sitemap.

    An answer to a request that came with a token is private whatever its path is; so is a page
    answered to a browser with a session. Other views say what they want themselves.
    Place it right after ``ConditionalGetMiddleware``.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.has_header("Cache-Control"):
            return response
        if request.path.startswith(API):
            patch_vary_headers(response, [*IDENTIFYING, "Origin"])
            if _public_api(request, response):
                _may_be_shared(response)
            else:
                patch_cache_control(response, private=True, no_store=True)
        elif _is_content(request):
            if _nobody_in_particular(request, response):
                _may_be_shared(response)
            else:
                # Kept by this browser alone, and asked about again each time.
                patch_cache_control(response, private=True, no_cache=True)
        return response


def let_anybody_keep(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """For public pages that are none of the tree."""
    if _nobody_in_particular(request, response):
        _may_be_shared(response)
    else:
        patch_cache_control(response, private=True, no_cache=True)
    return response


def _may_be_shared(response: HttpResponse) -> None:
    patch_cache_control(response, public=True, max_age=MAX_AGE)


def _public_api(request: HttpRequest, response: HttpResponse) -> bool:
    return (
        request.path.startswith(PUBLIC_API)
        and not request.path.startswith(PERSONAL_API)
        and _nobody_in_particular(request, response)
    )


def _is_content(request: HttpRequest) -> bool:
    """Pages of the tree leave their route on the request; preview and admin do not."""
    return (
        request.path in PUBLIC_FILES
        or request.path.startswith(FEEDS)
        or bool(getattr(request, "_wagtail_route_for_request", None))
    )


def _nobody_in_particular(request: HttpRequest, response: HttpResponse) -> bool:
    return (
        request.method in ("GET", "HEAD")
        and response.status_code == 200
        and not any(request.headers.get(name) for name in IDENTIFYING)
        and settings.SESSION_COOKIE_NAME not in request.COOKIES
        and not response.cookies
    )
