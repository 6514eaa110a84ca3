"""A page as a Markdown file with its pictures; importing the file gives the same body again.

Words, pictures and quotes are plain Markdown. A block that Markdown has no form for is written as
it is, in a fence named ``block:<kind>``.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePosixPath
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

from cms.importing_bodies import with_rich_text
from cms.markdown_of import markdown
from cms.reading_html import NEXT_TEXT
from cms.rich_text import resolved

PICTURES = "images"
_BREAK = mark_safe("<br>")
_MARKS = re.compile(r"([\\\[\]\"*_`<>&#])")


@dataclass(frozen=True, slots=True)
class Export:
    name: str
    text: str
    pictures: dict[str, bytes]

    def files(self) -> Iterator[tuple[str, bytes]]:
        yield f"{self.name}.md", self.text.encode()
        for name, data in self.pictures.items():
            yield f"{PICTURES}/{name}", data

    def as_zip(self) -> bytes:
        out = BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in self.files():
                archive.writestr(name, data)
        return out.getvalue()


def exported(page: Any) -> Export:
    """`page` as it is: give the newest draft to export that."""
    pictures: dict[str, bytes] = {}
    parts = [_head(page), markdown(format_html("<h1>{}</h1>", page.title))]
    kinds = [""]
    for block in page.body:
        if block.block_type == kinds[-1] == "prose":
            parts.append(f"<!-- {NEXT_TEXT} -->\n")
        kinds.append(block.block_type)
        parts.append(_written(block, pictures))
    parts.append(_sources(getattr(page, "sources", ())))
    return Export(page.slug, "\n".join(part for part in parts if part), pictures)


def _head(page: Any) -> str:
    """What the page says besides its body, for `cms.reading_markdown`."""
    author = getattr(page, "author", None)
    facts = {
        "subtitle": getattr(page, "subtitle", ""),
        "intro": getattr(page, "intro", ""),
        "author": author.therapist_code if author else getattr(page, "author_name", ""),
        "tags": ", ".join(tag.name for tag in page.tags.all()) if hasattr(page, "tags") else "",
    }
    lines = [
        f"{name}: {json.dumps(words, ensure_ascii=False)}" for name, words in facts.items() if words
    ]
    return "\n".join(["---", *lines, "---", ""]) if lines else ""


def _written(block: Any, pictures: dict[str, bytes]) -> str:
    if block.block_type == "picture" and block.value.get("image"):
        return _picture(block.value, pictures)
    write = _WORDS.get(block.block_type)
    return (write(block.value) if write else "") or _as_it_is(block)


def _heading(value: Any) -> str:
    number = f"{value['number']}. " if value["number"] else ""
    return "#" * int(value["level"]) + f" {number}{_escaped(value['text'])}\n"


def _prose(value: Any) -> str:
    return markdown(resolved(value.source, absolute=True))


def _quote(value: Any) -> str:
    """Nothing when reading it again would not tell the same words apart."""
    text, by, role = value["text"], value["by"] or "", value["role"] or ""
    if "\n\n" in text or ", " in by or (role and not by) or text != text.strip():
        return ""
    lines = format_html_join(_BREAK, "{}", ([line] for line in text.splitlines()))
    signed = ", ".join(part for part in (by, role) if part)
    by_line = format_html("<p>\N{EM DASH} {}</p>", signed) if signed else ""
    return markdown(format_html("<blockquote><p>{}</p>{}</blockquote>", lines, by_line))


def _picture(value: Any, pictures: dict[str, bytes]) -> str:
    image = value["image"]
    name = PurePosixPath(image.file.name).name
    with image.open_file() as file:
        pictures[name] = file.read()
    said = value["caption"] or ""
    if image.decorative:
        said = f"decoration: {said}" if said else "decoration"
    title = f' "{_escaped(said)}"' if said else ""
    return f"![{_escaped(image.contextual_alt_text or '')}]({PICTURES}/{name}{title})\n"


def _as_it_is(block: Any) -> str:
    raw = block.block.get_prep_value(block.value)
    shown = with_rich_text(block.block, raw, lambda html: resolved(str(html), absolute=True))
    text = json.dumps(shown, indent=1, ensure_ascii=False)
    fence = "```" + "`" * max(map(len, re.findall("`{3,}", text)), default=0)
    return f"{fence}block:{block.block_type}\n{text}\n{fence}\n"


def _sources(stream: Any) -> str:
    items = [_source(block.value) for block in stream]
    if not items:
        return ""
    listed = format_html_join("", "<li>{}</li>", ([item] for item in items))
    return markdown(format_html("<h2>Sources</h2><ol>{}</ol>", listed))


def _source(value: Any) -> str:
    text = value["text"]
    if value["link"]:
        text = format_html('<a href="{}">{}</a>', value["link"], text)
    if not value["found"]:
        return format_html("{}", text)
    found = format_html_join(_BREAK, "{}", ([line] for line in value["found"].splitlines()))
    return format_html("{}<br>{}", text, found)


def _escaped(words: str) -> str:
    return _MARKS.sub(r"\\\1", " ".join(words.split()))


_WORDS: dict[str, Callable[[Any], str]] = {"heading": _heading, "prose": _prose, "quote": _quote}
