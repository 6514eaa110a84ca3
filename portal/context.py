"""What every page knows about the practice, in the language of the page."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cms.languages import address_here

Links = list[dict[str, str]]

NAVIGATION = (
    (gettext_lazy("Treatments"), "/treatments/"),
    (gettext_lazy("Packages"), "/packages/"),
    (gettext_lazy("Journal"), "/journal/"),
    (gettext_lazy("My account"), "/account/"),
)
STAFF_NAVIGATION = [
    {"label": "Day", "url": "/staff/day/"},
    {"label": "Reconciliation", "url": "/staff/reconciliation/"},
    {"label": "Content", "url": "/admin/"},
    {"label": "Website", "url": "/"},
]
SMALL_PRINT = (
    (gettext_lazy("Cancellation and refunds"), "/cancellation-and-refunds/"),
    (gettext_lazy("Privacy"), "/privacy/"),
    (gettext_lazy("Accessibility"), "/accessibility/"),
)
# What the settings say of the practice in words; the catalogue may have them in other languages.
IN_WORDS = ("tagline", "opening_summary")


def practice(request: HttpRequest) -> dict[str, Any]:
    """``practice`` for templates: name, ways to reach it, navigation. No cookie, and no query in
    the default language; in another the addresses of its pages are looked up."""
    return facts(request)


def facts(request: HttpRequest | None = None) -> dict[str, Any]:
    """The same for mails, which are written without a request."""
    words = {name: _(settings.PRACTICE[name]) for name in IN_WORDS}
    return {
        "practice": {
            **settings.PRACTICE,
            **words,
            "home_url": address_here("/", request),
            "nav": _links(NAVIGATION, request),
            "staff_nav": STAFF_NAVIGATION,
            "small_print": _links(SMALL_PRINT, request),
            "book_url": "/book/",
            "demo": settings.DEMO,
        }
    }


def _links(named: Any, request: HttpRequest | None) -> Links:
    return [{"label": str(label), "url": address_here(path, request)} for label, path in named]
