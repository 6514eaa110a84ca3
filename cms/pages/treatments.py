"""Treatments: the list, and one page for each service."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from wagtail.admin.panels import FieldPanel
from wagtail.api import APIField
from wagtail.fields import StreamField
from wagtail.search import index

from cms import live
from cms.api_fields import ON_EVERY_PAGE, writable
from cms.blocks import BodyBlock
from cms.links import service_cards, therapist_cards
from cms.pages.base import BasePage
from cms.references import code_select, service_choices
from cms.structured_data import offer_data, service_data


class ServiceIndexPage(BasePage):
    intro = models.TextField(max_length=300, blank=True)
    body = StreamField(BodyBlock(), blank=True)

    max_count = 1
    parent_page_types: ClassVar[list[str]] = ["cms.HomePage"]
    subpage_types: ClassVar[list[str]] = ["cms.ServicePage"]
    template = "cms/service_index_page.html"
    content_panels = [*BasePage.content_panels, "intro", "body"]
    api_fields = [*writable("intro", "body"), *ON_EVERY_PAGE]

    class Meta:
        verbose_name = "treatments"

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return super().get_context(request, *args, **kwargs) | {"services": service_cards(request)}


class ServicePage(BasePage):
    class Spot(models.TextChoices):
        HEAVY = "heavy", "Heavy legs"
        NIGGLE = "niggle", "A niggle"
        RACE = "race", "Race week"
        STRENGTH = "strength", "Strength"
        TRAVEL = "travel", "Travel"
        FIRST = "first", "First time"

    service_code = models.SlugField(
        "service", max_length=60, help_text="Lengths and prices come from this service."
    )
    feeling = models.CharField(
        max_length=60, blank=True, help_text="How legs feel when this helps: Heavy legs."
    )
    spot = models.CharField("drawing", max_length=12, choices=Spot.choices, default=Spot.HEAVY)
    intro = models.TextField(max_length=400, blank=True)
    body = StreamField(BodyBlock(), blank=True)

    parent_page_types: ClassVar[list[str]] = ["cms.ServiceIndexPage"]
    subpage_types: ClassVar[list[str]] = []
    template = "cms/service_page.html"
    search_fields = [
        *BasePage.search_fields,
        index.SearchField("intro"),
        index.SearchField("body"),
    ]
    content_panels = [
        *BasePage.content_panels,
        FieldPanel("service_code", widget=code_select(service_choices)),
        "feeling",
        "spot",
        "intro",
        "body",
    ]
    api_fields = [
        *writable("service_code", "feeling", "spot", "intro", "body"),
        APIField("href"),
        *ON_EVERY_PAGE,
    ]

    class Meta:
        verbose_name = "treatment"

    @property
    def href(self) -> str:
        """Where the API tells lengths and prices of the service."""
        return live.service_address(self.service_code)

    @property
    def social_kicker(self) -> str:
        return self.feeling

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        wanted = live.Wanted(service=self.service_code)
        offer = live.services(request).get(self.service_code)
        return super().get_context(request, *args, **kwargs) | {
            "offer": offer,
            "usual": _usual(offer),
            "next_times": live.next_times(wanted, request) if offer else None,
            "therapists": therapist_cards(request),
            "package": _package_for(offer, request),
        }

    def structured_data(self, request: HttpRequest) -> list[dict[str, Any]]:
        offer = live.services(request).get(self.service_code)
        data = service_data(self, request)
        if offer:
            data["offers"] = [_offer_data(variant) for variant in offer.variants]
        return [*super().structured_data(request), data]


def _package_for(offer: Any, request: HttpRequest) -> Any:
    """The first package that covers a length of the service."""
    codes = {variant.code for variant in offer.variants} if offer else set()
    on_sale = live.packages(request).values()
    return next((each for each in on_sale if codes.intersection(each.variant_codes)), None)


def _usual(offer: Any) -> Any:
    """The length most people take: an hour, or the middle one."""
    variants = offer.variants if offer else ()
    hour = [variant for variant in variants if variant.duration_minutes == 60]
    return next(iter(hour or variants[len(variants) // 2 :]), None)


def _offer_data(variant: Any) -> dict[str, Any]:
    url = reverse("scheduling:choose_time", args=[variant.code])
    return offer_data(variant.name, variant.price_minor, variant.currency, url)
