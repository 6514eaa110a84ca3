"""From the parts of a read document to the blocks of a body."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from html import escape
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from wagtail import blocks
from wagtail.documents.models import Document
from wagtail.images.models import Image

from cms.blocks import BodyBlock, commerce
from cms.models import BasePage, HomePage
from cms.reading_html import NEXT_TEXT, paragraphs_of
from cms.reading_parts import (
    Block,
    Heading,
    Item,
    Line,
    Listing,
    Paragraph,
    Part,
    Picture,
    Quote,
    Run,
    Source,
)

Keep = Callable[[Picture], Image]
MAX_NUMBER = 99
MAX_BY = 120


class UnknownBlock(Exception):
    """A block in the file that this site has no place for."""


def body_of(parts: Iterable[Part], keep: Keep | None = None) -> list[tuple[str, Any]]:
    """Headings, pictures and quotes have blocks; paragraphs and lists in between share a text.

    `keep` makes an image of a picture; without one, pictures are left out.

    Raises:
        UnknownBlock: a block written by an export does not fit this site.
    """
    body: list[tuple[str, Any]] = []
    prose: list[str] = []
    for part in parts:
        if isinstance(part, Paragraph | Listing):
            prose.append(html_of(part))
            continue
        _close(prose, body)
        if isinstance(part, Heading):
            body.append(_heading(part))
        elif isinstance(part, Quote):
            body.append(("quote", {"text": part.text, "by": part.by, "role": part.role}))
        elif isinstance(part, Block) and part.kind == NEXT_TEXT:
            continue
        elif isinstance(part, Block):
            body.append((part.kind, block_value(part)))
        elif keep is not None:
            body.append(_picture(part, keep(part)))
    _close(prose, body)
    return body


def sources_of(sources: Iterable[Source]) -> list[tuple[str, Any]]:
    return [
        ("source", {"text": source.text, "found": source.found, "link": source.link})
        for source in sources
    ]


def html_of(part: Paragraph | Listing) -> str:
    """Stored rich text: what is text stays text, whatever it looks like."""
    if isinstance(part, Paragraph):
        return f"<p>{'<br/>'.join(_line(line) for line in part.lines)}</p>"
    tag = "ul" if part.start is None else "ol"
    items = "".join(f"<li>{_item(item)}</li>" for item in part.items)
    return f"<{tag}>{items}</{tag}>"


def _heading(part: Heading) -> tuple[str, Any]:
    fits = part.number is None or 1 <= part.number <= MAX_NUMBER
    text = part.text if fits else f"{part.number}. {part.text}"
    value = {"text": text, "number": part.number if fits else None, "level": str(part.level)}
    return "heading", value


def _picture(part: Picture, image: Image) -> tuple[str, Any]:
    chosen = {"image": image, "alt_text": part.alt, "decorative": part.decorative}
    return "picture", {"image": chosen, "caption": part.caption}


def _close(prose: list[str], body: list[tuple[str, Any]]) -> None:
    if prose:
        body.append(("prose", "".join(prose)))
        prose.clear()


# --- Words ----------------------------------------------------------------------------------------
def _item(item: Line | Item) -> str:
    if isinstance(item, Item):
        return _line(item.line) + "".join(html_of(below) for below in item.below)
    return _line(item)


def _line(line: Line) -> str:
    return _text(line) if isinstance(line, str) else "".join(_run(run) for run in line.runs)


def _run(run: Run) -> str:
    words = _text(run.text)
    if run.italic:
        words = f"<i>{words}</i>"
    if run.bold:
        words = f"<b>{words}</b>"
    return f"<a {_target(run.link)}>{words}</a>" if run.link else words


def _text(words: str) -> str:
    """Quotation marks stay as they are, as Wagtail's editor writes them."""
    return escape(words, quote=False).replace("\n", "<br/>")


def _target(link: str) -> str:
    """A link to our own page or document is kept as that, so that it survives a move."""
    if link.startswith(("/", f"{settings.SITE_URL}/")):
        path = urlsplit(link).path
        if page := _page_at(path):
            return f'linktype="page" id="{page}"'
        if document := _document_at(path):
            return f'linktype="document" id="{document}"'
    return f'href="{escape(link)}"'


def _page_at(path: str) -> int | None:
    home = HomePage.objects.first()
    if home is None:
        return None
    found = BasePage.objects.filter(url_path=home.url_path.rstrip("/") + path)
    return found.values_list("pk", flat=True).first()


def _document_at(path: str) -> int | None:
    steps = path.strip("/").split("/")
    if len(steps) != 3 or steps[0] != "documents" or not steps[1].isdecimal():
        return None
    return Document.objects.filter(pk=int(steps[1])).values_list("pk", flat=True).first()


# --- Blocks that an export wrote ------------------------------------------------------------------
def block_value(part: Block) -> Any:
    """The value of a block, its rich text cleaned as any text of a document is.

    Raises:
        UnknownBlock: there is no such block here, or its fields do not fit.
    """
    block = BodyBlock().child_blocks.get(part.kind)
    if block is None:
        raise UnknownBlock(part.kind)
    try:
        value = block.to_python(with_rich_text(block, part.value, cleaned_html))
        block.get_prep_value(value)
        # What an offer's block names may be withdrawn: it stays, and is hidden on the site.
        return value if type(block).__module__ == commerce.__name__ else block.clean(value)
    except Exception as error:  # a hand-written value may be of any shape
        raise UnknownBlock(part.kind) from error


def cleaned_html(html: Any) -> str:
    """Only what our own readers write: paragraphs, lists, bold, slanted, links that are safe."""
    parts = paragraphs_of(str(html))
    return "".join(html_of(part) for part in parts if isinstance(part, Paragraph | Listing))


def with_rich_text(block: Any, value: Any, change: Callable[[Any], str]) -> Any:
    """A block's raw value with every rich text in it put through `change`."""
    if isinstance(block, blocks.RichTextBlock):
        return change(value)
    if isinstance(block, blocks.StructBlock) and isinstance(value, dict):
        children = block.child_blocks
        return {
            name: with_rich_text(children[name], each, change) if name in children else each
            for name, each in value.items()
        }
    if isinstance(block, blocks.ListBlock) and isinstance(value, list):
        return [_in_list(block, each, change) for each in value]
    return value


def _in_list(block: Any, each: Any, change: Callable[[Any], str]) -> Any:
    if isinstance(each, dict) and each.get("type") == "item":
        return each | {"value": with_rich_text(block.child_block, each["value"], change)}
    return with_rich_text(block.child_block, each, change)
