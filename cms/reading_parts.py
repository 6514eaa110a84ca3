"""What every reader makes of a document, whatever it was: an article's parts, in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cms.uploads.images import CleanImage

MAX_TITLE = 255
MAX_HEADING = 160


class UnreadableText(Exception):
    """The document cannot become an article; says why."""


@dataclass(frozen=True, slots=True)
class Run:
    """Words in one style. A line break inside is a line feed."""

    text: str
    bold: bool = False
    italic: bool = False
    link: str = ""


@dataclass(frozen=True, slots=True)
class Rich:
    """A line in which some words are bold, slanted or a link."""

    runs: tuple[Run, ...]

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)


Line = str | Rich


@dataclass(frozen=True, slots=True)
class Heading:
    text: str
    number: int | None = None
    level: int = 2


@dataclass(frozen=True, slots=True)
class Paragraph:
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a list with lists below it."""

    line: Line
    below: tuple[Listing, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    items: tuple[Line | Item, ...]
    start: int | None = None  # None: bullets


@dataclass(frozen=True, slots=True)
class Quote:
    text: str
    by: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """`raw_digest` is of the file as it came, to know our own again."""

    image: CleanImage
    name: str
    alt: str = ""
    caption: str = ""
    decorative: bool = False
    raw_digest: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A block of ours that an export wrote as it is; see `cms.exporting`."""

    kind: str
    value: Any


Part = Heading | Paragraph | Listing | Quote | Picture | Block


@dataclass(frozen=True, slots=True)
class Source:
    text: str
    link: str = ""
    found: str = ""


@dataclass(frozen=True, slots=True)
class Article:
    """What a document says, in order."""

    title: str
    subtitle: str
    parts: tuple[Part, ...]
    intro: str = ""
    author: str = ""
    tags: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    warnings: tuple[str, ...] = ()


def text_of(line: Line | Item) -> str:
    if isinstance(line, Item):
        return text_of(line.line)
    return line if isinstance(line, str) else line.text
