"""The journal as RSS, Atom and JSON Feed, with the full text of each article.

``?topic=<slug>`` narrows each of them. A reader that asks again with its ETag or date gets a 304.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any
from xml.sax.saxutils import XMLGenerator

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed
from django.utils.http import http_date
from django.views.decorators.http import require_safe
from taggit.models import Tag

from cms.elsewhere import html_of
from cms.pages.journal import ArticleIndexPage, ArticlePage, listed_articles
from cms.renditions import read_renditions

NEWEST = 20
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)  # of a journal without an article
# Controls that XML 1.0 has no way to write.
_NOT_XML = {code: None for code in range(32) if code not in (9, 10, 13)}


@dataclass(frozen=True, slots=True)
class Entry:
    """One article, ready for any of the formats."""

    id: str
    url: str
    title: str
    summary: str
    author: str
    published_at: datetime
    updated_at: datetime
    tags: tuple[str, ...]
    html: str


@dataclass(frozen=True, slots=True)
class Journal:
    """What a feed says of itself, and its entries, the newest first."""

    title: str
    description: str
    url: str
    feed_url: str
    language: str
    updated_at: datetime
    entries: tuple[Entry, ...]


class _FullTextRss(Rss201rev2Feed):
    """RSS 2.0 with ``content:encoded`` and the author's name (its own field wants an address)."""

    def rss_attributes(self) -> dict[str, str]:
        return {
            **super().rss_attributes(),
            "xmlns:content": "http://purl.org/rss/1.0/modules/content/",
            "xmlns:dc": "http://purl.org/dc/elements/1.1/",
        }

    def add_item_elements(self, handler: XMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)  # type: ignore[arg-type]
        handler.addQuickElement("content:encoded", item["full_text"])  # type: ignore[attr-defined]

    def latest_post_date(self) -> datetime:
        updated: datetime = self.feed["updated"]  # type: ignore[attr-defined]
        return updated


class _FullTextAtom(Atom1Feed):
    """Atom with ``content``; the feed itself has an author, as entries may lack one."""

    def add_root_elements(self, handler: Any) -> None:
        super().add_root_elements(handler)
        handler.startElement("author", {})
        handler.addQuickElement("name", settings.WAGTAIL_SITE_NAME)
        handler.endElement("author")

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        handler.addQuickElement("content", item["full_text"], {"type": "html"})

    def latest_post_date(self) -> datetime:
        updated: datetime = self.feed["updated"]  # type: ignore[attr-defined]
        return updated


@require_safe
def rss(request: HttpRequest) -> HttpResponse:
    return _xml(request, _FullTextRss, "application/rss+xml; charset=utf-8")


@require_safe
def atom(request: HttpRequest) -> HttpResponse:
    return _xml(request, _FullTextAtom, "application/atom+xml; charset=utf-8")


@require_safe
def json_feed(request: HttpRequest) -> HttpResponse:
    journal = _journal(request)
    data = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": journal.title,
        "description": journal.description,
        "home_page_url": journal.url,
        "feed_url": journal.feed_url,
        "language": journal.language,
        "authors": [{"name": settings.WAGTAIL_SITE_NAME, "url": f"{settings.SITE_URL}/"}],
        "items": [_json_item(entry) for entry in journal.entries],
    }
    response = JsonResponse(data, content_type="application/feed+json; charset=utf-8")
    return _dated(response, journal)


def _json_item(entry: Entry) -> dict[str, Any]:
    item: dict[str, Any] = {
        "id": entry.id,
        "url": entry.url,
        "title": entry.title,
        "summary": entry.summary,
        "content_html": entry.html,
        "date_published": entry.published_at.isoformat(),
        "date_modified": entry.updated_at.isoformat(),
        "tags": list(entry.tags),
    }
    return item | ({"authors": [{"name": entry.author}]} if entry.author else {})


def _xml(request: HttpRequest, kind: Callable[..., Any], content_type: str) -> HttpResponse:
    journal = _journal(request)
    feed = kind(
        title=journal.title,
        link=journal.url,
        description=journal.description,
        feed_url=journal.feed_url,
        language=journal.language,
        updated=journal.updated_at,
    )
    for entry in journal.entries:
        feed.add_item(
            title=entry.title,
            link=entry.url,
            unique_id=entry.id,
            description=entry.summary,
            author_name=entry.author or None,
            pubdate=entry.published_at,
            updateddate=entry.updated_at,
            categories=entry.tags,
            full_text=entry.html,
        )
    return _dated(HttpResponse(feed.writeString("utf-8"), content_type=content_type), journal)


def _dated(response: HttpResponse, journal: Journal) -> HttpResponse:
    response["Last-Modified"] = http_date(journal.updated_at.timestamp())
    return response


def _journal(request: HttpRequest) -> Journal:
    index = ArticleIndexPage.objects.live().first()
    topic = _topic(request)
    found = listed_articles(topic.slug if topic else None).defer(None)
    articles = list(found.select_related("author", "hero_image").prefetch_related("tags")[:NEWEST])
    read_renditions(image for article in articles for image in article.images())
    entries = tuple(_entry(article, request) for article in articles)
    named = f" on {topic.name}" if topic else ""
    asked = f"?topic={topic.slug}" if topic else ""
    return Journal(
        title=f"{settings.WAGTAIL_SITE_NAME}: journal{named}",
        description=index.meta_description if index else settings.WAGTAIL_SITE_NAME,
        url=(index.get_full_url(request) if index else f"{settings.SITE_URL}/") + asked,
        feed_url=f"{settings.SITE_URL}{request.path}{asked}",
        language=settings.LANGUAGE_CODE,
        updated_at=max((entry.updated_at for entry in entries), default=EPOCH),
        entries=entries,
    )


def _topic(request: HttpRequest) -> Tag | None:
    slug = request.GET.get("topic")
    if not slug:
        return None
    topic = Tag.objects.filter(slug=slug).first()
    if topic is None:
        raise Http404
    return topic


def _entry(article: ArticlePage, request: HttpRequest) -> Entry:
    url = article.get_full_url(request)
    day = article.shown_on
    published = datetime.combine(day, time(9), tzinfo=UTC) if day else EPOCH
    changed = article.last_published_at or published
    return Entry(
        id=url,
        url=url,
        title=article.title.translate(_NOT_XML),
        summary=article.meta_description.translate(_NOT_XML),
        author=article.byline,
        published_at=published,
        updated_at=max(published, changed),
        tags=tuple(sorted(tag.name for tag in article.tags.all())),
        html=f"{html_of(article, request)}\n{_back(url)}".translate(_NOT_XML),
    )


def _back(url: str) -> str:
    return f'<p><a href="{url}">Read it on our site, with free times</a></p>'


def feed_links(topic: str = "") -> list[tuple[str, str, str]]:
    """Type, name and address of each feed, for the head of pages."""
    asked = f"?topic={topic}" if topic else ""
    return [(kind, name, reverse(view) + asked) for kind, name, view in _KINDS]


_KINDS = (
    ("application/rss+xml", "RSS", "journal_feed"),
    ("application/atom+xml", "Atom", "journal_atom"),
    ("application/feed+json", "JSON Feed", "journal_json"),
)
