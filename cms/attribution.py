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
from django.urls import Resolver404, resolve, reverse
from django.utils.html import escape

from payments.attributing import VIA, Source, signed, token_in

if TYPE_CHECKING:
    from cms.pages.base import BasePage

_MAIN = re.compile(r"(<main\b.*?</main>)", re.DOTALL)
_LINK = re.compile(r'(<a\b[^>]*?\shref=")([^"]+)(")')
_FORM = re.compile(r'<form\b[^>]*?\saction="([^"]+)"[^>]*>')
_BOOKING = {"scheduling:book", "scheduling:choose_time", "scheduling:take_time", "payments:buy"}
_PAGE = "wagtail_serve"


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
        journal = _journal_of(page, request)

        def carried(rendered: Any) -> None:
            html = rendered.content.decode(rendered.charset)
            rendered.content = with_token(html, token, journal)

        response.add_post_render_callback(carried)
    return response


def with_token(html: str, token: str, journal: str = "") -> str:
    """Add a token to what leads to booking or buying.

    Links to booking get it wherever they stand. Links to our other pages, which lead on to booking,
    get it in the text itself: menus lead everywhere and from nowhere. Those below ``journal`` do
    not, as an article speaks for itself.
    """
    parts = _MAIN.split(html)
    for number, part in enumerate(parts):
        in_text = number % 2 == 1

        def link(found: re.Match[str], in_text: bool = in_text) -> str:
            kind = _kind_of(found[2])
            on_the_way = in_text and kind == _PAGE and not _below(found[2], journal)
            if kind not in _BOOKING and not on_the_way:
                return found[0]
            return f"{found[1]}{_with_query(found[2], token)}{found[3]}"

        def form(found: re.Match[str]) -> str:
            if found[1] != reverse("scheduling:hold"):
                return found[0]
            return f'{found[0]}<input type="hidden" name="{VIA}" value="{escape(token)}">'

        parts[number] = _FORM.sub(form, _LINK.sub(link, part))
    return "".join(parts)


def _journal_of(page: BasePage, request: HttpRequest) -> str:
    from cms.pages.journal import ArticlePage

    return str(page.way_here()[-2].get_url(request)) if isinstance(page, ArticlePage) else ""


def _kind_of(address: str) -> str:
    """The name of the view a local address leads to; nothing for home and for any other site's."""
    path, _, query = _path_of(address).partition("?")
    if not path.startswith("/") or path.startswith("//") or path == "/" or f"{VIA}=" in query:
        return ""
    try:
        return resolve(path).view_name
    except Resolver404:
        return ""


def _below(address: str, journal: str) -> bool:
    return bool(journal) and _path_of(address).startswith(urlsplit(journal).path)


def _path_of(address: str) -> str:
    return address.removeprefix(settings.SITE_URL).partition("#")[0]


def _with_query(address: str, token: str) -> str:
    rest, mark, fragment = address.partition("#")
    joint = "&amp;" if "?" in rest else "?"
    return f"{rest}{joint}{VIA}={escape(token)}{mark}{fragment}"
