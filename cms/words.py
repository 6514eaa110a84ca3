"""The words of a body, read from its stored form: no query, no picture, no choice is looked up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

from django.utils.html import strip_tags
from wagtail.blocks import StreamValue

from cms.rich_text import with_rules

_END_OF_PARAGRAPH = re.compile(r"</(?:p|li|h\d)>|<br ?/?>")
# What a block keeps besides words: codes, numbers of pages and pictures, addresses.
_NOT_WORDS = frozenset(
    "id type package service variant location therapist page image address level number link"
    " decorative".split()
)


def streams_of(page: Any) -> list[Any]:
    """The bodies of a page that are made of blocks, whatever its type calls them."""
    found = [getattr(page, name, None) for name in ("body", "groups", "questions")]
    return [stream for stream in found if isinstance(stream, StreamValue)]


def text_of(stream: Any) -> str:
    """Everything a reader sees in a body, as one line."""
    return " ".join(" ".join(_texts(stream.raw_data) if stream else ()).split())


def words_of(page: Any) -> str:
    """Summary and bodies as one line; a policy's are those of the version in force."""
    html = getattr(page, "body_html", "")
    parts = [page.summary, *_texts(html), *(text_of(stream) for stream in streams_of(page))]
    return with_rules(" ".join(" ".join(parts).split()))


def _texts(stored: Any) -> Iterator[str]:
    if isinstance(stored, str):
        yield unescape(strip_tags(_END_OF_PARAGRAPH.sub(" ", stored)))
    elif isinstance(stored, dict):
        for key, value in stored.items():
            if key not in _NOT_WORDS:
                yield from _texts(value)
    elif not isinstance(stored, (int, float, type(None))):
        for value in stored:
            yield from _texts(value)
