"""From an article to the chair, without cookies (U3): its links carry its signed number.

The token is the same for every reader, so a page stays one page for all caches. It is added to
the finished HTML, so no block, component or sentence of an editor's can forget it. A page that was
itself reached from an article passes that article's token on. Canonical addresses stay clean.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import escape

from payments.attributing import VIA, Source, signed, token_in

if TYPE_CHECKING:
    from cms.pages.base import BasePage

_MAIN = re.compile(r"(<main\b.*?</main>)", re.DOTALL)
_LINK = re.compile(r'(<a\b[^>]*?\shref=")([^"]+)(")')
_FORM = re.compile(r'<form\b[^>]*?\saction="([^"]+)"[^>]*>')
_BUYING = re.compile(r"^/packages/[-\w]+/buy/$")


def described(page_id: int) -> Source | None:
    """What a page is called now; an order keeps it, whatever becomes of the page."""
    from cms.pages.base import BasePage

    page = BasePage.objects.filter(pk=page_id).first()
    return Source(page_id, urlsplit(page.url or "").path, page.title) if page else None


def token_for(page: BasePage, request: HttpRequest) -> str:
    """What the links of this page carry: the article's own, else the one it was reached with."""
    from cms.pages.journal import ArticlePage

    if getattr(request, "is_preview", False):
        return ""
    if isinstance(page, ArticlePage) and page.pk:
        return signed(page.pk)
    return token_in(request.GET)


def carry(response: Any, page: BasePage, request: HttpRequest) -> Any:
    """Let the links of a page that is about to be rendered carry its token."""
    token = token_for(page, request)
    if token and hasattr(response, "add_post_render_callback"):
        places = selling_pages()

        def carried(rendered: Any) -> None:
            html = rendered.content.decode(rendered.charset)
            rendered.content = with_token(html, token, places)

        response.add_post_render_callback(carried)
    return response


def with_token(html: str, token: str, places: tuple[str, ...]) -> str:
    """Add a token to what leads to booking or buying.

    Links to booking get it wherever they stand; links to our pages about what is on offer (below
    ``places``) only in the text itself: menus lead everywhere and from nowhere.
    """
    parts = _MAIN.split(html)
    for number, part in enumerate(parts):
        within = places if number % 2 else ()

        def link(found: re.Match[str], within: tuple[str, ...] = within) -> str:
            address = _with_query(found[2], token) if _leads_there(found[2], within) else found[2]
            return f"{found[1]}{address}{found[3]}"

        def form(found: re.Match[str]) -> str:
            if found[1] != reverse("scheduling:hold"):
                return found[0]
            return f'{found[0]}<input type="hidden" name="{VIA}" value="{escape(token)}">'

        parts[number] = _FORM.sub(form, _LINK.sub(link, part))
    return "".join(parts)


def selling_pages() -> tuple[str, ...]:
    """Paths of the live pages about what is on offer; what lies below them belongs to them."""
    from cms.pages.base import BasePage
    from cms.pages.packages import PackagesPage
    from cms.pages.people import TherapistIndexPage
    from cms.pages.treatments import ServiceIndexPage

    kinds = BasePage.objects.live().type(PackagesPage, ServiceIndexPage, TherapistIndexPage)
    return tuple(urlsplit(page.url or "/-/").path for page in kinds)


def _leads_there(address: str, places: tuple[str, ...]) -> bool:
    local = address.removeprefix(settings.SITE_URL)
    path, _, query = local.partition("#")[0].partition("?")
    if not path.startswith("/") or path.startswith("//") or f"{VIA}=" in query:
        return False
    booking = path.startswith(reverse("scheduling:book")) or _BUYING.match(path)
    return bool(booking) or path.startswith(places)


def _with_query(address: str, token: str) -> str:
    rest, mark, fragment = address.partition("#")
    joint = "&amp;" if "?" in rest else "?"
    return f"{rest}{joint}{VIA}={escape(token)}{mark}{fragment}"
