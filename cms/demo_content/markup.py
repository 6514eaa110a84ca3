"""Reads the files of this folder: facts, then text with blocks in it.

    title: Calves
    tags: calves, training
    ---
    A paragraph with **bold**, *italic* and [a link](page:journal/shin-splints).

    ## A heading

    - a list

    ::: exercise
    name: Calf raise
    how: Slowly.
    :::

Inside a block a line ``key: value`` sets a field; lines that begin with ``- `` belong to the list
opened last (``do:``, ``points:``). ``:::`` closes it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.html import escape

# Turns the address in a link into the attributes of its element, or None to leave plain words.
LinkTo = Callable[[str], str | None]
_LINK = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")
_BOLD = re.compile(r"\*\*([^*]+)\*\*")
_ITALIC = re.compile(r"\*([^*]+)\*")
_FIELD = re.compile(r"^([a-z_]+\d*):(?:\s+(.*))?$")


@dataclass(slots=True)
class Document:
    """A file: its facts, and its text in pieces."""

    facts: dict[str, str]
    pieces: list[Piece] = field(default_factory=list)


@dataclass(slots=True)
class Piece:
    """``prose`` and ``heading`` have lines; a block has its kind and fields."""

    kind: str
    lines: list[str] = field(default_factory=list)
    fields: dict[str, Any] = field(default_factory=dict)


def read(file: Path) -> Document:
    head, _, text = file.read_text(encoding="utf-8").partition("\n---\n")
    facts = dict(line.split(": ", 1) for line in head.splitlines() if line)
    return Document(facts, list(_pieces(text.splitlines())))


def _pieces(lines: list[str]) -> Iterator[Piece]:
    prose = Piece("prose")
    block: Piece | None = None
    for line in lines:
        if block is not None:
            if line == ":::":
                yield block
                block = None
            else:
                _read_field(block, line)
        elif line.startswith(("::: ", "## ", "### ")):
            if any(prose.lines):
                yield prose
            prose = Piece("prose")
            mark, words = line.split(" ", 1)
            if mark == ":::":
                block = Piece(words)
            else:
                yield Piece("heading", [words], {"level": str(len(mark))})
        else:
            prose.lines.append(line)
    if any(prose.lines):
        yield prose


def _read_field(block: Piece, line: str) -> None:
    if line.startswith("- "):
        block.fields[block.lines[-1]].append(line[2:])
    elif found := _FIELD.match(line):
        key, value = found.groups()
        block.fields[key] = value if value else []
        if not value:
            block.lines.append(key)
    elif line.strip():
        raise ValueError(f"Not a field of {block.kind}: {line}")


def html(lines: list[str], link_to: LinkTo) -> str:
    """Paragraphs and lists as stored rich text."""
    parts = []
    for chunk in "\n".join(lines).strip().split("\n\n"):
        rows = chunk.split("\n")
        if all(row.startswith("- ") for row in rows):
            parts.append("<ul>" + "".join(f"<li>{inline(r[2:], link_to)}</li>" for r in rows))
            parts.append("</ul>")
        else:
            parts.append(f"<p>{inline(' '.join(rows), link_to)}</p>")
    return "".join(parts)


def inline(text: str, link_to: LinkTo) -> str:
    def link(found: re.Match[str]) -> str:
        attributes = link_to(found[2])
        return f"<a {attributes}>{found[1]}</a>" if attributes else found[1]

    marked = _LINK.sub(link, escape(text))
    return _ITALIC.sub(r"<i>\1</i>", _BOLD.sub(r"<b>\1</b>", marked))
