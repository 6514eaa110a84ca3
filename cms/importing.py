"""Bring a text in as an article, once: again and again is the same page."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.html import escape
from django.utils.text import Truncator, slugify

from cms.models import ArticleImport, ArticleIndexPage, ArticlePage, TherapistPage
from cms.reading_text import Article, Heading, Listing, Paragraph, Part, read_article
from cms.tree import ensure_tree

if TYPE_CHECKING:
    from accounts.models import User

INTRO_LENGTH = 280
_EDITOR_KEYS = re.compile(r' data-block-key="[^"]*"')


class ImportRefused(Exception):
    """The text was read but may not be written; says why. Nothing was written."""


class Outcome(Enum):
    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did, and the page it did it to."""

    page: ArticlePage
    outcome: Outcome
    published: bool


@transaction.atomic
def import_article(
    *, text: str, at: datetime, by: User | None, publish: bool = False, author: str = ""
) -> Imported:
    """Make `text` an article of the journal: a draft, or published if asked.

    The slug of the title is what a text is known by. The same text again writes nothing (and
    publishes the draft if asked now); a changed text becomes a new draft revision of the same
    page, unless a person edited the page since.

    Raises:
        UnreadableText: the text has no title, or nothing below it.
        ImportRefused: the page was edited since, or its address belongs to another page.
    """
    article = read_article(text)
    source = slugify(article.title, allow_unicode=True)
    if not source:
        raise ImportRefused("The title has no letters or figures to make an address from.")
    text_digest = _digest(text)
    earlier = ArticleImport.objects.select_for_update().filter(source=source).first()
    if earlier is None:
        page = _create(article, source, by)
        outcome = Outcome.CREATED
    elif earlier.text_digest == text_digest:
        page, outcome = earlier.page, Outcome.UNCHANGED
    else:
        page, outcome = _newest(earlier), Outcome.CHANGED
        _fill(page, article)
    if outcome is not Outcome.UNCHANGED:
        _credit(page, author)
        page.save_revision(user=by, changed=True)
        _remember(earlier, page, source, text_digest, at)
    return Imported(page, outcome, published=publish and _publish(page, by))


def _create(article: Article, slug: str, by: User | None) -> ArticlePage:
    journal: ArticleIndexPage = ensure_tree().journal
    if journal.get_children().filter(slug=slug).exists():
        raise ImportRefused(
            f'A page with the address "{slug}" is there already and did not come from a file.'
        )
    page = ArticlePage(title=article.title, slug=slug, live=False, owner=by)
    _fill(page, article)
    journal.add_child(instance=page)
    return page


def _newest(earlier: ArticleImport) -> ArticlePage:
    """The newest draft, if it is as the import left it."""
    page: ArticlePage = earlier.page.get_latest_revision_as_object()
    if content_digest(page) != earlier.content_digest:
        raise ImportRefused(
            f'"{page.title}" was edited here since it was imported, so it was left as it is. '
            "Change the page itself, or delete it and import again."
        )
    return page


def _fill(page: ArticlePage, article: Article) -> None:
    page.title = page.draft_title = article.title
    page.subtitle = article.subtitle
    page.body = body_of(article.parts)
    page.intro = _intro(article)


def _credit(page: ArticlePage, author: str) -> None:
    if not author:
        return
    therapists = TherapistPage.objects.filter(therapist_code=author) | TherapistPage.objects.filter(
        title__iexact=author
    )
    page.author = therapists.first()
    page.author_name = "" if page.author else author


def _publish(page: ArticlePage, by: User | None) -> bool:
    """Publish the newest draft; False when it is live already."""
    page.refresh_from_db()
    if page.live and not page.has_unpublished_changes:
        return False
    page.get_latest_revision().publish(user=by)
    page.refresh_from_db()
    return True


def _remember(
    earlier: ArticleImport | None, page: ArticlePage, source: str, digest: str, at: datetime
) -> None:
    record = earlier or ArticleImport(page=page, source=source)
    record.text_digest = digest
    record.content_digest = content_digest(page)
    record.imported_at = at
    record.save()


# --- From parts to blocks ----------------------------------------------------------------------
def body_of(parts: Iterable[Part]) -> list[tuple[str, Any]]:
    """Headings become heading blocks; paragraphs and lists in between share a text block."""
    body: list[tuple[str, Any]] = []
    prose: list[str] = []
    for part in parts:
        if isinstance(part, Heading):
            _close(prose, body)
            body.append(("heading", {"text": part.text, "number": part.number, "level": "2"}))
        else:
            prose.append(_html(part))
    _close(prose, body)
    return body


def _close(prose: list[str], body: list[tuple[str, Any]]) -> None:
    if prose:
        body.append(("prose", "".join(prose)))
        prose.clear()


def _html(part: Paragraph | Listing) -> str:
    if isinstance(part, Paragraph):
        return f"<p>{'<br/>'.join(escape(line) for line in part.lines)}</p>"
    tag = "ul" if part.start is None else "ol"
    items = "".join(f"<li>{escape(item)}</li>" for item in part.items)
    return f"<{tag}>{items}</{tag}>"


def _intro(article: Article) -> str:
    """The start of the first paragraph, whole sentences where they fit."""
    lines = next((part.lines for part in article.parts if isinstance(part, Paragraph)), ())
    text = " ".join(lines)
    if len(text) <= INTRO_LENGTH:
        return text
    end = text.rfind(". ", 0, INTRO_LENGTH)
    return text[: end + 1] if end > 0 else Truncator(text).chars(INTRO_LENGTH)


# --- What a page says, as one number --------------------------------------------------------------
def content_digest(page: ArticlePage) -> str:
    """A digest of the words an import writes; the editor's own marks in them do not count."""
    blocks = [[block.block_type, block.get_prep_value()["value"]] for block in page.body]
    words = json.dumps([page.title, page.subtitle, blocks], sort_keys=True)
    return _digest(_EDITOR_KEYS.sub("", words.replace('\\"', '"')))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
