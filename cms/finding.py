"""From an address to a page in three queries, however deep the page lies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language
from wagtail.models import PageViewRestriction, Site
from wagtail.url_routing import RouteResult

if TYPE_CHECKING:
    from cms.pages.base import BasePage


def find_route(request: HttpRequest, path: str) -> Any:
    """The live page at `path` (kept on the request), or None."""
    if not hasattr(request, "_wagtail_route_for_request"):
        language = get_language() or settings.LANGUAGE_CODE
        page = page_at(Site.find_for_request(request), path, language)
        request._wagtail_route_for_request = page and RouteResult(page)  # type: ignore[attr-defined]
    return request._wagtail_route_for_request  # type: ignore[attr-defined]


def page_at(site: Any, path: str, language: str = "") -> BasePage | None:
    """The live page at a path below the home page of a language, or None.

    Without a language it is the default one.
    """
    from cms.pages.base import BasePage

    home = root_path(site, language or settings.LANGUAGE_CODE) if site else None
    if home is None or "\0" in path:
        return None
    addresses = [home]
    for slug in filter(None, path.split("/")):
        addresses.append(f"{addresses[-1]}{slug}/")
    way = list(BasePage.objects.filter(url_path__in=addresses).order_by("depth"))
    if len(way) != len(addresses) or not way[-1].live:
        return None
    page: BasePage = _specific(way[-1])
    page._way_here = way[:-1]
    return page


def root_path(site: Any, language: str) -> str | None:
    """The ``url_path`` of the site's home page in a language, or None where it has none.

    The site comes with the one of the default language; Wagtail keeps the others in the cache.
    """
    if language == settings.LANGUAGE_CODE:
        path: str = site.root_page.url_path
        return path
    roots = (root for root in Site.get_site_root_paths() if root.site_id == site.pk)
    return next((root.root_path for root in roots if root.language_code == language), None)


def _specific(page: BasePage) -> Any:
    model = page.cached_content_type.model_class() or type(page)
    joined = model.joined_when_served
    return model.objects.select_related(*joined).get(pk=page.pk) if joined else page.specific


def restrictions_of(page: BasePage) -> Any:
    """Restrictions on the page or any page above it, in one query when the way here is known."""
    pages = page.way_here()
    ids = {step.alias_of_id or step.pk for step in pages}
    return PageViewRestriction.objects.filter(page_id__in=ids)
