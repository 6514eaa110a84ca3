"""From the lines of a plain text to the parts of an article, by rule.

1. The first line with words is the title.
2. A short line right after it is the subtitle.
3. Elsewhere a short line on its own is a heading.
4. A single line ``3. Words`` is a numbered heading; several such lines together are a list.
5. Lines that begin with ``-``, ``*`` or a bullet are a list.
6. Everything else is a paragraph; a blank line ends it.

A line is short when it has at most twelve words and does not end like a sentence. No word of the
text is dropped: what fits no rule is a paragraph.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cms.reading_parts import (
    MAX_HEADING,
    MAX_TITLE,
    Article,
    Heading,
    Listing,
    Paragraph,
    Part,
    UnreadableText,
)

SHORT_WORDS = 12
_SENTENCE_ENDS = (".", ",", ";", ":", "\N{HORIZONTAL ELLIPSIS}")
_NUMBERED = re.compile(r"^(\d{1,2})[.)]\s+(\S.*)$")
_BULLET = re.compile(r"^[-*\N{BULLET}\N{EN DASH}]\s+(\S.*)$")


def read_bytes(data: bytes) -> str:
    """The text of a file.

    Raises:
        UnreadableText: it is empty, not text, or not UTF-8.
    """
    if not data.strip():
        raise UnreadableText("The file is empty.")
    if b"\x00" in data:
        raise UnreadableText("The file is not text: it holds zero bytes.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableText(
            f"The file is not UTF-8 text (byte {error.start + 1}). Save it as UTF-8 and try again."
        ) from error
    if not text.strip():
        raise UnreadableText("The file is empty.")
    return text


def read_article(text: str) -> Article:
    """The article a text is.

    Raises:
        UnreadableText: there is no title of a usable length, or nothing below it.
    """
    chunks = list(_chunks(text))
    if not chunks:
        raise UnreadableText("The file is empty.")
    title, *below = chunks[0]
    if len(title) > MAX_TITLE:
        raise UnreadableText(
            f"The first line is the title; it may have {MAX_TITLE} characters, not {len(title)}."
        )
    rest = ([below] if below else []) + chunks[1:]
    if not rest:
        raise UnreadableText("The file has a title and no text below it.")
    subtitle = ""
    if _is_short(rest[0]) and len(rest) > 1 and not _NUMBERED.match(rest[0][0]):
        subtitle, rest = rest[0][0], rest[1:]
    return Article(title, subtitle, tuple(part for chunk in rest for part in _parts(chunk)))


def _chunks(text: str) -> Iterator[list[str]]:
    """Runs of lines between blank ones, without the spaces around each line."""
    chunk: list[str] = []
    for line in [*text.splitlines(), ""]:
        if words := " ".join(line.split()):
            chunk.append(words)
        elif chunk:
            yield chunk
            chunk = []


def _parts(chunk: list[str]) -> Iterator[Part]:
    bullets = [_BULLET.match(line) for line in chunk]
    numbers = [_NUMBERED.match(line) for line in chunk]
    if all(bullets):
        yield Listing(tuple(found[1] for found in bullets if found))
    elif len(chunk) > 1 and all(numbers) and _counts_up(numbers):
        found = [each for each in numbers if each]
        yield Listing(tuple(each[2] for each in found), start=int(found[0][1]))
    elif (first := numbers[0]) and len(first[2]) <= MAX_HEADING and _is_short([first[2]]):
        yield Heading(first[2], int(first[1]))
        if chunk[1:]:
            yield from _parts(chunk[1:])
    elif _is_short(chunk):
        yield Heading(chunk[0])
    else:
        yield Paragraph(tuple(chunk))


def _counts_up(numbers: list[re.Match[str] | None]) -> bool:
    found = [int(each[1]) for each in numbers if each]
    return found == list(range(found[0], found[0] + len(found)))


def _is_short(chunk: list[str]) -> bool:
    line = chunk[0]
    return (
        len(chunk) == 1
        and len(line.split()) <= SHORT_WORDS
        and len(line) <= MAX_HEADING
        and not line.endswith(_SENTENCE_ENDS)
        and not _BULLET.match(line)
    )
