"""Any document we take, to an article: the reader is chosen by name, and the content must agree."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath

from bs4.dammit import UnicodeDammit

from cms.reading_html import read_html
from cms.reading_markdown import read_markdown
from cms.reading_parts import Article, UnreadableText
from cms.reading_text import read_article, read_bytes
from cms.reading_word import read_word
from cms.uploads.kinds import HTML, IN_WORDS, OLE, TEXT, UNKNOWN, kind_of

MAX_TEXT = 1_000_000
MAX_WORD = 20 * 1024 * 1024
MARKDOWN, WEB, WORD, PLAIN = (".md", ".markdown"), (".html", ".htm"), (".docx",), (".txt",)
ENDINGS = (*PLAIN, *MARKDOWN, *WORD, *WEB)


@dataclass(frozen=True, slots=True)
class Document:
    """A file, and the pictures that came beside it by the names it calls them."""

    name: str
    data: bytes
    beside: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def ending(self) -> str:
        return PurePath(self.name).suffix.lower()

    def digest(self) -> str:
        """The same for the same words and pictures."""
        if self.ending in PLAIN:
            return hashlib.sha256(read_bytes(self.data).encode()).hexdigest()
        total = hashlib.sha256(self.data)
        for name in sorted(self.beside):
            total.update(name.encode() + b"\0" + hashlib.sha256(self.beside[name]).digest())
        return total.hexdigest()


def is_document(name: str) -> bool:
    return PurePath(name).suffix.lower() in ENDINGS


def read_document(document: Document) -> Article:
    """What a document says.

    Raises:
        UnreadableText: with a sentence that says why not.
    """
    ending, data = document.ending, document.data
    if ending not in ENDINGS:
        raise UnreadableText(f"Files like this are not read. Send one of: {', '.join(ENDINGS)}.")
    if not data:
        raise UnreadableText("The file is empty.")
    if ending in WORD:
        if len(data) > MAX_WORD:
            raise UnreadableText("The file is larger than 20 megabytes.")
        return read_word(data)
    if len(data) > MAX_TEXT and ending not in WEB:
        raise UnreadableText("The file is larger than a megabyte.")
    if len(data) > MAX_WORD:
        raise UnreadableText("The file is larger than 20 megabytes.")
    _require_text(ending, data)
    if ending in PLAIN:
        return read_article(read_bytes(data))
    if ending in MARKDOWN:
        return read_markdown(read_bytes(data), document.beside)
    return read_html(_html_text(data), document.beside)


def _require_text(ending: str, data: bytes) -> None:
    kind = kind_of(data)
    if kind == OLE:
        raise UnreadableText("The file holds an Office document, not text. Save it as .docx.")
    if kind not in (TEXT, HTML, UNKNOWN):
        raise UnreadableText(f"The file is named {ending} but holds {IN_WORDS[kind]}.")


def _html_text(data: bytes) -> str:
    """A web page says itself how it is written; without a word of it, it is UTF-8."""
    if b"\0" in data:
        raise UnreadableText("The file is not text: it holds zero bytes.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    read = UnicodeDammit(data, is_html=True)
    if read.unicode_markup is None or read.declared_html_encoding is None:
        raise UnreadableText("The file does not say how it is written. Save it as UTF-8.")
    return str(read.unicode_markup)
