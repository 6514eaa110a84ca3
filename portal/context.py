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


def practice(request: HttpRequest) -> dict[str, Any]:
    """``practice`` for templates: name, ways to reach it, navigation. No query, no cookie."""
    return {
        "practice": {
            "name": settings.WAGTAIL_SITE_NAME,
            "tagline": "Sports massage by therapists who run",
            "phone": "0117 496 0123",
            "phone_href": "+441174960123",
            "email": "hello@massageforrunners.example",
            "address_lines": ["3 Harbour Yard", "Bristol"],
            "opening_summary": "Mon to Sat 07:00 to 20:30",
            "nav": NAVIGATION,
            "book_url": "/book/",
            "demo": settings.DEMO,
        }
    }
