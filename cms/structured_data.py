"""JSON-LD about pages: built from the page, printed by ``{% json_ld %}``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from decimal import Decimal
from html import unescape
from typing import Any

from babel.numbers import get_currency_precision
from django.conf import settings
from django.http import HttpRequest
from django.utils.html import strip_tags
from wagtail.blocks.stream_block import StreamValue

from cms.rich_text import with_rules

SCHEMA = "https://schema.org"
MIDNIGHT = time(0)
_WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_POSTCODE = re.compile(r"(?P<town>.+?) (?P<code>[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})$")


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


def practice_data(
    practice: dict[str, Any],
    *,
    places: Sequence[Any] = (),
    services: Sequence[Any] = (),
    image: str,
) -> dict[str, Any]:
    """The practice as a local business: where and when from the diary, prices from the offers."""
    first, *others = places or [None]
    lines = list(first.address_lines) if first else practice["address_lines"]
    data: dict[str, Any] = {
        "@context": SCHEMA,
        "@type": "HealthAndBeautyBusiness",
        "@id": f"{settings.SITE_URL}/#practice",
        "name": practice["name"],
        "description": str(practice["tagline"]),
        "url": f"{settings.SITE_URL}/",
        "image": image,
        "telephone": practice["phone_href"],
        "email": practice["email"],
        "address": address(lines),
        "geo": {
            "@type": "GeoCoordinates",
            "latitude": practice["geo"][0],
            "longitude": practice["geo"][1],
        },
    }
    if first and first.days:
        data["openingHoursSpecification"] = opening(first)
    if words := _price_range(services):
        data["priceRange"] = words
    if others:
        data["department"] = [_department(place, practice, image) for place in others]
    return data


def _department(place: Any, practice: dict[str, Any], image: str) -> dict[str, Any]:
    return {
        "@type": "HealthAndBeautyBusiness",
        "name": f"{practice['name']}, {place.name}",
        "image": image,
        "telephone": practice["phone_href"],
        "address": address(place.address_lines),
        "openingHoursSpecification": opening(place),
    }


def address(lines: Sequence[str]) -> dict[str, str]:
    """An address whose last line is a town, with its postcode behind it if it has one."""
    last = lines[-1] if lines else ""
    town = _POSTCODE.match(last)
    found = {
        "@type": "PostalAddress",
        "streetAddress": ", ".join(lines[:-1]),
        "addressLocality": town["town"] if town else last,
        "addressCountry": "GB",
    }
    return found | ({"postalCode": town["code"]} if town else {})


def opening(place: Any) -> list[dict[str, str]]:
    """Its usual week; a span that ends at midnight ends with the day."""
    return [
        {
            "@type": "OpeningHoursSpecification",
            "dayOfWeek": f"{SCHEMA}/{_WEEKDAYS[day.weekday - 1]}",
            "opens": f"{starts:%H:%M}",
            "closes": "23:59" if ends == MIDNIGHT else f"{ends:%H:%M}",
        }
        for day in place.days
        for starts, ends in day.spans
    ]


def _price_range(services: Sequence[Any]) -> str:
    variants = [variant for offer in services for variant in offer.variants]
    if not variants:
        return ""
    dear = max(variants, key=lambda one: one.price_minor)
    cheap = min(variants, key=lambda one: one.price_minor)
    return (
        f"{price(cheap.price_minor, cheap.currency)} to"
        f" {price(dear.price_minor, dear.currency)} {dear.currency}"
    )


def website() -> dict[str, Any]:
    """The site, with its search."""
    return {
        "@context": SCHEMA,
        "@type": "WebSite",
        "@id": f"{settings.SITE_URL}/#site",
        "name": settings.WAGTAIL_SITE_NAME,
        "url": f"{settings.SITE_URL}/",
        "publisher": publisher(),
        "potentialAction": {
            "@type": "SearchAction",
            "target": {
                "@type": "EntryPoint",
                "urlTemplate": f"{settings.SITE_URL}/search/?q={{search_term_string}}",
            },
            "query-input": "required name=search_term_string",
        },
    }


def questions_data(questions: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Questions with plain answers."""
    return {
        "@context": SCHEMA,
        "@type": "FAQPage",
        "mainEntity": [
            {
                "@type": "Question",
                "name": question,
                "acceptedAnswer": {"@type": "Answer", "text": answer},
            }
            for question, answer in questions
        ],
    }


def questions_in(*bodies: Any) -> list[tuple[str, str]]:
    """What the question blocks of these bodies ask and answer, without markup."""
    return [
        (
            item["question"],
            " ".join(unescape(strip_tags(with_rules(item["answer"].source))).split()),
        )
        for body in bodies
        if isinstance(body, StreamValue)
        for block in body
        if block.block_type == "faq"
        for item in block.value["items"]
    ]


def service_data(page: Any, request: HttpRequest) -> dict[str, Any]:
    """What a page offers as a service of the practice; its offers are the page's to add."""
    return {
        "@context": SCHEMA,
        "@type": "Service",
        "name": page.title,
        "description": page.meta_description,
        "url": page.get_full_url(request),
        "serviceType": "Sports massage",
        "areaServed": settings.PRACTICE["address_lines"][-1],
        "provider": publisher(),
    }


def offer_data(name: str, price_minor: int, currency: str, url: str, **more: Any) -> dict[str, Any]:
    """What something costs now. It is served fresh, so it is in stock."""
    return {
        "@type": "Offer",
        "name": name,
        "price": price(price_minor, currency),
        "priceCurrency": currency,
        "availability": f"{SCHEMA}/InStock",
        "url": f"{settings.SITE_URL}{url}",
        **more,
    }


def publisher() -> dict[str, str]:
    return {
        "@type": "Organization",
        "@id": f"{settings.SITE_URL}/#practice",
        "name": settings.WAGTAIL_SITE_NAME,
        "url": f"{settings.SITE_URL}/",
    }


def price(minor: int, currency: str) -> str:
    """A price the way schema.org wants it: ``58.00``."""
    places = get_currency_precision(currency)
    return f"{Decimal(minor).scaleb(-places):.{places}f}"
