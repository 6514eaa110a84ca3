"""The languages of the site: which one an address is in, and where a page is in the others.

The default language has addresses without a prefix; ``/de/journal/`` is German. Adding a
language is a setting and a tree of pages: docs/languages.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from babel.dates import format_date
from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import translation
from django.utils.translation import to_locale
from wagtail.models import Site

from cms import live
from cms.finding import page_at

if TYPE_CHECKING:
    from cms.pages.base import BasePage

HOMES, TOP = 2, 3  # depths of the home pages and of what lies right below them


# --- Codes and addresses ------------------------------------------------------------------------
def active() -> str:
    """The code of the language that is spoken now.

    The admin may speak others than the site does; there the site's default is meant.
    """
    spoken = translation.get_language()
    return spoken if spoken in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def is_default(language: str) -> bool:
    return bool(language == settings.LANGUAGE_CODE)


def tag(language: str) -> str:
    """The code the way ``lang`` and ``hreflang`` want it: en-GB."""
    return to_locale(language).replace("_", "-")


def tag_if_other(language: str) -> str:
    """What a list says of an entry in `language`: its tag, or nothing if all else is in it too."""
    return "" if language == active() else tag(language)


def day_in_words(day: date) -> str:
    """18 November 2026, or 18. November 2026, as is said in the active language."""
    return str(format_date(day, "long", locale=to_locale(active())))


def prefix(language: str) -> str:
    return "/" if is_default(language) else f"/{language}/"


def split_address(path: str) -> tuple[str, str]:
    """The language of a path and the rest of it: ``/de/journal/`` is ``("de", "/journal/")``."""
    first, slash, rest = path.removeprefix("/").partition("/")
    if slash and first in dict(settings.LANGUAGES) and not is_default(first):
        return first, f"/{rest}"
    return settings.LANGUAGE_CODE, path


class LanguageOfAddress:
    """Speaks the language of the address, whatever the browser prefers: a page is one page.

    An address that is missing in a language but there in the default one leads on to that page,
    or to its translation if it has one under another name.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language, rest = split_address(request.path_info)
        request.LANGUAGE_CODE = language
        with translation.override(language):
            response = self.get_response(request)
            missing = response.status_code == 404 and request.method in ("GET", "HEAD")
            if missing and not is_default(language):
                return _instead(request, rest) or response
        return response


def _instead(request: HttpRequest, path: str) -> HttpResponse | None:
    page = page_at(Site.find_for_request(request), path, settings.LANGUAGE_CODE)
    if page is None or page.get_view_restrictions().exists():
        return None
    here = [each for each in places(request, page) if each.of(page) and each.language == active()]
    address = here[0].address if here else page.get_url(request)
    asked = request.META.get("QUERY_STRING", "")
    return HttpResponseRedirect(f"{address}?{asked}" if asked else address)


# --- Where pages are in each language -------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Place:
    """A live page in one language. `address` has no host."""

    language: str
    key: UUID  # shared by the translations of a page
    depth: int
    address: str

    def of(self, page: BasePage) -> bool:
        return bool(self.key == page.translation_key)

    @property
    def url(self) -> str:
        return f"{settings.SITE_URL}{self.address}"

    @property
    def tag(self) -> str:
        return tag(self.language)


def places(request: HttpRequest | None, page: BasePage | None = None) -> list[Place]:
    """Home pages, what lies right below them, and every translation of `page` and of those it
    names as around it, in one query.

    Without a page it is the one that was found at the address of the request, if any.
    """
    route = getattr(request, "_wagtail_route_for_request", None)
    page = page or (route.page if route else None)
    keys = page.keys_around() if page else []
    return live.once(request, f"places {keys}", lambda: _read_places(keys))


def _read_places(keys: list[UUID]) -> list[Place]:
    from cms.pages.base import BasePage

    wanted = Q(depth__in=(HOMES, TOP)) | Q(translation_key__in=keys)
    pages = BasePage.objects.live().filter(wanted, depth__gte=HOMES, view_restrictions=None)
    names = ("locale__language_code", "translation_key", "depth", "url_path")
    rows = list(pages.order_by("path").values_list(*names))
    homes = {language: path for language, _, depth, path in rows if depth == HOMES}
    return [
        Place(language, own, depth, prefix(language) + path.removeprefix(homes[language]))
        for language, own, depth, path in rows
        if language in homes and path.startswith(homes[language])
    ]


def address_here(path: str, request: HttpRequest | None) -> str:
    """Where a top page of the default language, named by its path there, is in the active one.

    Without a translation it is the page in the default language.
    """
    language = active()
    if is_default(language):
        return path
    known = places(request)
    keys = {each.key for each in known if is_default(each.language) and each.address == path}
    here = (each.address for each in known if each.language == language and each.key in keys)
    return next(here, path)


def address_of(page: BasePage, request: HttpRequest | None, *, on: BasePage) -> str:
    """The address of a live page that page `on` names, in the active language if it is there."""
    found = (each for each in places(request, on) if each.of(page) and each.language == active())
    here = next(found, None)
    return here.address if here else str(page.get_url(request))


# --- The switch, and what the head says -----------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Choice:
    """An entry of the language switch, named as its speakers name it."""

    name: str
    tag: str
    address: str
    current: bool


def choices(request: HttpRequest | None, page: BasePage | None = None) -> list[Choice]:
    """The same page in each language that has a live home page; that home where it is missing."""
    known = places(request, page)
    return [
        _choice(language, name, known, page)
        for language, name in settings.LANGUAGES
        if any(each.depth == HOMES and each.language == language for each in known)
    ]


def _choice(language: str, name: str, known: list[Place], page: BasePage | None) -> Choice:
    same = [each for each in known if page and each.of(page) and each.language == language]
    address = same[0].address if same else prefix(language)
    return Choice(str(name), tag(language), address, language == active())


@dataclass(frozen=True, slots=True)
class Alternate:
    """A ``<link rel="alternate">``: `tag` is a language or ``x-default``."""

    tag: str
    url: str


def alternates(request: HttpRequest | None, page: BasePage) -> list[Alternate]:
    """Every live translation of the page, itself among them, and the one for everybody else."""
    found = [each for each in places(request, page) if each.of(page)]
    if not found:
        return []
    everybody = next((each for each in found if is_default(each.language)), found[0])
    return [
        *(Alternate(each.tag, each.url) for each in found),
        Alternate("x-default", everybody.url),
    ]


def preferred(pages: Any) -> list[Any]:
    """Of pages read with their locale, one for each translation key: the active language's if it
    is there, the default one's otherwise; in the order of the default language's tree."""
    chosen: dict[UUID, Any] = {}
    in_order = sorted(pages, key=lambda page: not is_default(page.locale.language_code))
    for page in in_order:
        if page.locale.language_code in (active(), settings.LANGUAGE_CODE):
            chosen[page.translation_key] = page
    return list(chosen.values())
