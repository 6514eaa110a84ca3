"""Markdown, by way of the HTML it stands for; an export of ours finds its blocks again."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace

from markdown_it import MarkdownIt

from cms.reading_html import read_html
from cms.reading_parts import Article

_HEAD = re.compile(r"\A---[ \t]*\n(.*?)\n---[ \t]*(?:\n|\Z)", re.DOTALL)
_FACT = re.compile(r"^([a-z_]+):[ \t]*(.*)$")
_NOTE = re.compile(r"^\[\^([^\]\s]+)\]:[ \t]+(.+(?:\n[ \t]+\S.*)*)$", re.MULTILINE)
_CALL = re.compile(r"\[\^([^\]\s]+)\]")
_MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable("table")


def read_markdown(text: str, beside: Mapping[str, bytes]) -> Article:
    """The article of a Markdown text.

    Raises:
        UnreadableText: as `read_html`.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    facts, left_out, body = _front_matter(text)
    article = read_html(_MARKDOWN.render(_with_notes(body, facts.get("title", ""))), beside)
    warnings = [f'"{line}" at the top has no place here and was left out.' for line in left_out]
    tags = tuple(tag.strip() for tag in facts.get("tags", "").split(",") if tag.strip())
    return replace(
        article,
        subtitle=facts.get("subtitle", "")[:255],
        intro=facts.get("intro", "")[:400],
        author=facts.get("author", "")[:120],
        tags=tags,
        warnings=(*article.warnings, *warnings),
    )


def _front_matter(text: str) -> tuple[dict[str, str], list[str], str]:
    """The facts between dashes at the top, what of them we have no place for, and the text."""
    head = _HEAD.match(text)
    if head is None:
        return {}, [], text
    facts: dict[str, str] = {}
    left_out = []
    for line in head[1].splitlines():
        fact = _FACT.match(line)
        if fact and fact[1] in ("title", "subtitle", "intro", "author", "tags"):
            facts[fact[1]] = _unquoted(fact[2].strip())
        elif line.strip():
            left_out.append(line.strip()[:100])
    return facts, left_out, text[head.end() :]


def _unquoted(value: str) -> str:
    if value.startswith('"'):
        try:
            return str(json.loads(value))
        except ValueError:
            pass
    return value.strip("\"'")


def _with_notes(text: str, title: str) -> str:
    """Footnotes as a list of sources at the end, numbered in the order they are told."""
    notes = {name: " ".join(words.split()) for name, words in _NOTE.findall(text)}
    if notes:
        numbers = {name: number for number, name in enumerate(notes, start=1)}
        text = _CALL.sub(
            lambda call: f"[{numbers[call[1]]}]" if call[1] in notes else call[0],
            _NOTE.sub("", text),
        )
        listed = "\n".join(f"{number}. {notes[name]}" for name, number in numbers.items())
        text = f"{text.rstrip()}\n\n## Sources\n\n{listed}\n"
    return f"# {title}\n\n{text}" if title else text
