"""What is the matter with a page: read from what it says, so editor, report and log agree.

Heuristics that a person overrules: nothing here stops a page from being published.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from html import unescape
from typing import Any, Final

from django.utils.html import strip_tags

from cms import contents
from cms.contents import Block, Content

# Pictures at the top of a page, and what the fields that describe them begin with.
PICTURES: Final = (("hero_image", "hero"), ("photo", "photo"))
TITLE_SHOWN: Final = 60  # characters; search engines cut what follows


class Matter(StrEnum):
    DESCRIPTION = "description"
    ALT = "alt"
    HEADING = "heading"
    DEAD_LINK = "dead-link"
    EMPTY_LINK = "empty-link"
    VAGUE_LINK = "vague-link"
    TITLE = "title"
    CLAIM = "claim"

    @property
    def words(self) -> str:
        return WORDS[self]


WORDS: Final = {
    Matter.DESCRIPTION: "No description for search results",
    Matter.ALT: "Picture without alternative text",
    Matter.HEADING: "Heading skips a level",
    Matter.DEAD_LINK: "Link to a page that readers cannot see",
    Matter.EMPTY_LINK: "Link without words",
    Matter.VAGUE_LINK: "Link that does not say where it leads",
    Matter.TITLE: "Long title",
    Matter.CLAIM: "Reads like a medical claim without a source",
}


@dataclass(frozen=True, slots=True)
class Finding:
    matter: Matter
    detail: str = ""

    @property
    def sentence(self) -> str:
        return f"{self.matter.words}: {self.detail}" if self.detail else self.matter.words


VAGUE: Final = frozenset(
    ["click here", "here", "this", "link", "this link", "read more", "more", "this page", "click"]
)
_CLAIM: Final = re.compile(
    r"\b(cures?|heals?|guarantees?|eliminates?|clinically|proven|prevents?|"
    r"flush(?:es)? (?:out )?(?:toxins|lactic acid)|detox\w*|"
    r"reduces? (?:the )?(?:risk|inflammation|swelling|soreness)|"
    r"speeds? (?:up )?(?:recovery|healing)|(?:stud(?:y|ies)|research|trials?|evidence) "
    r"(?:shows?|showed|finds?|found|suggests?|proves?))\b",
    re.IGNORECASE,
)
_LINK: Final = re.compile(r"<a\b([^>]*)>(.*?)</a>", re.DOTALL | re.IGNORECASE)
_PAGE_ID: Final = re.compile(r'linktype="page"[^>]*\bid="(\d+)"|\bid="(\d+)"[^>]*linktype="page"')
_PARAGRAPH: Final = re.compile(r"</(?:p|li|h\d)>|\n")


def findings(versions: Iterable[Content]) -> dict[int, list[Finding]]:
    """What is the matter with each of these, by page; one query, for the links."""
    versions = list(versions)
    seen = _seen_by_readers({target for one in versions for target in _targets(one)})
    return {one.page_id: found for one in versions if (found := list(_findings(one, seen)))}


def findings_of(page: Any) -> list[Finding]:
    """What is the matter with a page as it stands in memory."""
    version = contents.of_page(page)
    return findings([version]).get(version.page_id, [])


def _findings(version: Content, seen: Collection[int]) -> Iterator[Finding]:
    fields = version.fields
    if not (fields.get("search_description") or fields.get("intro")):
        yield Finding(Matter.DESCRIPTION)
    title = fields.get("seo_title") or version.title
    if len(title) > TITLE_SHOWN:
        yield Finding(Matter.TITLE, f"{len(title)} characters, {TITLE_SHOWN} are shown")
    yield from _wordless_pictures(version)
    yield from _jumps(version)
    yield from _bad_links(version, seen)
    yield from _claims(version)


def _wordless_pictures(version: Content) -> Iterator[Finding]:
    fields = version.fields
    for field, name in PICTURES:
        picture = fields.get(field)
        if picture and not (fields.get(f"{name}_alt") or fields.get(f"{name}_decorative")):
            yield Finding(Matter.ALT, "the picture at the top")
    for block in version.blocks:
        for found in _structs(block.value):
            described = found.get("alt_text") or found.get("decorative")
            if found.get("image") and "alt_text" in found and not described:
                yield Finding(Matter.ALT, block.label)


def _structs(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    yield from (inner for _, inner in contents.values(value) if isinstance(inner, dict))


def _jumps(version: Content) -> Iterator[Finding]:
    """The title is level 1, so the first heading is level 2, and none goes down two at once."""
    level = 1
    for block in version.blocks:
        if block.type == "heading" and isinstance(block.value, dict):
            wanted = int(block.value.get("level") or 2)
            if wanted > level + 1:
                yield Finding(Matter.HEADING, str(block.value.get("text", "")))
            level = wanted
        elif block.type in ("faq", "key_points") and block.value.get("title"):
            level = 2


def _bad_links(version: Content, seen: Collection[int]) -> Iterator[Finding]:
    for block, attributes, words in _links(version):
        if not words:
            yield Finding(Matter.EMPTY_LINK, block.label)
        elif words.lower().rstrip(".") in VAGUE:
            yield Finding(Matter.VAGUE_LINK, f"“{words}”")
        target = _target(attributes)
        if target and target not in seen:
            yield Finding(Matter.DEAD_LINK, f"“{words}”")


def _claims(version: Content) -> Iterator[Finding]:
    """The first sentence that claims something, where neither a list nor a link names a source."""
    if any(block.field == "sources" for block in version.blocks):
        return
    for block in version.blocks:
        for text in contents.texts(block.value):
            if claim := _claim_in(text):
                yield Finding(Matter.CLAIM, f"“{claim}” in {block.label}")
                return


@lru_cache(maxsize=2048)
def _claim_in(text: str) -> str:
    """The words that claim something in a paragraph without a link. Remembered: texts stay."""
    if _CLAIM.search(text):
        for paragraph in _PARAGRAPH.split(text):
            claim = _CLAIM.search(strip_tags(paragraph))
            if claim and "<a " not in paragraph:
                return claim.group()
    return ""


def _links(version: Content) -> Iterator[tuple[Block, str, str]]:
    """Links in rich text, with their attributes and the words a reader sees."""
    for block in version.blocks:
        for text in contents.texts(block.value):
            for attributes, inner in _LINK.findall(text) if "<a" in text else ():
                yield block, attributes, unescape(strip_tags(inner)).strip()


def _targets(version: Content) -> Iterator[int]:
    for _, attributes, _ in _links(version):
        if target := _target(attributes):
            yield target


def _target(attributes: str) -> int | None:
    found = _PAGE_ID.search(attributes)
    return int(found.group(1) or found.group(2)) if found else None


def _seen_by_readers(ids: Collection[int]) -> set[int]:
    from cms.pages.base import BasePage

    return set(BasePage.objects.live().filter(pk__in=ids).values_list("pk", flat=True))
