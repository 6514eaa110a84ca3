"""From a row of parts to an article: which is the title, which are the sources."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from cms.reading_parts import (
    MAX_TITLE,
    Article,
    Block,
    Heading,
    Item,
    Line,
    Listing,
    Paragraph,
    Part,
    Picture,
    Rich,
    Source,
    UnreadableText,
    text_of,
)

SOURCE_TEXT = 400  # what a source's text may have; the rest is what it found
_SOURCES = {"sources", "references", "footnotes", "bibliography", "notes"}
_ADDRESS = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;)]")


def article_from(parts: list[Part], *, title: str, warnings: list[str]) -> Article:
    """The first top heading is the title; without one `title`, or the first words, are.

    Raises:
        UnreadableText: there is no title of a usable length, or nothing below it.
    """
    found, rest = _title(parts, title)
    if not rest:
        raise UnreadableText("The file has a title and no text below it.")
    if len(found) > MAX_TITLE:
        raise UnreadableText(
            f"The title may have {MAX_TITLE} characters, not {len(found)}. "
            "Begin with a short heading."
        )
    rest, sources = _sources(rest)
    rest = _levelled(rest, warnings)
    return Article(found, "", tuple(rest), sources=sources, warnings=tuple(warnings))


def _title(parts: list[Part], title: str) -> tuple[str, list[Part]]:
    headings = [part for part in parts if isinstance(part, Heading)]
    top = min((part.level for part in headings), default=0)
    for place, part in enumerate(parts):
        if isinstance(part, Heading) and part.level == top and (top == 1 or not title):
            number = f"{part.number}. " if part.number else ""
            return number + part.text, [*parts[:place], *parts[place + 1 :]]
    if title:
        return title, parts
    first = parts[0] if parts else None
    if isinstance(first, Paragraph):
        below = [Paragraph(first.lines[1:])] if first.lines[1:] else []
        return text_of(first.lines[0]), [*below, *parts[1:]]
    if parts:
        raise UnreadableText("The document has no title. Begin it with a heading.")
    raise UnreadableText("The file is empty.")


def _levelled(parts: list[Part], warnings: list[str]) -> list[Part]:
    """Sections and parts of sections, whatever levels the document used."""
    levels = sorted({part.level for part in parts if isinstance(part, Heading)})
    if set(levels) <= {2, 3}:
        return parts
    if len(levels) > 2:
        warnings.append("Headings of three and more levels became two.")
    return [
        replace(part, level=2 if part.level == levels[0] else 3)
        if isinstance(part, Heading)
        else part
        for part in parts
    ]


# --- Sources --------------------------------------------------------------------------------------
def _sources(parts: list[Part]) -> tuple[list[Part], tuple[Source, ...]]:
    """The list below a heading such as "Sources", when nothing else follows there."""
    for place, part in enumerate(parts):
        if not isinstance(part, Heading) or part.text.strip(" :").lower() not in _SOURCES:
            continue
        below = []
        for after in parts[place + 1 :]:
            if isinstance(after, Heading | Block | Picture):
                break
            below.append(after)
        if below and all(isinstance(each, Listing) for each in below):
            sources = tuple(_source(line) for each in below for line in _flat(each))
            return [*parts[:place], *parts[place + 1 + len(below) :]], sources
    return parts, ()


def _flat(part: Part) -> Iterator[Line]:
    if isinstance(part, Listing):
        for item in part.items:
            yield item.line if isinstance(item, Item) else item
            for below in item.below if isinstance(item, Item) else ():
                yield from _flat(below)


def _source(line: Line) -> Source:
    text, _, found = text_of(line).partition("\n")
    links = [run.link for run in line.runs if run.link] if isinstance(line, Rich) else []
    addresses = links or _ADDRESS.findall(text)
    if len(text) > SOURCE_TEXT:
        cut = text.rfind(" ", 0, SOURCE_TEXT)
        cut = cut if cut > 0 else SOURCE_TEXT
        text, found = text[:cut], f"{text[cut:].strip()} {found}".strip()
    web = [address for address in addresses if address.startswith(("http://", "https://"))]
    return Source(text, web[0] if web else "", found)
