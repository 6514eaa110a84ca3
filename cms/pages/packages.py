"""Packages: what is on sale is asked when the page is served; the page adds the words."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.http import HttpRequest
from wagtail.api import APIField
from wagtail.fields import StreamField

from cms import live
from cms.blocks import BodyBlock
from cms.pages.base import BasePage


class PackagesPage(BasePage):
    intro = models.TextField(max_length=400, blank=True)
    body = StreamField(BodyBlock(), blank=True)

    max_count = 1
    parent_page_types: ClassVar[list[str]] = ["cms.HomePage"]
    subpage_types: ClassVar[list[str]] = []
    template = "cms/packages_page.html"
    content_panels = [*BasePage.content_panels, "intro", "body"]
    api_fields = [APIField("intro"), APIField("body")]

    class Meta:
        verbose_name = "packages"

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return super().get_context(request, *args, **kwargs) | {
            "packages": list(live.packages(request).values()),
            "services": list(live.services(request).values()),
        }
