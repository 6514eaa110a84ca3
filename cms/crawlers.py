"""What machines ask for: sitemap, robots, and a map of the words for language models."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import http_date
from django.views.decorators.http import require_safe

from cms.markdown_of import markdown_of
from cms.pages.base import BasePage
from cms.pages.journal import ArticlePage, listed_articles
from cms.practice import practice_facts
from cms.twins import has_twin, twin_address

# Nothing here is secret: these pages are personal, or make no sense out of their journey.
KEPT_OUT = [
    "/account/", "/accounts/", "/admin/", "/api/", "/bookings/", "/orders/", "/search/", "/staff/",
]  # fmt: skip
NEWEST = 50


# --- Sitemap ------------------------------------------------------------------------------------
@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """Every public page that does not ask to be left out, with its translations."""
    pages = list(indexed_pages().select_related("locale"))
    kin: dict[UUID, list[BasePage]] = defaultdict(list)
    for page in pages:
        kin[page.translation_key].append(page)
    urlset = [_entry(page, kin[page.translation_key], request) for page in pages]
    response = render(request, "sitemap.xml", {"urlset": urlset}, "application/xml")
    response["X-Robots-Tag"] = "noindex, noodp, noarchive"
    if dates := [page.last_published_at for page in pages if page.last_published_at]:
        response["Last-Modified"] = http_date(max(dates).timestamp())
    return response


def indexed_pages() -> Any:
    """Live, public pages for search engines, in the order of the tree."""
    found = BasePage.objects.live().public().filter(depth__gte=2, noindex=False)
    return found.order_by("path")


def _entry(page: BasePage, kin: Iterable[BasePage], request: HttpRequest) -> dict[str, Any]:
    languages = [(each.locale.language_code, each.get_full_url(request)) for each in kin]
    alternates = [{"lang_code": code, "location": url} for code, url in languages]
    if len(alternates) > 1:
        standard = dict(languages).get(settings.LANGUAGE_CODE)
        alternates += [{"lang_code": "x-default", "location": standard}] if standard else []
    return {
        "location": page.get_full_url(request),
        "lastmod": page.last_published_at,
        "alternates": alternates if len(alternates) > 1 else [],
    }


# --- Robots -------------------------------------------------------------------------------------
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in KEPT_OUT)]
    lines += ["", f"Sitemap: {settings.SITE_URL}/sitemap.xml", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


# --- For language models -------------------------------------------------------------------------
@require_safe
def llms(request: HttpRequest) -> HttpResponse:
    """``/llms.txt``: what there is, each as Markdown."""
    facts = practice_facts(request)
    articles = listed_articles()[:NEWEST]
    others = [page for page in _with_twins() if not isinstance(page, ArticlePage)]
    lines = [
        f"# {facts['name']}",
        "",
        f"> {facts['tagline']}. {', '.join(facts['address_lines'])}. {facts['opening_summary']}.",
        "",
        "Prices and free times change: read them live, never from a copy. The API needs no key"
        f" for either: {settings.SITE_URL}/api/v1/openapi.json",
        "",
        "## The practice",
        "",
        *(_link(page, request) for page in others),
        "",
        "## Journal",
        "",
        *(_link(page, request) for page in articles),
        "",
        "## Optional",
        "",
        f"- [Everything in one file]({settings.SITE_URL}/llms-full.txt)",
        f"- [Sitemap]({settings.SITE_URL}/sitemap.xml)",
        "",
    ]
    return _plain(lines)


@require_safe
def llms_full(request: HttpRequest) -> HttpResponse:
    """``/llms-full.txt``: every page's words, one after the other."""
    parts = [
        f"{markdown_of(page, request)}\n<{page.get_full_url(request)}>\n" for page in _with_twins()
    ]
    return _plain(["\n---\n\n".join(parts)])


def _with_twins() -> list[Any]:
    return [page for page in indexed_pages().specific() if has_twin(page)]


def _link(page: Any, request: HttpRequest) -> str:
    summary = " ".join(page.meta_description.split())
    return f"- [{page.title}]({twin_address(page, request)}): {summary}"


def _plain(lines: list[str]) -> HttpResponse:
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
