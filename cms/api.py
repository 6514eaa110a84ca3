"""The content part of the API that Wagtail's own routers lack.

The app above joins it, after every Wagtail app is ready (the page schemas are read on import):

    from cms.api import router as content
    api.add_router("/content/", content)

Everything here is public and asks for no token; drafts are in
``cms.api_drafts``, and ``cms.api_tightening`` keeps out what nobody reads. Cache headers are
``cms.caching``'s.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import translation
from ninja import Query, Router
from wagtail.api.rich_text import RichTextOutputFormat
from wagtail.api.v3.auth import AllowAnonymous
from wagtail.api.v3.querysets import get_pages_queryset
from wagtail.api.v3.routers.pages import PageDetailSchema
from wagtail.contrib.redirects.middleware import get_redirect
from wagtail.contrib.redirects.models import Redirect
from wagtail.images.api.v3.router import get_images_queryset
from wagtail.models import Site

from cms import importing_api, live
from cms.api_shapes import (
    ArticleCardOut,
    ArticleListOut,
    ArticlesWanted,
    LinkOut,
    LocaleCode,
    NavigationOut,
    NextTimesOut,
    PackageOfferOut,
    PictureOut,
    RedirectOut,
    ServiceOfferOut,
    SiteOut,
    TimesWanted,
)
from cms.api_tightening import hide_relatives
from cms.finding import page_at, root_path
from cms.forms import api as forms_api
from cms.languages import split_address
from cms.menus import menu_below
from cms.models import ArticlePage, ArticleTag, BasePage
from cms.pages.journal import card_of, listed_articles
from cms.practice import practice_facts
from cms.renditions import picture_data
from cms.search_api import router as search_router

router = Router(tags=["content"], auth=[AllowAnonymous()])
router.add_router("", search_router)
router.add_router("", importing_api.router)
router.add_router("", forms_api.router)


# --- Pages --------------------------------------------------------------------------------------
@router.get("/by-path/", response=PageDetailSchema, operation_id="content_by_path")
def by_path(
    request: HttpRequest,
    path: str,
    locale: LocaleCode = "",
    rich_text_format: RichTextOutputFormat | None = None,
) -> Any:
    """The live page at a path such as ``/journal/calves/``, or ``/de/journal/waden/``.

    With a locale the path is the one below that language's home page: ``/journal/waden/``.
    """
    language, rest = (locale, path) if locale else split_address(path)
    page = page_at(Site.find_for_request(request), rest, language)
    if page is None or not get_pages_queryset(request).filter(pk=page.pk).exists():
        raise Http404
    hide_relatives(page, request)
    return page


@router.get("/articles/", response=ArticleListOut, operation_id="content_articles")
def articles(request: HttpRequest, wanted: Query[ArticlesWanted]) -> ArticleListOut:
    """Cards of the journal, newest first, of a tag's slug or a therapist's code if given."""
    found = listed_articles(wanted.topic or None, language=wanted.locale or None)
    if wanted.author:
        found = found.filter(author__therapist_code=wanted.author)
    page = list(found[wanted.offset : wanted.offset + wanted.limit])
    tags = _tags_of(page)
    return ArticleListOut(
        count=found.count(),
        items=[_card(article, tags.get(article.pk, []), request) for article in page],
    )


def _card(article: ArticlePage, tags: list[str], request: HttpRequest) -> ArticleCardOut:
    card = card_of(article, request)
    return ArticleCardOut(
        id=card.id,
        title=card.title,
        url=article.get_full_url(request),
        detail_url=settings.SITE_URL + reverse("wagtailapi_v3:detail_page", args=[card.id]),
        intro=card.text,
        author=card.author,
        on=card.on,
        tags=tags,
        reading_minutes=card.minutes,
    )


def _tags_of(articles: list[ArticlePage]) -> dict[int, list[str]]:
    tagged = ArticleTag.objects.filter(content_object__in=articles).select_related("tag")
    found: dict[int, list[str]] = {}
    for each in tagged.order_by("tag__name"):
        found.setdefault(each.content_object_id, []).append(each.tag.name)
    return found


# --- Around the pages -----------------------------------------------------------------------------
@router.get("/navigation/", response=NavigationOut, operation_id="content_navigation")
def navigation(request: HttpRequest, locale: LocaleCode = "") -> NavigationOut:
    """Menus: pages marked for menus in the order of the tree, and the small print."""
    site = Site.find_for_request(request)
    language = locale or settings.LANGUAGE_CODE
    home = BasePage.objects.filter(url_path=root_path(site, language) if site else None).first()
    if home is None:
        raise Http404
    with translation.override(language):
        small_print = practice_facts(request)["small_print"]
    return NavigationOut(
        main=menu_below(home, request),
        small_print=[
            LinkOut(label=item["label"], url=settings.SITE_URL + item["url"])
            for item in small_print
        ],
    )


@router.get("/site/", response=SiteOut, operation_id="content_site")
def site(request: HttpRequest) -> SiteOut:
    """The practice and how to reach it."""
    facts = practice_facts(request)
    names = ("name", "tagline", "phone", "email", "address_lines", "opening_summary")
    return SiteOut(
        url=f"{settings.SITE_URL}/",
        feed_url=settings.SITE_URL + reverse("journal_feed"),
        sitemap_url=settings.SITE_URL + reverse("sitemap"),
        **{name: facts[name] for name in names},
    )


@router.get("/redirect/", response=RedirectOut, operation_id="content_redirect")
def redirect(request: HttpRequest, path: str) -> RedirectOut:
    """Where an old path leads now."""
    found = get_redirect(request, Redirect.normalise_path(path))
    if found is None or not found.link or (found.redirect_page and not found.redirect_page.live):
        raise Http404
    location = settings.SITE_URL + found.link if found.link.startswith("/") else found.link
    return RedirectOut(location=location, permanent=found.is_permanent)


@router.get("/images/{image_id}/", response=PictureOut, operation_id="content_image")
def image(request: HttpRequest, image_id: int) -> dict[str, Any]:
    """An image in the sizes we serve; sizes of one's own cannot be asked for."""
    found = get_object_or_404(get_images_queryset(request), pk=image_id)
    return {"title": found.title, **picture_data(found, alt=found.default_alt_text)}


# --- Offers that blocks point at ------------------------------------------------------------------
@router.get(
    "/offers/packages/{code}/", response=PackageOfferOut, operation_id="content_package_offer"
)
def package_offer(request: HttpRequest, code: str) -> Any:
    """A package on sale now; 404 while it is not."""
    return _or_404(live.package(code, request))


@router.get(
    "/offers/services/{code}/", response=ServiceOfferOut, operation_id="content_service_offer"
)
def service_offer(request: HttpRequest, code: str) -> Any:
    """A service with its lengths and prices now."""
    return _or_404(live.services(request).get(code))


@router.get("/offers/next-times/", response=NextTimesOut, operation_id="content_next_times")
def next_times(request: HttpRequest, wanted: Query[TimesWanted]) -> Any:
    """The next free times; 404 when what is asked for is not offered."""
    asked = live.Wanted(wanted.service, wanted.variant, wanted.location, wanted.therapist)
    return _or_404(live.next_times(asked, request, wanted.count))


def _or_404(offer: Any) -> Any:
    if offer is None:
        raise Http404
    return offer
