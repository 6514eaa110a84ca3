"""Where an old address leads: in one hop to a page that is there, or nowhere.

Wagtail writes a redirect for each address that a page leaves. This adds what that lacks: chains
through links typed by hand are followed here and not by the reader's browser, a loop is no
answer, and a redirect to a page that readers cannot see is a 404.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models.signals import pre_save
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponsePermanentRedirect,
    HttpResponseRedirect,
)
from wagtail.contrib.redirects.middleware import RedirectMiddleware, get_redirect
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Site
from wagtail.signals import page_slug_changed, post_page_move

from cms.finding import page_at


@dataclass(frozen=True, slots=True)
class Destination:
    url: str
    permanent: bool


def where_to(request: HttpRequest, path: str) -> Destination | None:
    """Where an address without a page leads, however many redirects lie between."""
    seen: set[int] = set()
    permanent = True
    address = Redirect.normalise_path(path, decode_unicode=False)
    while found := _redirect_at(request, address):
        if found.pk in seen:
            return None
        seen.add(found.pk)
        permanent = permanent and found.is_permanent
        if found.redirect_page_id:
            return Destination(found.link, permanent) if found.redirect_page.live else None
        local = _local(found.redirect_link)
        if not local or _is_a_page(request, local):
            return Destination(found.redirect_link, permanent) if found.redirect_link else None
        link, address = found.redirect_link, Redirect.normalise_path(local)
        if _redirect_at(request, address) is None:
            return Destination(link, permanent)
    return None


class OneHopRedirects(RedirectMiddleware):
    """Wagtail's middleware, with the answer of `where_to`."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if response.status_code != 404:
            return response
        destination = where_to(request, request.get_full_path())
        if destination is None:
            return response
        answer = HttpResponsePermanentRedirect if destination.permanent else HttpResponseRedirect
        return answer(destination.url)


def forget_own_address(sender: Any, instance: Any, **news: Any) -> None:
    """A page that came back needs no redirect from where it lives to where it lives."""
    below = Redirect.objects.filter(
        automatically_created=True,
        redirect_page_route_path="",
        redirect_page__path__startswith=instance.path,
    )
    circles = [
        each.pk
        for each in below.select_related("redirect_page")
        if each.old_path == Redirect.normalise_path(each.redirect_page.url or "")
    ]
    Redirect.objects.filter(pk__in=circles).delete()


def point_at_pages(sender: Any, instance: Redirect, **news: Any) -> None:
    """A link typed by hand to a page of ours becomes that page, so it moves along with it."""
    local = _local(instance.redirect_link)
    site = instance.site or Site.objects.filter(is_default_site=True).first()
    if instance.redirect_page_id or not local.startswith("/") or set("?#") & set(local):
        return
    if page := page_at(site, local):
        instance.redirect_page = page
        instance.redirect_link = ""


def _redirect_at(request: HttpRequest, address: str) -> Any:
    """A redirect for the address as it is, else for its path without the query."""
    found = get_redirect(request, address)
    path = urlsplit(address).path
    return found or (get_redirect(request, path) if path != address else None)


def _local(link: str) -> str:
    """The path of a link to this site, or nothing."""
    parts = urlsplit(link or "")
    if parts.netloc and f"{parts.scheme}://{parts.netloc}" != settings.SITE_URL:
        return ""
    return parts._replace(scheme="", netloc="").geturl()


def _is_a_page(request: HttpRequest, address: str) -> bool:
    return page_at(Site.find_for_request(request), urlsplit(address).path) is not None


def watch() -> None:
    """From the app's `ready`."""
    page_slug_changed.connect(forget_own_address, dispatch_uid="cms.renamed")
    post_page_move.connect(forget_own_address, dispatch_uid="cms.moved")
    pre_save.connect(point_at_pages, sender=Redirect, dispatch_uid="cms.redirect")
