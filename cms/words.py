"""The words of a body, read from its stored form: no query, no picture, no choice is looked up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

from django.utils.html import strip_tags

_END_OF_PARAGRAPH = re.compile(r"</(?:p|li|h\d)>|<br ?/?>")
# What a block keeps besides words: codes, numbers of pages and pictures, addresses.
_NOT_WORDS = frozenset(
    "id type package service variant location therapist page image address level number link"
    " decorative".split()
)


def text_of(stream: Any) -> str:
    """Everything a reader sees in a body, as one line."""
    return " ".join(" ".join(_texts(stream.raw_data) if stream else ()).split())


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
