"""Cards that join our pages with what the lower apps offer: one query for the pages of a kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from cms import live
from cms.languages import preferred, tag_if_other


@dataclass(frozen=True, slots=True)
class ServiceCard:
    """A treatment as a link card. Prices are minor units of `currency`."""

    code: str
    title: str
    text: str
    url: str
    length: str
    price_minor: int
    currency: str
    spot: str
    lang: str = ""  # of an entry that is not in the language of the page around it


@dataclass(frozen=True, slots=True)
class TherapistCard:
    code: str
    name: str
    runs: str
    url: str
    lang: str = ""


def service_cards(request: HttpRequest | None) -> list[ServiceCard]:
    """Treatments on offer that have a live page, in the order of the offer.

    A page that is missing in the language of the request is represented by the default one's.
    """
    pages = _service_pages(request)
    offers = live.services(request).values()
    return [
        _service_card(offer, pages[offer.code], request) for offer in offers if offer.code in pages
    ]


def service_card(code: str, request: HttpRequest | None) -> ServiceCard | None:
    return next((card for card in service_cards(request) if card.code == code), None)


def therapist_cards(request: HttpRequest | None) -> list[TherapistCard]:
    """Therapists with a live page, in the order of the tree. Names are the pages' titles."""
    from cms.pages.people import TherapistPage

    def read() -> list[TherapistCard]:
        pages = TherapistPage.objects.live().select_related("locale").order_by("path")
        return [_therapist_card(page, request) for page in preferred(pages)]

    return live.once(request, "therapist pages", read)


def _service_pages(request: HttpRequest | None) -> dict[str, Any]:
    from cms.pages.treatments import ServicePage

    def read() -> dict[str, Any]:
        pages = ServicePage.objects.live().select_related("locale").defer("body").order_by("path")
        return {page.service_code: page for page in preferred(pages)}

    return live.once(request, "service pages", read)


def _therapist_card(page: Any, request: HttpRequest) -> TherapistCard:
    return TherapistCard(
        code=page.therapist_code,
        name=page.title,
        runs=page.runs,
        url=page.get_url(request),
        lang=tag_if_other(page.locale.language_code),
    )


def _service_card(offer: Any, page: Any, request: HttpRequest | None) -> ServiceCard:
    return ServiceCard(
        code=offer.code,
        title=page.title,
        text=page.intro or offer.summary,
        url=page.get_url(request),
        length=lengths(offer),
        price_minor=offer.from_price_minor,
        currency=offer.variants[0].currency if offer.variants else "GBP",
        spot=page.spot,
        lang=tag_if_other(page.locale.language_code),
    )


def lengths(offer: Any) -> str:
    """The lengths of a service in words: ``30, 60 or 90 min``."""
    minutes = [str(variant.duration_minutes) for variant in offer.variants]
    if len(minutes) < 2:
        return f"{''.join(minutes)} min" if minutes else ""
    return _("%(several)s or %(last)s min") % {
        "several": ", ".join(minutes[:-1]),
        "last": minutes[-1],
    }
