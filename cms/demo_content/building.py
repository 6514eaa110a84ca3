"""From the pieces of a demo file to the blocks of a page."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count
from typing import Any

from wagtail.images.models import Image

from cms.demo_content.markup import LinkTo, Piece, html
from cms.models import BasePage

Block = tuple[str, Any]
LEFT_OUT = {"source"}


def body_of(pieces: Iterable[Piece], home: BasePage) -> list[Block]:
    """The blocks of a body; sources stand apart."""
    return blocks_of((piece for piece in pieces if piece.kind not in LEFT_OUT), home)


def blocks_of(pieces: Iterable[Piece], home: BasePage) -> list[Block]:
    link_to = _links_below(home)
    return [_block(piece, link_to) for piece in pieces]


def sources_of(pieces: Iterable[Piece]) -> list[Block]:
    return [("source", piece.fields) for piece in pieces if piece.kind == "source"]


def picture_block(image: Image, alt: str, caption: str) -> Block:
    chosen = {"image": image, "alt_text": alt, "decorative": False}
    return "picture", {"image": chosen, "caption": caption}


def _block(piece: Piece, link_to: LinkTo) -> Block:
    if piece.kind == "prose":
        return "prose", html(piece.lines, link_to)
    if piece.kind == "heading":
        return "heading", {"text": piece.lines[0], "number": None, **piece.fields}
    if piece.kind == "faq":
        return "faq", _faq(piece.fields, link_to)
    return piece.kind, piece.fields


def _faq(fields: dict[str, Any], link_to: LinkTo) -> dict[str, Any]:
    items = []
    for number in count(1):
        if f"question_{number}" not in fields:
            break
        answer = html([fields[f"answer_{number}"]], link_to)
        items.append({"question": fields[f"question_{number}"], "answer": answer})
    return {"title": fields.get("title", ""), "items": items}


def _links_below(home: BasePage) -> LinkTo:
    """``page:journal/shin-splints`` is a page of the tree; anything else is an address."""

    def link_to(address: str) -> str | None:
        scheme, _, path = address.partition(":")
        if scheme != "page":
            return f'href="{address}"'
        page = BasePage.objects.filter(url_path=f"{home.url_path}{path}/").first()
        return f'linktype="page" id="{page.pk}"' if page else None

    return link_to
