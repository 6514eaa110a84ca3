"""What a document will become, drawn for the editor before anything is written."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import mark_safe

from cms.importing_bodies import html_of
from cms.reading_parts import Article, Block, Heading, Listing, Paragraph, Part, Picture, Quote

TYPES = {"jpg": "jpeg"}


@dataclass(frozen=True, slots=True)
class Shown:
    """One part; `template` says which words of it the page has."""

    kind: str
    part: Any
    html: str = ""
    address: str = ""


def shown(article: Article) -> list[Shown]:
    return [_shown(part) for part in article.parts]


def _shown(part: Part) -> Shown:
    if isinstance(part, Paragraph | Listing):
        # Its text is escaped where it is made.
        return Shown("text", part, mark_safe(html_of(part)))  # noqa: S308
    if isinstance(part, Picture):
        packed = base64.b64encode(part.image.data).decode("ascii")
        form = TYPES.get(part.image.extension, part.image.extension)
        return Shown("picture", part, address=f"data:image/{form};base64,{packed}")
    kinds = {Heading: "heading", Quote: "quote", Block: "block"}
    return Shown(kinds[type(part)], part)
