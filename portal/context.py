"""What every page knows about the practice."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

NAVIGATION = [
    {"label": "Treatments", "url": "/treatments/"},
    {"label": "Packages", "url": "/packages/"},
    {"label": "Journal", "url": "/journal/"},
    {"label": "My account", "url": "/account/"},
]

STAFF_NAVIGATION = [
    {"label": "Day", "url": "/staff/day/"},
    {"label": "Reconciliation", "url": "/staff/reconciliation/"},
    {"label": "Content", "url": "/admin/"},
    {"label": "Website", "url": "/"},
]
SMALL_PRINT = [
    {"label": "Cancellation and refunds", "url": "/cancellation-and-refunds/"},
    {"label": "Privacy", "url": "/privacy/"},
    {"label": "Accessibility", "url": "/accessibility/"},
]


def practice(request: HttpRequest) -> dict[str, Any]:
    """``practice`` for templates: name, ways to reach it, navigation. No query, no cookie."""
    return facts()


def facts() -> dict[str, Any]:
    """The same for mails, which are written without a request."""
    return {
        "practice": {
            **settings.PRACTICE,
            "nav": NAVIGATION,
            "staff_nav": STAFF_NAVIGATION,
            "small_print": SMALL_PRINT,
            "book_url": "/book/",
            "demo": settings.DEMO,
        }
    }
