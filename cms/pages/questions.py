"""Questions and answers on a page of their own."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from wagtail.fields import StreamField
from wagtail.search import index

from cms.api_fields import ON_EVERY_PAGE, writable
from cms.blocks import FaqBlock
from cms.pages.base import BasePage


class QuestionsPage(BasePage):
    """Groups of questions, each with an answer that opens on a tap."""

    intro = models.TextField(max_length=400, blank=True)
    groups = StreamField(
        [("faq", FaqBlock())], blank=True, verbose_name="questions", help_text="One block a topic."
    )

    parent_page_types: ClassVar[list[str]] = ["cms.HomePage"]
    subpage_types: ClassVar[list[str]] = []
    template = "cms/questions_page.html"
    search_fields = [
        *BasePage.search_fields,
        index.SearchField("intro"),
        index.SearchField("groups"),
    ]
    content_panels = [*BasePage.content_panels, "intro", "groups"]
    api_fields = [*writable("intro", "groups"), *ON_EVERY_PAGE]

    class Meta:
        verbose_name = "questions and answers"
