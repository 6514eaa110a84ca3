"""What search engines ask for: sitemap and robots."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from wagtail.contrib.sitemaps import Sitemap
from wagtail.contrib.sitemaps.views import sitemap as wagtail_sitemap

# Nothing here is secret: these pages are personal, or make no sense out of their journey.
KEPT_OUT = ["/account/", "/accounts/", "/admin/", "/api/", "/bookings/", "/orders/", "/staff/"]


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """Every public page that does not ask to be left out."""
    response: HttpResponse = wagtail_sitemap(request, {"pages": Sitemap})
    return response


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in KEPT_OUT)]
    lines += ["", f"Sitemap: {settings.SITE_URL}/sitemap.xml", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
