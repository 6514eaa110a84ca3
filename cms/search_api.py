"""Search for any front end: the same finds as the page at ``/search/``."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone, translation
from ninja import Query, Router, Schema
from pydantic import Field
from wagtail.api.v3.auth import AllowAnonymous

from cms.addresses import whole
from cms.api_shapes import MAX_LIMIT, LocaleCode
from cms.searching import LONGEST, count_search, find

router = Router(tags=["content"], auth=[AllowAnonymous()])


class SearchWanted(Schema):
    """Which pages: with all of these words, or any of them where none has all.

    In a language, or the default one.
    """

    q: str = Field(min_length=1, max_length=LONGEST)
    locale: LocaleCode = ""
    limit: int = Field(10, ge=1, le=MAX_LIMIT)
    offset: int = Field(0, ge=0, le=10_000)


class HitOut(Schema):
    """`excerpt` is safe HTML: escaped text in which finds are ``mark`` elements."""

    id: int
    kind: str
    title: str
    url: str
    excerpt: str


class PromotionOut(Schema):
    title: str
    url: str
    text: str


class SearchOut(Schema):
    term: str
    count: int
    promoted: list[PromotionOut]
    items: list[HitOut]


@router.get("/search/", response=SearchOut, operation_id="content_search")
def search(request: HttpRequest, wanted: Query[SearchWanted]) -> SearchOut:
    """Live, public pages by words; what editors put first for the term stands apart."""
    with translation.override(wanted.locale or settings.LANGUAGE_CODE):
        found = find(wanted.q, request=request, limit=wanted.limit, offset=wanted.offset)
    if found.term and not wanted.offset:
        count_search(found.term, at=timezone.now())
    return SearchOut(
        term=found.term,
        count=found.count,
        promoted=[
            PromotionOut(title=each.title, url=whole(each.url), text=each.text)
            for each in found.promoted
        ],
        items=[
            HitOut(
                id=hit.id, kind=hit.kind, title=hit.title, url=whole(hit.url), excerpt=hit.excerpt
            )
            for hit in found.hits
        ],
    )
