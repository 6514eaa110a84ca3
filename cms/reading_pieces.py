"""From what was gathered inside one element to the part it is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

from cms.reading_lines import joined
from cms.reading_parts import (
    MAX_HEADING,
    Block,
    Heading,
    Item,
    Line,
    Listing,
    Paragraph,
    Part,
    Quote,
    Rich,
    Run,
    text_of,
)

OUR_BLOCK = "language-block:"
_NUMBERED = re.compile(r"^(\d{1,2})[.)]\s+(\S.*)$")
_SIGNED = re.compile(r"^(?:\N{EM DASH}|\N{EN DASH}|--)\s*(\S.*)$")


def heading_or_text(words: str, level: int) -> list[Part]:
    if len(words) > MAX_HEADING:
        return [Paragraph((Rich((Run(words, bold=True),)),))]
    if found := _NUMBERED.match(words):
        return [Heading(found[2], int(found[1]), level)]
    return [Heading(words, None, level)]


def item_of(found: list[Part]) -> tuple[Line | Item | None, list[Part]]:
    """A list's item, and what cannot stand in one."""
    lines: list[Line] = []
    below: list[Listing] = []
    rest: list[Part] = []
    for part in found:
        if isinstance(part, Paragraph):
            lines += part.lines
        elif isinstance(part, Listing):
            below.append(part)
        elif isinstance(part, Heading):
            number = f"{part.number}. " if part.number else ""
            lines.append(Rich((Run(number + part.text, bold=True),)))
        elif isinstance(part, Quote):
            lines += [line for line in (part.text, part.by, part.role) if line]
        else:
            rest.append(part)
    if not lines and not below:
        return None, rest
    line = joined(tuple(lines))
    return (Item(line, tuple(below)) if below else line), rest


def quote_of(paragraphs: Iterable[str]) -> Quote:
    said = list(paragraphs)
    signed = _SIGNED.match(said[-1]) if len(said) > 1 else None
    if not signed:
        return Quote("\n".join(said))
    by, _, role = signed[1].partition(", ")
    return Quote("\n".join(said[:-1]), by, role)


def our_block(name: str, text: str) -> Block | None:
    try:
        return Block(name.removeprefix(OUR_BLOCK), json.loads(text))
    except ValueError:
        return None


def words_of(parts: Iterable[Part]) -> str:
    return "\n".join(_all_lines(parts))


def _all_lines(parts: Iterable[Part]) -> Iterator[str]:
    for part in parts:
        if isinstance(part, Paragraph):
            yield from map(text_of, part.lines)
        elif isinstance(part, Listing):
            for item in part.items:
                yield text_of(item)
                yield from _all_lines(item.below if isinstance(item, Item) else ())
        elif isinstance(part, Heading):
            yield f"{part.number}. {part.text}" if part.number else part.text
        elif isinstance(part, Quote):
            yield from (words for words in (part.text, part.by, part.role) if words)


def apart_from_words(parts: Iterable[Part]) -> list[Part]:
    return [part for part in parts if not isinstance(part, Paragraph | Listing | Heading | Quote)]


def has_links(part: Part) -> bool:
    lines = part.lines if isinstance(part, Paragraph) else ()
    return any(run.link for line in lines if isinstance(line, Rich) for run in line.runs)
