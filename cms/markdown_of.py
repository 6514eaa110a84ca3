"""A page as Markdown: for editors who take their words along, and for machines that read."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpRequest
from django.utils.html import format_html
from markdownify import markdownify

from cms.elsewhere import html_of
from cms.languages import day_in_words
from cms.rich_text import with_rules

_MANY_BLANK_LINES = re.compile(r"\n{3,}")


def markdown_of(page: Any, request: HttpRequest | None = None) -> str:
    """CommonMark of everything the page says; addresses are absolute, prices are links."""
    head = [format_html("<h1>{}</h1>", page.title)]
    if signed := _signed(page):
        head.append(format_html("<p>{}</p>", signed))
    if not getattr(page, "subtitle", "") and (intro := with_rules(page.summary)):
        head.append(format_html("<p><em>{}</em></p>", intro))
    return markdown("".join(head) + html_of(page, request))


def markdown(html: str) -> str:
    """CommonMark of plain HTML, ending in one line break."""
    # A caption below its picture would stick to it.
    apart = html.replace("<figcaption>", "<p><em>").replace("</figcaption>", "</em></p>")
    made = markdownify(apart, heading_style="ATX", bullets="-", escape_misc=True)
    return _MANY_BLANK_LINES.sub("\n\n", made).strip() + "\n"


def _signed(page: Any) -> str:
    """Who wrote it and when: ``Sana Iqbal, 18 November 2026``."""
    day = getattr(page, "shown_on", None)
    on = day_in_words(day) if day else ""
    return ", ".join(part for part in (getattr(page, "byline", ""), on) if part)
