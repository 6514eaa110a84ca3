"""Places people come to: where they are and when they are open is asked when the page is served."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import time
from itertools import groupby
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField
from wagtail.search import index

from cms import live
from cms.api_fields import ON_EVERY_PAGE, writable
from cms.blocks import BodyBlock
from cms.languages import preferred
from cms.pages.base import BasePage
from cms.references import code_select, location_choices
from cms.structured_data import SCHEMA, address, opening, publisher

DAYS = [
    gettext_noop("Monday"),
    gettext_noop("Tuesday"),
    gettext_noop("Wednesday"),
    gettext_noop("Thursday"),
    gettext_noop("Friday"),
    gettext_noop("Saturday"),
    gettext_noop("Sunday"),
]


@dataclass(frozen=True, slots=True)
class HoursLine:
    """Monday to Friday: 07:00 to 20:30."""

    days: str
    times: str


@dataclass(frozen=True, slots=True)
class LocationCard:
    title: str
    url: str
    text: str


class LocationIndexPage(BasePage):
    intro = models.TextField(max_length=300, blank=True)

    max_count = 1
    parent_page_types: ClassVar[list[str]] = ["cms.HomePage"]
    subpage_types: ClassVar[list[str]] = ["cms.LocationPage"]
    template = "cms/location_index_page.html"
    content_panels = [*BasePage.content_panels, "intro"]
    api_fields = [*writable("intro"), *ON_EVERY_PAGE]

    class Meta:
        verbose_name = "locations"

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        pages = LocationPage.objects.live().public().select_related("locale").defer("body")
        open_now = live.locations(request)
        return super().get_context(request, *args, **kwargs) | {
            "locations": [
                LocationCard(page.title, page.get_url(request), page.intro)
                for page in preferred(pages.order_by("path"))
                if page.location_code in open_now
            ]
        }


class LocationPage(BasePage):
    location_code = models.SlugField(
        "location", max_length=60, help_text="Address, opening hours and free times come from it."
    )
    intro = models.TextField(max_length=400, blank=True)
    body = StreamField(BodyBlock(), blank=True)

    parent_page_types: ClassVar[list[str]] = ["cms.LocationIndexPage"]
    subpage_types: ClassVar[list[str]] = []
    template = "cms/location_page.html"
    search_fields = [*BasePage.search_fields, index.SearchField("intro"), index.SearchField("body")]
    content_panels = [
        *BasePage.content_panels,
        FieldPanel("location_code", widget=code_select(location_choices)),
        "intro",
        "body",
    ]
    api_fields = [*writable("location_code", "intro", "body"), *ON_EVERY_PAGE]

    class Meta:
        verbose_name = "location"

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        place = live.place(self.location_code, request)
        wanted = live.Wanted(location=self.location_code)
        return super().get_context(request, *args, **kwargs) | {
            "place": place,
            "hours": hours_in_words(place.days) if place else [],
            "next_times": live.next_times(wanted, request) if place else None,
        }

    def structured_data(self, request: HttpRequest) -> list[dict[str, Any]]:
        place = live.place(self.location_code, request)
        data: dict[str, Any] = {
            "@context": SCHEMA,
            "@type": "HealthAndBeautyBusiness",
            "name": f"{settings.WAGTAIL_SITE_NAME}, {self.title}",
            "description": self.meta_description,
            "url": self.get_full_url(request),
            "parentOrganization": publisher(),
        }
        if place:
            data["address"] = address(place.address_lines)
            data["openingHoursSpecification"] = opening(place)
        return [*super().structured_data(request), data]


def hours_in_words(days: Iterable[Any]) -> list[HoursLine]:
    """Days that follow each other with the same hours share a line."""
    runs = groupby(enumerate(days), key=lambda each: (each[1].weekday - each[0], each[1].spans))
    lines = []
    for (_offset, spans), run in runs:
        named = [_(DAYS[day.weekday - 1]) for _place, day in run]
        label = named[0] if len(named) == 1 else _to(named[0], named[-1])
        times = ", ".join(_to(f"{starts:%H:%M}", _closes(ends)) for starts, ends in spans)
        lines.append(HoursLine(label, times))
    return lines


def _to(first: str, last: str) -> str:
    return _("%(first)s to %(last)s") % {"first": first, "last": last}


def _closes(ends: time) -> str:
    """Midnight is the end of the day, not its start."""
    return "24:00" if ends == time(0) else f"{ends:%H:%M}"
