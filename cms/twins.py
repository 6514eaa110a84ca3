"""The Markdown twin of a page with a body: ``/journal/calves.md`` beside ``/journal/calves/``.

A client that prefers ``text/markdown`` gets it at the page's own address as well.
"""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from cms.finding import find_route
from cms.markdown_of import markdown_of

MARKDOWN = "text/markdown"


def has_twin(page: Any) -> bool:
    return bool(hasattr(page, "body_html") or hasattr(page, "groups") or hasattr(page, "body"))


def twin_address(page: Any, request: HttpRequest | None) -> str:
    """Empty for a page whose words are lists of other pages."""
    url = page.get_full_url(request) if has_twin(page) else ""
    return f"{url.rstrip('/')}.md" if url else ""


def prefers_markdown(request: HttpRequest) -> bool:
    """Only who names it: a cache in front (``cms.page_cache``) tells askers apart by that word."""
    named = MARKDOWN in request.headers.get("Accept", "").lower()
    return named and request.get_preferred_type(["text/html", MARKDOWN]) == MARKDOWN


@require_safe
def markdown_page(request: HttpRequest, path: str) -> HttpResponse:
    """GET /<path>.md of a live page that anybody may read."""
    route = find_route(request, f"/{path}/")
    page = route and route.page
    if not page or not has_twin(page) or page.get_view_restrictions():
        raise Http404
    return twin(page, request)


def twin(page: Any, request: HttpRequest) -> HttpResponse:
    response = HttpResponse(markdown_of(page, request), content_type=f"{MARKDOWN}; charset=utf-8")
    # One thing has one address where people look for it: the page.
    response["Link"] = f'<{page.get_full_url(request)}>; rel="canonical"'
    response["X-Robots-Tag"] = "noindex"
    return response


def negotiated(page: Any, request: HttpRequest, html: Any) -> Any:
    """The twin for who prefers it, else the page; caches are told that it may be either."""
    response = twin(page, request) if prefers_markdown(request) else html()
    patch_vary_headers(response, ["Accept"])
    return response
