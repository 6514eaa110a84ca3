"""Therapists: the list, and one page for each."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.api import APIField
from wagtail.fields import StreamField
from wagtail.images.api.fields import ImageRenditionField
from wagtail.search import index

from cms import live
from cms.admin.forms import DescribedPictureForm
from cms.api_fields import ON_EVERY_PAGE, writable
from cms.blocks import BodyBlock
from cms.links import therapist_cards
from cms.pages.base import BasePage
from cms.pages.journal import card_of, listed_articles
from cms.references import code_select, therapist_choices
from cms.renditions import full_url, spec
from cms.structured_data import SCHEMA, publisher


class TherapistIndexPage(BasePage):
    intro = models.TextField(max_length=300, blank=True)

    max_count = 1
    parent_page_types: ClassVar[list[str]] = ["cms.HomePage"]
    subpage_types: ClassVar[list[str]] = ["cms.TherapistPage"]
    template = "cms/therapist_index_page.html"
    content_panels = [*BasePage.content_panels, "intro"]
    api_fields = [*writable("intro"), *ON_EVERY_PAGE]

    class Meta:
        verbose_name = "therapists"

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return super().get_context(request, *args, **kwargs) | {
            "therapists": therapist_cards(request)
        }


class TherapistPage(BasePage):
    """The title is the therapist's name."""

    therapist_code = models.SlugField(
        "therapist", max_length=60, help_text="Free times come from this person's hours."
    )
    runs = models.CharField(
        max_length=120, blank=True, help_text="One line: Fell races, slowly and often."
    )
    training = models.CharField(max_length=200, blank=True)
    register_number = models.CharField(max_length=60, blank=True)
    photo = models.ForeignKey(
        "wagtailimages.Image",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Without one, a monogram is drawn.",
    )
    photo_alt = models.CharField("alternative text", max_length=240, blank=True)
    photo_decorative = models.BooleanField("only decoration", default=False)
    intro = models.TextField(max_length=400, blank=True)
    body = StreamField(BodyBlock(), blank=True)

    base_form_class = DescribedPictureForm
    parent_page_types: ClassVar[list[str]] = ["cms.TherapistIndexPage"]
    subpage_types: ClassVar[list[str]] = []
    template = "cms/therapist_page.html"
    joined_when_served = ("photo",)
    search_fields = [*BasePage.search_fields, index.SearchField("intro"), index.SearchField("body")]
    content_panels = [
        *BasePage.content_panels,
        FieldPanel("therapist_code", widget=code_select(therapist_choices)),
        "runs",
        "intro",
        MultiFieldPanel(["training", "register_number"], heading="Training"),
        MultiFieldPanel(["photo", "photo_alt", "photo_decorative"], heading="Photo"),
        "body",
    ]
    api_fields = [
        *writable("therapist_code", "runs", "training", "register_number", "intro"),
        *writable("photo", "photo_alt", "photo_decorative"),
        APIField("portrait", serializer=ImageRenditionField(spec(400), source="photo")),
        *writable("body"),
        *ON_EVERY_PAGE,
    ]

    class Meta:
        verbose_name = "therapist"

    @property
    def social_kicker(self) -> str:
        return self.runs

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        wanted = live.Wanted(therapist=self.therapist_code)
        articles = listed_articles().filter(author__therapist_code=self.therapist_code)[:3]
        return super().get_context(request, *args, **kwargs) | {
            "next_times": live.next_times(wanted, request),
            "articles": [card_of(article, request) for article in articles],
        }

    def structured_data(self, request: HttpRequest) -> list[dict[str, Any]]:
        data: dict[str, Any] = {
            "@context": SCHEMA,
            "@type": "Person",
            "name": self.title,
            "jobTitle": _("Sports massage therapist"),
            "description": self.meta_description,
            "url": self.get_full_url(request),
            "worksFor": publisher(),
        }
        if self.photo:
            data["image"] = full_url(self.photo.get_rendition(spec(400)))
        if self.training:
            data["hasCredential"] = {
                "@type": "EducationalOccupationalCredential", "name": self.training,
            }  # fmt: skip
        return [*super().structured_data(request), data]
