"""Search over what anybody may read: live, public pages, and what editors put first.

Wagtail's database search finds and ranks, on either engine. What people look for is counted by
day and term (Wagtail's own counts), without who asked; a term that could be about a person is not
counted at all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Q
from django.http import HttpRequest
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from wagtail.contrib.search_promotions.models import Query, QueryDailyHits, SearchPromotion
from wagtail.models import Locale
from wagtail.search.utils import normalise_query_string

from cms.languages import active
from cms.pages.base import BasePage
from cms.words import words_of

LONGEST = 100  # characters of a question
PER_PAGE = 10
AROUND = 90  # characters of context on each side of a find
DIGITS_OF_A_PHONE = 5
TERMS_A_DAY = 1000  # a flood of invented terms fills no table
KEPT_DAYS = 90
# What a page is called in a list; for the catalogue, which reads no names of models.
KINDS = (
    gettext_noop("home page"),
    gettext_noop("journal"),
    gettext_noop("article"),
    gettext_noop("treatments"),
    gettext_noop("treatment"),
    gettext_noop("therapists"),
    gettext_noop("therapist"),
    gettext_noop("packages"),
    gettext_noop("plain page"),
    gettext_noop("locations"),
    gettext_noop("location"),
    gettext_noop("policy"),
    gettext_noop("questions and answers"),
    gettext_noop("form"),
)
_WORD = re.compile(r"\w+")
_ENDINGS = ("ings", "ing", "es", "ed", "s")


@dataclass(frozen=True, slots=True)
class Hit:
    """One page found. `excerpt` is escaped HTML whose only element is ``mark``."""

    id: int
    kind: str
    title: str
    url: str
    excerpt: SafeString


@dataclass(frozen=True, slots=True)
class Promotion:
    """What an editor wants first for this term."""

    title: str
    url: str
    text: str


@dataclass(frozen=True, slots=True)
class Found:
    """An answer; `hits` are one page of the `count` there are."""

    term: str
    count: int
    hits: tuple[Hit, ...]
    promoted: tuple[Promotion, ...]


def tidy(asked: str) -> str:
    """The term as it is looked for: one line, lower case, not endless."""
    return str(normalise_query_string(asked.replace("\0", " ")[:LONGEST]))


def find(asked: str, *, request: HttpRequest | None, limit: int, offset: int = 0) -> Found:
    """Pages with all the words; with any of them where none has all. A few queries, however many.

    An empty question finds nothing.
    """
    term = tidy(asked)
    if not _WORD.search(term):
        return Found(term, 0, (), ())
    spoken = list(Locale.objects.filter(language_code=active()))
    public = BasePage.objects.live().public().filter(locale__in=spoken)
    promoted = _promoted(term, public, request)
    pages = public.filter(depth__gte=2, noindex=False)
    results = pages.search(_plain(term), operator="and")
    count = results.count()
    if not count:
        results = pages.search(_plain(term), operator="or")
        count = results.count()
    shown = _specific(list(results[offset : offset + limit])) if count > offset else []
    return Found(term, count, tuple(_hit(page, term, request) for page in shown), promoted)


def _plain(term: str) -> str:
    """Words only: what the engines' own query languages mean by signs is not for readers."""
    return " ".join(_WORD.findall(term))


def _specific(pages: list[BasePage]) -> list[Any]:
    """The rows of their types: one query for each type among them."""
    ids = [page.pk for page in pages]
    found = {page.pk: page for page in BasePage.objects.filter(pk__in=ids).specific()}
    return [found[pk] for pk in ids if pk in found]


def _hit(page: Any, term: str, request: HttpRequest | None) -> Hit:
    return Hit(
        id=page.pk,
        kind=_(str(page._meta.verbose_name)),
        title=page.title,
        url=page.get_url(request),
        excerpt=excerpt(words_of(page), term),
    )


def _promoted(term: str, public: Any, request: HttpRequest | None) -> tuple[Promotion, ...]:
    seen = Q(page__in=public.values("pk")) | Q(page=None)
    picks = SearchPromotion.objects.filter(seen, query__query_string=term)
    return tuple(
        Promotion(
            title=pick.page.title if pick.page else pick.external_link_text or "",
            url=pick.page.get_url(request) if pick.page else pick.external_link_url,
            text=pick.description or (pick.page.search_description if pick.page else ""),
        )
        for pick in picks.select_related("page").order_by("sort_order", "pk")
    )


# --- What a result shows --------------------------------------------------------------------
def excerpt(text: str, term: str) -> SafeString:
    """The words around the first find, finds marked. Everything else is escaped."""
    pattern = _pattern(term)
    first = pattern.search(text)
    start = max(0, first.start() - AROUND) if first else 0
    end = min(len(text), (first.end() if first else 0) + AROUND * 2 - (0 if first else AROUND // 2))
    start, end = _whole_words(text, start, end)
    piece = text[start:end].strip()
    marked, last = [], 0
    for match in pattern.finditer(piece):
        marked += [escape(piece[last : match.start()]), f"<mark>{escape(match[0])}</mark>"]
        last = match.end()
    marked.append(escape(piece[last:]))
    before = "\N{HORIZONTAL ELLIPSIS} " if start else ""
    after = " \N{HORIZONTAL ELLIPSIS}" if end < len(text) else ""
    return mark_safe(f"{before}{''.join(marked)}{after}")  # noqa: S308 - each part escaped


def _pattern(term: str) -> re.Pattern[str]:
    """Words that begin like one that was asked for: the engines look for stems as well."""
    stems = sorted({_stem(word) for word in _WORD.findall(term)}, key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, stems))})\w*", re.IGNORECASE)


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word.removesuffix(ending)
    return word


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    while start > 0 and not text[start - 1].isspace():
        start -= 1
    while end < len(text) and not text[end].isspace():
        end += 1
    return start, end


# --- What people look for --------------------------------------------------------------------
def count_search(term: str, *, at: datetime) -> None:
    """Count the term for the day, unless it could be about a person."""
    term = tidy(term)
    if not may_be_kept(term):
        return
    day = at.date()
    today = QueryDailyHits.objects.filter(date=day)
    if today.filter(query__query_string=term).update(hits=F("hits") + 1):
        return
    known = Query.objects.filter(query_string=term).exists()
    if known or today.count() < TERMS_A_DAY:
        Query.get(term).add_hit(day)


def may_be_kept(term: str) -> bool:
    """Not an address, not a number somebody could be rung on, not a text pasted by mistake."""
    digits = sum(sign.isdigit() for sign in term)
    return bool(
        _WORD.search(term)
        and "@" not in term
        and digits < DIGITS_OF_A_PHONE
        and len(term.split()) <= 8
    )


def forget_old_counts(*, at: datetime) -> None:
    """A periodic job: counts of a quarter are enough to see what readers miss."""
    QueryDailyHits.garbage_collect(days=KEPT_DAYS)
    Query.garbage_collect()
