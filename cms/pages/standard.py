"""Plain pages: policies, privacy, accessibility, questions."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from wagtail.fields import StreamField
from wagtail.search import index

from cms.api_fields import ON_EVERY_PAGE, writable
from cms.blocks import BodyBlock
from cms.pages.base import BasePage


class StandardPage(BasePage):
    intro = models.TextField(max_length=400, blank=True)
    body = StreamField(BodyBlock(), blank=True)
    changed_on = models.DateField(
        "last changed", null=True, blank=True, help_text="Shown to readers of a policy."
    )

    parent_page_types: ClassVar[list[str]] = ["cms.HomePage", "cms.StandardPage"]
    subpage_types: ClassVar[list[str]] = ["cms.StandardPage", "cms.PolicyPage", "cms.FormPage"]
    template = "cms/standard_page.html"
    search_fields = [*BasePage.search_fields, index.SearchField("intro"), index.SearchField("body")]
    content_panels = [*BasePage.content_panels, "intro", "body", "changed_on"]
    api_fields = [*writable("intro", "changed_on", "body"), *ON_EVERY_PAGE]

    class Meta:
        verbose_name = "plain page"
