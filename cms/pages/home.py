"""The front door."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.http import HttpRequest
from wagtail import blocks
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.fields import StreamField

from cms import live
from cms.api_fields import ON_EVERY_PAGE, writable
from cms.blocks import FaqBlock
from cms.links import service_cards, therapist_cards
from cms.pages.base import BasePage
from cms.pages.journal import article_cards
from cms.practice import practice_facts
from cms.references import code_select, package_choices, service_choices
from cms.structured_data import practice_data, website


class StepBlock(blocks.StructBlock):
    title = blocks.CharBlock(max_length=80)
    text = blocks.TextBlock(rows=2)

    class Meta:
        icon = "order"
        label = "Step"


class HomePage(BasePage):
    headline = models.CharField(max_length=120, default="Your legs did the work. Bring them in.")
    intro = models.TextField("lead", max_length=300, blank=True)
    times_of = models.CharField(
        "free times of", max_length=60, blank=True, help_text="A treatment; empty is any."
    )
    package = models.CharField(
        "package to mention", max_length=60, blank=True, help_text="Shown with today's price."
    )
    steps = StreamField([("step", StepBlock())], blank=True, max_num=4, verbose_name="how it works")
    questions = StreamField([("faq", FaqBlock())], blank=True, max_num=1)

    max_count = 1
    parent_page_types: ClassVar[list[str]] = ["cms.BasePage"]
    subpage_types: ClassVar[list[str]] = [
        "cms.ArticleIndexPage",
        "cms.ServiceIndexPage",
        "cms.TherapistIndexPage",
        "cms.PackagesPage",
        "cms.LocationIndexPage",
        "cms.QuestionsPage",
        "cms.PolicyPage",
        "cms.FormPage",
        "cms.StandardPage",
    ]
    template = "cms/home_page.html"
    content_panels = [
        *BasePage.content_panels,
        MultiFieldPanel(
            [
                "headline",
                "intro",
                FieldPanel("times_of", widget=code_select(service_choices)),
                FieldPanel("package", widget=code_select(package_choices)),
            ],
            heading="First view",
        ),
        "steps",
        "questions",
    ]
    api_fields = [
        *writable("headline", "intro", "times_of", "package", "steps", "questions"),
        *ON_EVERY_PAGE,
    ]

    class Meta:
        verbose_name = "home page"

    @property
    def meta_title(self) -> str:
        return self.seo_title or self.headline

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        wanted = live.Wanted(service=self.times_of)
        return super().get_context(request, *args, **kwargs) | {
            "next_times": live.next_times(wanted, request),
            "services": service_cards(request),
            "package": live.package(self.package, request),
            "therapists": therapist_cards(request),
            "articles": article_cards(request, count=2),
            "steps": [block.value for block in self.steps],
        }

    def structured_data(self, request: HttpRequest) -> list[dict[str, Any]]:
        from cms.social_cards import card_address

        practice = practice_data(
            practice_facts(request),
            places=live.places(request),
            services=list(live.services(request).values()),
            image=card_address(self),
        )
        return [*super().structured_data(request), practice, website()]
