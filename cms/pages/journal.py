"""The journal: its front page and its articles."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, ClassVar
from uuid import UUID

from django.conf import settings
from django.core.paginator import Paginator
from django.db import models
from django.db.models import F
from django.db.models.functions import Coalesce, TruncDate
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import gettext as _
from modelcluster.contrib.taggit import ClusterTaggableManager
from modelcluster.fields import ParentalKey
from taggit.models import Tag, TaggedItemBase
from wagtail import blocks
from wagtail.admin.panels import MultiFieldPanel
from wagtail.api import APIField
from wagtail.fields import StreamField
from wagtail.images.api.fields import ImageRenditionField
from wagtail.search import index

from cms import languages, live
from cms.admin.forms import DescribedPictureForm
from cms.api_fields import ON_EVERY_PAGE, writable
from cms.blocks import BodyBlock
from cms.pages.base import BasePage
from cms.renditions import SOCIAL, avif_srcset, full_url, read_renditions, spec
from cms.structured_data import SCHEMA, publisher
from cms.words import text_of
from payments.attributing import signed

WORDS_PER_MINUTE = 220
PER_PAGE = 12


@dataclass(frozen=True, slots=True)
class Topic:
    """A tag that live articles carry, with the address of their list."""

    name: str
    slug: str
    url: str


@dataclass(frozen=True, slots=True)
class ArticleCard:
    """What a list says of an article."""

    id: int
    title: str
    url: str
    text: str
    author: str
    on: date | None
    minutes: int
    lang: str = ""  # of an article that is not in the language of the page around it


class ArticleIndexPage(BasePage):
    intro = models.TextField(max_length=300, blank=True)

    max_count = 1
    parent_page_types: ClassVar[list[str]] = ["cms.HomePage"]
    subpage_types: ClassVar[list[str]] = ["cms.ArticlePage"]
    template = "cms/article_index_page.html"
    content_panels = [*BasePage.content_panels, "intro"]
    api_fields = [*writable("intro"), *ON_EVERY_PAGE]

    class Meta:
        verbose_name = "journal"

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        here = self.get_url(request)
        topics = topics_in_use(here)
        topic = next((each for each in topics if each.slug == request.GET.get("topic")), None)
        articles = listed_articles(topic.slug if topic else None)
        page = Paginator(articles, PER_PAGE).get_page(request.GET.get("page"))
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        if topic or page.number > 1:
            context["robots"] = "noindex, follow"
        return context | {
            "here": here,
            "topics": topics,
            "topic": topic,
            "page_of_articles": page,
            "articles": [card_of(article, request) for article in page],
            "untranslated": [] if topic or page.number > 1 else untranslated_articles(request),
            "query": f"topic={topic.slug}" if topic else "",
        }


class ArticleTag(TaggedItemBase):
    content_object = ParentalKey("ArticlePage", on_delete=models.CASCADE, related_name="tagged")


class SourceBlock(blocks.StructBlock):
    text = blocks.CharBlock(max_length=400, help_text="Authors, title, journal, year.")
    found = blocks.TextBlock(required=False, rows=2, help_text="What it found, in one sentence.")
    link = blocks.URLBlock(required=False)

    class Meta:
        icon = "doc-full"
        label = "Source"


class ArticlePage(BasePage):
    subtitle = models.CharField(max_length=255, blank=True)
    intro = models.TextField(
        max_length=400, blank=True, help_text="One or two sentences for lists and search results."
    )
    author = models.ForeignKey(
        "cms.TherapistPage",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="articles",
        help_text="A therapist of ours.",
    )
    author_name = models.CharField(
        "other author", max_length=120, blank=True, help_text="If no therapist wrote it."
    )
    published_on = models.DateField(
        "date shown", null=True, blank=True, help_text="Empty: the day it was first published."
    )
    hero_image = models.ForeignKey(
        "wagtailimages.Image",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Without one, lanes are drawn from the address of the page.",
    )
    hero_alt = models.CharField(
        "alternative text", max_length=240, blank=True, help_text="What it shows, or tick below."
    )
    hero_decorative = models.BooleanField("only decoration", default=False)
    body = StreamField(BodyBlock(), blank=True)
    sources = StreamField([("source", SourceBlock())], blank=True)
    tags = ClusterTaggableManager(through=ArticleTag, blank=True)
    reading_minutes = models.PositiveSmallIntegerField(default=1, editable=False)

    base_form_class = DescribedPictureForm
    parent_page_types: ClassVar[list[str]] = ["cms.ArticleIndexPage"]
    subpage_types: ClassVar[list[str]] = []
    template = "cms/article_page.html"
    joined_when_served = ("author", "hero_image")
    search_fields = [
        *BasePage.search_fields,
        index.SearchField("subtitle"),
        index.SearchField("intro"),
        index.SearchField("body"),
    ]
    content_panels = [
        *BasePage.content_panels,
        "subtitle",
        "intro",
        MultiFieldPanel(["author", "author_name", "published_on", "tags"], heading="By and about"),
        MultiFieldPanel(
            ["hero_image", "hero_alt", "hero_decorative"], heading="Picture at the top"
        ),
        "body",
        "sources",
    ]
    api_fields = [
        *writable("subtitle", "intro", "author", "author_name", "published_on", "tags"),
        APIField("byline"),
        APIField("shown_on"),
        APIField("reading_minutes"),
        *writable("hero_image", "hero_alt", "hero_decorative"),
        APIField("hero", serializer=ImageRenditionField(spec(1200), source="hero_image")),
        *writable("body", "sources"),
        APIField("via"),
        *ON_EVERY_PAGE,
    ]

    class Meta:
        verbose_name = "article"

    def save(self, *args: Any, **kwargs: Any) -> Any:
        self.reading_minutes = minutes_to_read(self.words())
        return super().save(*args, **kwargs)

    @property
    def via(self) -> str:
        """What a front end sends with an order or a hold that came from here (U3)."""
        return signed(self.pk)

    @property
    def byline(self) -> str:
        return self.author.title if self.author else self.author_name

    @property
    def shown_on(self) -> date | None:
        return self.published_on or (
            self.first_published_at.date() if self.first_published_at else None
        )

    @property
    def social_kicker(self) -> str:
        with translation.override(self.locale.language_code):
            minutes = _("%(minutes)s min read") % {"minutes": self.reading_minutes}
            return f"{self.byline or _('Journal')} \N{MIDDLE DOT} {minutes}"

    @cached_property
    def _topics(self) -> list[Tag]:
        return list(self.tags.all())

    @property
    def updated_on(self) -> date | None:
        """The day it was last changed, when that was not the day it came out."""
        first, last = self.first_published_at, self.last_published_at
        return last.date() if first and last and last.date() > first.date() else None

    def words(self) -> list[str]:
        """Every word a reader sees in the body."""
        return text_of(self.body).split()

    def related(self, request: HttpRequest, count: int = 2) -> list[ArticleCard]:
        """Articles that share a tag, newest first."""
        mine = ArticleTag.objects.filter(content_object=self.pk).values("tag")
        found = listed_articles().filter(tagged__tag__in=mine).exclude(pk=self.pk).distinct()
        return [card_of(article, request) for article in found[:count]]

    def images(self) -> list[Any]:
        """The images of the page, in order; the one at the top first."""
        blocks = [block.value.get("image") for block in self.body if block.block_type == "picture"]
        return [image for image in [self.hero_image, *blocks] if image is not None]

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        read_renditions(self.images())
        journal_url = self.way_here()[-2].get_url(request) if self.depth else ""
        author = self.author if self.author and self.author.live else None
        return super().get_context(request, *args, **kwargs) | {
            "topics": [topic_of(tag, journal_url) for tag in self._topics],
            "related": self.related(request),
            "hero_srcset": avif_srcset(self.hero_image) if self.hero_image else "",
            "author_url": languages.address_of(author, request, on=self) if author else "",
            "author_times": self._author_times(request),
        }

    def keys_around(self) -> list[UUID]:
        return [*super().keys_around(), *([self.author.translation_key] if self.author else [])]

    def _author_times(self, request: HttpRequest) -> Any:
        """Free times of the author, unless the body shows times of its own."""
        if self.author is None or any(block.block_type == "next_times" for block in self.body):
            return None
        return live.next_times(live.Wanted(therapist=self.author.therapist_code), request)

    def structured_data(self, request: HttpRequest) -> list[dict[str, Any]]:
        return [*super().structured_data(request), self._article_data(request)]

    def _article_data(self, request: HttpRequest) -> dict[str, Any]:
        data: dict[str, Any] = {
            "@context": SCHEMA,
            "@type": "Article",
            "headline": self.title,
            "description": self.meta_description,
            "mainEntityOfPage": self.get_full_url(request),
            "publisher": publisher(),
            "wordCount": len(self.words()),
        }
        if self.shown_on:
            data["datePublished"] = self.shown_on.isoformat()
        if self.last_published_at:
            data["dateModified"] = self.last_published_at.isoformat()
        if self.byline:
            data["author"] = self._author_data(request)
        if topics := [tag.name for tag in self._topics]:
            data["keywords"] = topics
        data["image"] = self._picture()
        if sources := [block.value["text"] for block in self.sources]:
            data["citation"] = sources
        return data

    def _author_data(self, request: HttpRequest) -> dict[str, Any]:
        data = {"@type": "Person", "name": self.byline}
        if self.author and self.author.live:
            data |= {
                "url": self.author.get_full_url(request),
                "jobTitle": _("Sports massage therapist"),
            }
        return data

    def _picture(self) -> str:
        from cms.social_cards import card_address

        if self.hero_image:
            return full_url(self.hero_image.get_rendition(SOCIAL))
        return card_address(self)


def minutes_to_read(words: list[str]) -> int:
    return max(1, math.ceil(len(words) / WORDS_PER_MINUTE))


def listed_articles(topic: str | None = None, *, language: str | None = None) -> Any:
    """Live, public articles in a language, newest first, without their bodies.

    Without one it is the language that is spoken now: no list mixes them.
    """
    shown = Coalesce("published_on", TruncDate("first_published_at"))
    articles = ArticlePage.objects.live().public().defer("body", "sources")
    articles = articles.filter(locale__language_code=language or languages.active())
    articles = articles.select_related("author", "locale").annotate(day=shown)
    if topic:
        articles = articles.filter(tagged__tag__slug=topic)
    return articles.order_by(F("day").desc(nulls_last=True), "-pk")


def untranslated_articles(request: HttpRequest, count: int = 6) -> list[ArticleCard]:
    """The newest articles of the default language that the active one lacks."""
    if languages.is_default(languages.active()):
        return []
    here = ArticlePage.objects.live().filter(locale__language_code=languages.active())
    found = listed_articles(language=settings.LANGUAGE_CODE)
    found = found.exclude(translation_key__in=here.values("translation_key"))
    return [card_of(article, request) for article in found[:count]]


def topics_in_use(journal_url: str) -> list[Topic]:
    """Tags of live articles in the active language, by name."""
    used = ArticleTag.objects.filter(
        content_object__live=True, content_object__locale__language_code=languages.active()
    )
    tags = Tag.objects.filter(pk__in=used.values("tag")).order_by("name")
    return [topic_of(tag, journal_url) for tag in tags]


def topic_of(tag: Tag, journal_url: str) -> Topic:
    return Topic(tag.name, tag.slug, f"{journal_url}?topic={tag.slug}")


def article_cards(request: HttpRequest, count: int) -> list[ArticleCard]:
    return [card_of(article, request) for article in listed_articles()[:count]]


def card_of(article: ArticlePage, request: HttpRequest | None) -> ArticleCard:
    return ArticleCard(
        id=article.pk,
        title=article.title,
        url=article.get_url(request),
        text=article.intro or article.subtitle,
        author=article.byline,
        on=article.shown_on,
        minutes=article.reading_minutes,
        lang=languages.tag_if_other(article.locale.language_code),
    )
