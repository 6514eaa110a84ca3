"""JSON-LD about pages: built from the page, printed by ``{% json_ld %}``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from babel.numbers import get_currency_precision
from django.conf import settings

SCHEMA = "https://schema.org"


@dataclass(frozen=True, slots=True)
class Crumb:
    name: str
    url: str


def breadcrumb_list(crumbs: Sequence[Crumb]) -> dict[str, Any]:
    return {
        "@context": SCHEMA,
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": place, "name": crumb.name, "item": crumb.url}
            for place, crumb in enumerate(crumbs, start=1)
        ],
    }


def practice_data(practice: dict[str, Any]) -> dict[str, Any]:
    """The practice as a local business; `practice` is what ``portal.context.practice`` gives."""
    return {
        "@context": SCHEMA,
        "@type": "HealthAndBeautyBusiness",
        "@id": f"{settings.SITE_URL}/#practice",
        "name": practice["name"],
        "description": practice["tagline"],
        "url": f"{settings.SITE_URL}/",
        "telephone": practice["phone_href"],
        "email": practice["email"],
        "address": {
            "@type": "PostalAddress",
            "streetAddress": practice["address_lines"][0],
            "addressLocality": practice["address_lines"][-1],
            "addressCountry": "GB",
        },
    }


def publisher() -> dict[str, str]:
    return {
        "@type": "Organization",
        "@id": f"{settings.SITE_URL}/#practice",
        "name": settings.WAGTAIL_SITE_NAME,
    }


def price(minor: int, currency: str) -> str:
    """A price the way schema.org wants it: ``58.00``."""
    places = get_currency_precision(currency)
    return f"{Decimal(minor).scaleb(-places):.{places}f}"
