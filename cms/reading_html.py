"""From the elements of a web page to the parts of an article. No word is dropped.

Scripts, styles and comments are no words. What has no place in an article (a table, a frame, a
form) becomes text, with a warning. Nothing is fetched.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from bs4 import BeautifulSoup, NavigableString, Tag
from bs4.element import Comment, PreformattedString

from cms.reading_article import article_from
from cms.reading_lines import PLAIN, Lines, Style, joined
from cms.reading_parts import (
    MAX_HEADING,
    Article,
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
    UnreadableText,
    text_of,
)
from cms.reading_pictures import MAX_PICTURES, NoPicture, picture_from

MAX_DEPTH = 200
MAX_CAPTION = 240
OUR_BLOCK = "language-block:"
NEXT_TEXT = "next text"  # a comment between two texts that are blocks of their own
_NO_WORDS = {"script", "style", "template", "head", "meta", "link", "base", "noscript"}
_BLOCKS = set(
    "address article aside body center dd details dialog div dl dt fieldset figcaption figure "
    "footer form header hgroup html legend li main nav p section summary option caption tr td th "
    "tbody thead tfoot label".split()
)
_BOLD, _ITALIC = {"b", "strong", "dt", "summary", "th"}, {"i", "em", "cite", "dfn"}
_FRAMES = {"iframe", "object", "embed", "video", "audio"}
_NUMBERED = re.compile(r"^(\d{1,2})[.)]\s+(\S.*)$")
_SAFE_LINK = re.compile(r"^(?:https?://|mailto:|tel:|/(?!/))", re.IGNORECASE)
_HARMFUL_LINK = re.compile(r"^\s*(?:javascript|data|vbscript):", re.IGNORECASE)
_SIGNED = re.compile(r"^(?:\N{EM DASH}|\N{EN DASH}|--)\s*(\S.*)$")


def read_html(html: str, beside: Mapping[str, bytes]) -> Article:
    """The article a web page is; `beside` holds the files that lie next to it, by name.

    Raises:
        UnreadableText: it has no title, no words, or is nested beyond reason.
    """
    soup = BeautifulSoup(html, "html.parser")
    walk = _Walk(beside)
    walk.inside(soup.body or soup, PLAIN, 0)
    walk.end_paragraph()
    named = soup.title.get_text(" ", strip=True) if soup.title else ""
    return article_from(walk.parts, title=named, warnings=list(walk.warnings))


def paragraphs_of(html: str) -> tuple[Part, ...]:
    """The parts of a scrap of rich text; pictures and the like have no place in it."""
    walk = _Walk({})
    walk.inside(BeautifulSoup(html, "html.parser"), PLAIN, 0)
    walk.end_paragraph()
    return tuple(part for part in walk.parts if isinstance(part, Paragraph | Listing))


class _Walk:
    def __init__(self, beside: Mapping[str, bytes]) -> None:
        self.parts: list[Part] = []
        self.warnings: dict[str, None] = {}  # each once, in order
        self._beside = beside
        self._lines = Lines()
        self._waiting: list[Part] = []  # pictures met inside a paragraph
        self._pictures = 0

    # --- Going through ----------------------------------------------------------------------------
    def inside(self, tag: Tag, style: Style, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise UnreadableText("The document is nested too deeply to be read.")
        for node in list(tag.children):
            if isinstance(node, Tag):
                self._element(node, style, depth + 1)
            elif isinstance(node, Comment) and node.strip() == NEXT_TEXT:
                self.end_paragraph()
                self.parts.append(Block(NEXT_TEXT, None))
            elif isinstance(node, NavigableString) and not isinstance(node, PreformattedString):
                self._lines.say(str(node), style)

    def _element(self, tag: Tag, style: Style, depth: int) -> None:
        name = tag.name.lower()
        if name in _NO_WORDS:
            return
        if special := _SPECIAL.get(name):
            special(self, tag, style, depth)
            return
        if name in _FRAMES:
            self._frame(tag, style)
        if name in _BLOCKS:
            self.end_paragraph()
            self.inside(tag, _styled(name, style), depth)
            self.end_paragraph()
        else:
            self.inside(tag, _styled(name, style), depth)

    def end_paragraph(self) -> None:
        if lines := self._lines.take():
            self.parts.append(Paragraph(lines))
        self.parts += self._waiting
        self._waiting = []

    def warn(self, sentence: str) -> None:
        self.warnings[sentence] = None

    def apart(self, tag: Tag, style: Style, depth: int) -> list[Part]:
        """The parts of an element, gathered by themselves."""
        kept, self.parts = self.parts, []
        self.inside(tag, style, depth)
        self.end_paragraph()
        found, self.parts = self.parts, kept
        return found

    # --- Kinds of element -------------------------------------------------------------------------
    def heading(self, tag: Tag, style: Style, depth: int) -> None:
        self.end_paragraph()
        found = self.apart(tag, PLAIN, depth)
        words = " ".join(_plain(found).split())
        self.parts += _heading(words, int(tag.name[1])) if words else []
        if len(words) > MAX_HEADING:
            self.warn(f'A heading is too long and became text: "{words[:60]}..."')
        self.parts += _pictures(found)

    def line_break(self, tag: Tag, style: Style, depth: int) -> None:
        self._lines.break_line()
        self.inside(tag, style, depth)

    def link(self, tag: Tag, style: Style, depth: int) -> None:
        address = str(tag.get("href") or "").strip()
        if _HARMFUL_LINK.match(address):
            self.warn(f'A link that runs a script was taken away: "{tag.get_text()[:60]}".')
        elif address and not _SAFE_LINK.match(address) and not address.startswith("#"):
            self.warn(f'The link to "{address[:100]}" leads nowhere from here; its words stay.')
        kept = address if _SAFE_LINK.match(address) else style.link
        self.inside(tag, replace(style, link=kept), depth)

    def listing(self, tag: Tag, style: Style, depth: int) -> None:
        self.end_paragraph()
        self.parts += self._listing(tag, style, depth)

    def _listing(self, tag: Tag, style: Style, depth: int) -> list[Part]:
        items: list[Line | Item] = []
        after: list[Part] = []
        for child in tag.children:
            if isinstance(child, Tag):
                found = self.apart(child, style, depth) if child.name == "li" else []
                if child.name != "li":
                    found = self._loose(child, style, depth)
            elif isinstance(child, NavigableString) and not isinstance(child, PreformattedString):
                found = [Paragraph((str(child).strip(),))] if child.strip() else []
            item, rest = _item(found)
            items += [item] if item is not None else []
            after += rest
        start = _number(tag.get("start"), 1) if tag.name == "ol" else None
        return [Listing(tuple(items), start), *after] if items else after

    def _loose(self, tag: Tag, style: Style, depth: int) -> list[Part]:
        """An element that stands in a list without being an item of it."""
        kept, self.parts = self.parts, []
        self._element(tag, style, depth + 1)
        self.end_paragraph()
        found, self.parts = self.parts, kept
        return found

    def quote(self, tag: Tag, style: Style, depth: int) -> None:
        self.end_paragraph()
        found = self.apart(tag, style, depth)
        if not all(isinstance(part, Paragraph) for part in found) or not found:
            self.parts += found
            return
        if any(_has_links(part) for part in found):
            self.warn("A quote had links; its words stay, without them.")
        self.parts.append(_quote(_plain([part]) for part in found))

    def table(self, tag: Tag, style: Style, depth: int) -> None:
        self.end_paragraph()
        pictures = _pictures(self.apart(tag, style, depth))
        rows = [row for row in tag.find_all("tr") if row.find_parent("table") is tag]
        lines = [" | ".join(_words(cell) for cell in row.find_all(["td", "th"])) for row in rows]
        if caption := tag.find("caption"):
            lines.insert(0, _words(caption))
        if _letters(" ".join(lines)) != _letters(_words(tag)):  # cells in cells, or words outside
            lines = [_words(tag)]
        if lines := [line for line in lines if line.strip(" |")]:
            self.parts.append(Paragraph(tuple(lines)))
            self.warn("A table became lines of text. Look at it before you publish.")
        self.parts += pictures

    def preformatted(self, tag: Tag, style: Style, depth: int) -> None:
        self.end_paragraph()
        code = tag.find("code")
        classes = code.get("class") if isinstance(code, Tag) else None
        for name in classes or []:
            if name.startswith(OUR_BLOCK) and (block := _our_block(name, tag.get_text())):
                self.parts.append(block)
                return
        self._lines.say_exactly(tag.get_text(), style)
        self.end_paragraph()

    def figure(self, tag: Tag, style: Style, depth: int) -> None:
        """Its caption belongs to the picture when there is one of each."""
        captions, images = tag.find_all("figcaption"), tag.find_all("img")
        if len(captions) == len(images) == 1 and not images[0].get("title"):
            images[0]["title"] = _words(captions[0])
            captions[0].extract()
        self.end_paragraph()
        self.inside(tag, style, depth)
        self.end_paragraph()

    def image(self, tag: Tag, style: Style, depth: int) -> None:
        address = str(tag.get("src") or "").strip()
        alt, caption = _squeezed(tag.get("alt")), _squeezed(tag.get("title"))
        decorative = tag.get("role") in ("presentation", "none")
        if caption == "decoration" or caption.startswith("decoration: "):
            decorative, caption = True, caption.removeprefix("decoration").removeprefix(": ")
        try:
            if self._pictures >= MAX_PICTURES:
                raise NoPicture(f"Only the first {MAX_PICTURES} pictures were taken.")
            picture = picture_from(
                address, self._beside, alt=alt, caption=caption, decorative=decorative
            )
        except NoPicture as why:
            self._instead(why, alt, caption)
            return
        self._pictures += 1
        if len(caption) > MAX_CAPTION:
            picture = replace(picture, caption="")
        if not alt and not decorative:
            self.warn(f'The picture "{picture.name}" has no alternative text. Say what it shows.')
        self._waiting.append(picture)
        if caption and not picture.caption:
            self._waiting.append(Paragraph((caption,)))

    def _instead(self, why: NoPicture, alt: str, caption: str) -> None:
        """The words that came with a picture we do not have."""
        self.warn(str(why))
        words = alt or caption
        if why.link and _SAFE_LINK.match(why.link):
            self._waiting.append(Paragraph((Rich((Run(words or why.link, link=why.link),)),)))
        elif words:
            self._waiting.append(Paragraph((words,)))
        if alt and caption:
            self._waiting.append(Paragraph((caption,)))

    def _frame(self, tag: Tag, style: Style) -> None:
        address = str(tag.get("src") or tag.get("data") or "")
        self.warn(f"A <{tag.name}> has no place in an article; a link stands there instead.")
        if _SAFE_LINK.match(address):
            self._lines.say(f" {address} ", replace(style, link=address))


Special = Callable[[_Walk, Tag, Style, int], None]
_SPECIAL: dict[str, Special] = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), _Walk.heading),
    "a": _Walk.link,
    "br": _Walk.line_break,
    "hr": _Walk.line_break,
    "ul": _Walk.listing,
    "ol": _Walk.listing,
    "blockquote": _Walk.quote,
    "table": _Walk.table,
    "pre": _Walk.preformatted,
    "figure": _Walk.figure,
    "img": _Walk.image,
}


def _styled(name: str, style: Style) -> Style:
    if name in _BOLD:
        return replace(style, bold=True)
    return replace(style, italic=True) if name in _ITALIC else style


def _heading(words: str, level: int) -> list[Part]:
    if len(words) > MAX_HEADING:
        return [Paragraph((Rich((Run(words, bold=True),)),))]
    if found := _NUMBERED.match(words):
        return [Heading(found[2], int(found[1]), level)]
    return [Heading(words, None, level)]


def _item(found: list[Part]) -> tuple[Line | Item | None, list[Part]]:
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


def _quote(paragraphs: Iterable[str]) -> Quote:
    said = list(paragraphs)
    signed = _SIGNED.match(said[-1]) if len(said) > 1 else None
    if not signed:
        return Quote("\n".join(said))
    by, _, role = signed[1].partition(", ")
    return Quote("\n".join(said[:-1]), by, role)


def _our_block(name: str, text: str) -> Block | None:
    try:
        return Block(name.removeprefix(OUR_BLOCK), json.loads(text))
    except ValueError:
        return None


def _plain(parts: Iterable[Part]) -> str:
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


def _pictures(parts: Iterable[Part]) -> list[Part]:
    return [part for part in parts if not isinstance(part, Paragraph | Listing | Heading | Quote)]


def _has_links(part: Part) -> bool:
    lines = part.lines if isinstance(part, Paragraph) else ()
    return any(run.link for line in lines if isinstance(line, Rich) for run in line.runs)


def _words(tag: Tag) -> str:
    return " ".join(tag.get_text(" ").split())


def _squeezed(value: Any) -> str:
    return " ".join(str(value or "").split())


def _letters(text: str) -> list[str]:
    return [mark for mark in text if mark.isalnum()]


def _number(value: Any, otherwise: int) -> int:
    return int(value) if str(value or "").isdecimal() else otherwise
