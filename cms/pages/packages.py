"""Packages: what is on sale is asked when the page is served; the page adds the words."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.http import HttpRequest
from wagtail.fields import StreamField

from cms import live
from cms.api_fields import ON_EVERY_PAGE, writable
from cms.blocks import BodyBlock
from cms.pages.base import BasePage
from cms.structured_data import offer_data, service_data


class PackagesPage(BasePage):
    intro = models.TextField(max_length=400, blank=True)
    body = StreamField(BodyBlock(), blank=True)

    max_count = 1
    parent_page_types: ClassVar[list[str]] = ["cms.HomePage"]
    subpage_types: ClassVar[list[str]] = []
    template = "cms/packages_page.html"
    content_panels = [*BasePage.content_panels, "intro", "body"]
    api_fields = [*writable("intro", "body"), *ON_EVERY_PAGE]

    class Meta:
        verbose_name = "packages"

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return super().get_context(request, *args, **kwargs) | {
            "packages": list(live.packages(request).values()),
            "services": list(live.services(request).values()),
        }

    def structured_data(self, request: HttpRequest) -> list[dict[str, Any]]:
        packages = live.packages(request).values()
        if not packages:
            return super().structured_data(request)
        data = service_data(self, request)
        data["offers"] = [
            offer_data(each.name, each.price_minor, each.currency, each.buy_url)
            for each in packages
        ]
        return [*super().structured_data(request), data]
