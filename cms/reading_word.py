"""Word documents, by way of the HTML they stand for."""

from __future__ import annotations

import base64
from dataclasses import replace
from io import BytesIO
from typing import Any

import mammoth
from bs4 import BeautifulSoup, Tag

from cms.reading_html import read_html
from cms.reading_parts import Article, UnreadableText
from cms.uploads.archives import check_office_document
from cms.uploads.errors import UploadRefused
from cms.uploads.kinds import DOCX

STYLES = """
p[style-name='Title'] => h1:fresh
p[style-name='Subtitle'] => p.subtitle:fresh
p[style-name='Heading 1'] => h2:fresh
p[style-name='Heading 2'] => h3:fresh
p[style-name='Heading 3'] => h4:fresh
p[style-name='Heading 4'] => h5:fresh
p[style-name='Quote'] => blockquote > p:fresh
p[style-name='Intense Quote'] => blockquote > p:fresh
p[style-name='List Bullet'] => ul > li:fresh
p[style-name='List Number'] => ol > li:fresh
p[style-name='List Paragraph'] => p:fresh
p[style-name='Caption'] => p:fresh
"""
_NOTES = ("footnote-", "endnote-")


def read_word(data: bytes) -> Article:
    """The article of a .docx file. External pictures are never opened.

    Raises:
        UnreadableText: it is locked, broken, too large when unpacked, or holds no words.
    """
    try:
        check_office_document(data, DOCX)
    except UploadRefused as refusal:
        raise UnreadableText(str(refusal)) from refusal
    try:
        made = mammoth.convert_to_html(
            BytesIO(data),
            style_map=STYLES,
            convert_image=mammoth.images.img_element(_data_uri),
            external_file_access=False,
        )
    except Exception as error:  # a document may be wrong in ways its reader never thought of
        raise UnreadableText(
            "The Word document is broken. Save it again in Word and try once more."
        ) from error
    soup = BeautifulSoup(made.value, "html.parser")
    subtitle = _subtitle(soup)
    _notes_to_sources(soup)
    _one_title(soup)
    article = read_html(str(soup), {})
    lost = [f"Word says: {each.message}" for each in made.messages if _matters(each.message)]
    return replace(article, subtitle=subtitle, warnings=(*article.warnings, *lost[:10]))


def _data_uri(image: Any) -> dict[str, str]:
    with image.open() as file:
        packed = base64.b64encode(file.read()).decode("ascii")
    return {"src": f"data:{image.content_type};base64,{packed}"}


def _matters(message: str) -> bool:
    """Styles of one's own are no loss: their words stay."""
    return "style" not in message.lower()


def _subtitle(soup: BeautifulSoup) -> str:
    found = soup.find("p", class_="subtitle")
    words = " ".join(found.get_text().split()) if isinstance(found, Tag) else ""
    if not isinstance(found, Tag) or len(words) > 255:
        return ""
    found.extract()
    return words


def _one_title(soup: BeautifulSoup) -> None:
    """A document that uses Heading 1 for its title alone has no Title."""
    if soup.find("h1"):
        return
    tops = soup.find_all("h2")
    if len(tops) == 1:
        tops[0].name = "h1"


def _notes_to_sources(soup: BeautifulSoup) -> None:
    """Word's foot- and endnotes become the list of sources; what points at them stays as text."""
    notes = [item for item in soup.find_all("li") if str(item.get("id", "")).startswith(_NOTES)]
    if not notes:
        return
    for back in soup.find_all("a", href=lambda href: bool(href) and "note-ref-" in href):
        back.extract()
    heading = soup.new_tag("h2")
    heading.string = "Sources"
    listing = soup.new_tag("ol")
    for note in notes:
        old = note.parent
        listing.append(note.extract())
        if isinstance(old, Tag) and not old.find("li"):
            old.extract()
    soup.append(heading)
    soup.append(listing)
