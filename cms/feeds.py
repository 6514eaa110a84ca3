"""The journal as RSS, with the full text of each article."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any
from xml.sax.saxutils import XMLGenerator

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.feedgenerator import Rss201rev2Feed
from django.views.decorators.http import require_safe

from cms.pages.journal import ArticleIndexPage, ArticlePage, listed_articles
from cms.renditions import read_renditions
from cms.rich_text import resolved

NEWEST = 20
# Controls that XML 1.0 has no way to write.
_NOT_XML = {code: None for code in range(32) if code not in (9, 10, 13)}


class FullTextFeed(Rss201rev2Feed):
    """RSS 2.0 with ``content:encoded``."""

    def rss_attributes(self) -> dict[str, str]:
        return {
            **super().rss_attributes(),
            "xmlns:content": "http://purl.org/rss/1.0/modules/content/",
        }

    def add_item_elements(self, handler: XMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)  # type: ignore[arg-type]
        handler.addQuickElement("content:encoded", item["full_text"])  # type: ignore[attr-defined]


@require_safe
def journal_feed(request: HttpRequest) -> HttpResponse:
    """The newest articles with full text and absolute addresses."""
    journal = ArticleIndexPage.objects.live().first()
    feed = FullTextFeed(
        title=f"{settings.WAGTAIL_SITE_NAME}: journal",
        link=journal.get_full_url(request) if journal else settings.SITE_URL,
        description=journal.meta_description if journal else "",
        feed_url=f"{settings.SITE_URL}{request.path}",
        language=settings.LANGUAGE_CODE,
    )
    articles = list(listed_articles().defer(None).select_related("hero_image")[:NEWEST])
    read_renditions(image for article in articles for image in article.images())
    for article in articles:
        _add(feed, article, request)
    return HttpResponse(
        feed.writeString("utf-8"), content_type="application/rss+xml; charset=utf-8"
    )


def _add(feed: FullTextFeed, article: ArticlePage, request: HttpRequest) -> None:
    url = article.get_full_url(request)
    day = article.shown_on
    feed.add_item(
        title=article.title.translate(_NOT_XML),
        link=url,
        unique_id=url,
        description=article.meta_description.translate(_NOT_XML),
        author_name=article.byline or None,
        pubdate=datetime.combine(day, time(9), tzinfo=UTC) if day else None,
        updateddate=article.last_published_at,
        full_text=full_text(article, request).translate(_NOT_XML),
    )


def full_text(article: ArticlePage, request: HttpRequest) -> str:
    """The body as HTML that reads well outside the site; offers and times stay on it."""
    html = render_to_string(
        "cms/feed_article.html", {"article": article, "url": article.get_full_url(request)}
    )
    return resolved(html, absolute=True)
