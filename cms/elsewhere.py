"""A page as plain HTML for places that are not our site: feed readers, Markdown, language models.

Only elements that any reader knows, absolute addresses, no class, no script. What is live on the
site (prices, free times) is a link to it, because a copy of a price would soon be wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.http import HttpRequest
from django.utils.html import format_html, format_html_join, linebreaks
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from cms import live
from cms.addresses import whole
from cms.languages import address_here
from cms.links import service_card, therapist_cards
from cms.renditions import full_url, widest_jpeg
from cms.rich_text import resolved
from cms.words import streams_of

Request = HttpRequest | None


def html_of(page: Any, request: Request = None) -> SafeString:
    """Everything the page says below its title."""
    parts = [
        _paragraph(getattr(page, "subtitle", ""), "<p><em>{}</em></p>"),
        _hero(page),
        # A policy: the version in force, finished and absolute.
        getattr(page, "body_html", ""),
        *(blocks_html(stream, request) for stream in streams_of(page)),
        _sources(getattr(page, "sources", None) or ()),
    ]
    return mark_safe("\n".join(part for part in parts if part))  # noqa: S308 - each part escaped


def blocks_html(stream: Iterable[Any], request: Request = None) -> SafeString:
    """The blocks of a body; a kind that nobody described here is drawn as on the site."""
    drawn = [_block_html(block, request) for block in stream]
    return mark_safe("\n".join(part for part in drawn if part))  # noqa: S308 - each part escaped


def _block_html(block: Any, request: Request) -> str:
    draw = _BLOCKS.get(block.block_type)
    if draw is None:
        return resolved(str(block.render({"request": request})), absolute=True)
    return draw(block.value, request)


# --- Words ------------------------------------------------------------------------
def _heading(value: Any, request: Request) -> str:
    number = f"{value['number']}. " if value["number"] else ""
    tag = mark_safe(f"h{int(value['level'])}")  # noqa: S308 - a number
    return format_html("<{0}>{1}{2}</{0}>", tag, number, value["text"])


def _prose(value: Any, request: Request) -> str:
    return resolved(value.source, absolute=True)


def _quote(value: Any, request: Request) -> str:
    by = ", ".join(part for part in (value["by"], value["role"]) if part)
    words = mark_safe(linebreaks(value["text"], autoescape=True))  # noqa: S308 - escaped there
    signed = format_html("<p>{} {}</p>", "\N{EM DASH}", by) if by else ""
    return format_html("<blockquote>{}{}</blockquote>", words, signed)


def _key_points(value: Any, request: Request) -> str:
    return _title(value["title"]) + _list(value["points"])


def _do_dont(value: Any, request: Request) -> str:
    return _title(_("Do")) + _list(value["do"]) + _title(_("Leave out")) + _list(value["dont"])


def _exercise(value: Any, request: Request) -> str:
    caution = format_html("<p><strong>{}</strong> {}</p>", _("Careful:"), value["caution"])
    return (
        format_html("<h3>{}</h3><p><em>{}</em></p>", value["name"], value["sets"])
        + linebreaks(value["how"], autoescape=True)
        + (caution if value["caution"] else "")
    )


def _red_flag(value: Any, request: Request) -> str:
    return _title(value["title"]) + linebreaks(value["text"], autoescape=True)


def _faq(value: Any, request: Request) -> str:
    title = format_html("<h2>{}</h2>", value["title"]) if value["title"] else ""
    return title + "".join(
        format_html("<h3>{}</h3>", item["question"])
        + resolved(item["answer"].source, absolute=True)
        for item in value["items"]
    )


def _title(words: str) -> str:
    return format_html("<p><strong>{}</strong></p>", words)


def _list(items: Iterable[Any]) -> str:
    return format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", ([i] for i in items)))


def _paragraph(words: str, shape: str) -> str:
    return format_html(shape, words) if words else ""


# --- Pictures ------------------------------------------------------------------------
def _hero(page: Any) -> str:
    image = getattr(page, "hero_image", None)
    return _image(image, page.hero_alt) if image else ""


def _picture(value: Any, request: Request) -> str:
    image = value.get("image")
    if image is None:
        return ""
    alt = "" if image.decorative else image.contextual_alt_text or ""
    return _image(image, alt, value["caption"])


def _image(image: Any, alt: str, caption: str = "") -> str:
    made = widest_jpeg(image)
    drawn = format_html(
        '<img src="{}" alt="{}" width="{}" height="{}">',
        full_url(made), alt, made.width, made.height,
    )  # fmt: skip
    said = format_html("<figcaption>{}</figcaption>", caption) if caption else ""
    return format_html("<figure>{}{}</figure>", drawn, said)


# --- What is live on the site ------------------------------------------------------------------
def _package(value: Any, request: Request) -> str:
    offer = live.package(value["package"], request)
    return _link(address_here("/packages/", request), offer.name, value["note"]) if offer else ""


def _next_times(value: Any, request: Request) -> str:
    return _link("/book/", value["title"])


def _service(value: Any, request: Request) -> str:
    card = service_card(value["service"], request)
    return _link(card.url, card.title, value["note"] or card.text) if card else ""


def _therapist(value: Any, request: Request) -> str:
    cards = {card.code: card for card in therapist_cards(request)}
    card = cards.get(value["therapist"])
    return _link(card.url, card.name, value["note"] or card.runs) if card else ""


def _call_to_action(value: Any, request: Request) -> str:
    target = value.target(request)
    return _link(target, value["label"], value["text"]) if target else ""


def _embed(value: Any, request: Request) -> str:
    return _link(value["address"], value["title"], value["note"])


def _link(url: str, label: str, words: str = "") -> str:
    link = format_html('<a href="{}">{}</a>', whole(url), label)
    return format_html("<p>{}: {}</p>" if words else "<p>{}</p>", link, words)


def _sources(stream: Iterable[Any]) -> str:
    items = [
        format_html(
            "<li>{} {}</li>",
            _cited(block.value["text"], block.value["link"]),
            block.value["found"] or "",
        )
        for block in stream
    ]
    return f"<h2>{_('Sources')}</h2><ol>{''.join(items)}</ol>" if items else ""


def _cited(text: str, link: str | None) -> str:
    return format_html('<a href="{}">{}</a>', link, text) if link else format_html("{}", text)


_BLOCKS: dict[str, Callable[[Any, Request], str]] = {
    "heading": _heading,
    "prose": _prose,
    "picture": _picture,
    "quote": _quote,
    "key_points": _key_points,
    "do_dont": _do_dont,
    "exercise": _exercise,
    "red_flag": _red_flag,
    "faq": _faq,
    "next_times": _next_times,
    "package_offer": _package,
    "service_card": _service,
    "therapist": _therapist,
    "call_to_action": _call_to_action,
    "embed": _embed,
}
