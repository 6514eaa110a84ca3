"""Bring a text in as an article, once: again and again is the same page."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.text import Truncator, slugify

from cms.importing_bodies import UnknownBlock, body_of, sources_of
from cms.importing_pictures import Keeper, keeping
from cms.models import ArticleImport, ArticlePage, TherapistPage
from cms.reading import Document, read_document
from cms.reading_parts import Article, Paragraph, text_of
from cms.reading_text import read_article
from cms.tree import ensure_tree, journal

if TYPE_CHECKING:
    from accounts.models import User

INTRO_LENGTH = 280
_EDITOR_KEYS = re.compile(r' data-block-key="[^"]*"')
# Two ways to write a quotation mark; the editor writes it as it is.
_SAME_MARKS = (("&#x27;", "'"), ("&quot;", '"'))


class ImportRefused(Exception):
    """The text was read but may not be written; says why. Nothing was written."""


class Outcome(StrEnum):
    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did, and the page it did it to."""

    page: ArticlePage
    outcome: Outcome
    published: bool
    article: Article


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What an import would do; `refusal` says why it would do nothing."""

    article: Article
    outcome: Outcome | None
    refusal: str = ""


def import_article(
    *, text: str, at: datetime, by: User | None, publish: bool = False, author: str = ""
) -> Imported:
    """Make a plain text an article of the journal; see `import_document`."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    return _import(read_article(text), digest, at=at, by=by, publish=publish, author=author)


def import_document(
    *, document: Document, at: datetime, by: User | None, publish: bool = False, author: str = ""
) -> Imported:
    """Make `document` an article of the journal: a draft, or published if asked.

    The slug of the title is what a text is known by. The same text again writes nothing (and
    publishes the draft if asked now); a changed text becomes a new draft revision of the same
    page, unless a person edited the page since. `by` needs the rights; None is the command line.

    Raises:
        UnreadableText: the document cannot be read, has no title, or nothing below it.
        ImportRefused: the page was edited since, or its address belongs to another page.
        PermissionDenied: `by` may not write or publish articles, or add their pictures.
    """
    article = read_document(document)
    digest = document.digest()
    return _import(article, digest, at=at, by=by, publish=publish, author=author)


def foresee(*, document: Document, by: User | None) -> Foreseen:
    """What importing the document would do now. Nothing is written.

    Raises:
        UnreadableText: as `import_document`.
    """
    article = read_document(document)
    try:
        earlier = ArticleImport.objects.filter(source=_source_of(article)).first()
        if earlier is None:
            _require_free(_source_of(article))
            Keeper(by).require_right(article)
            return Foreseen(article, Outcome.CREATED)
        if earlier.text_digest == document.digest():
            return Foreseen(article, Outcome.UNCHANGED)
        _newest(earlier, by)
        Keeper(by).require_right(article)
    except (ImportRefused, PermissionDenied) as refusal:
        return Foreseen(article, None, str(refusal))
    return Foreseen(article, Outcome.CHANGED)


def may_import(user: User) -> bool:
    above = journal()
    return bool(above and above.permissions_for_user(user).can_add_subpage())


def _import(
    article: Article, digest: str, *, at: datetime, by: User | None, publish: bool, author: str
) -> Imported:
    if by is not None and not may_import(by):
        raise PermissionDenied("You may not write articles.")
    before: tuple[Any, ...] = ()
    with keeping(by) as keeper, transaction.atomic():
        source = _source_of(article)
        earlier = ArticleImport.objects.select_for_update().filter(source=source).first()
        if earlier is not None and earlier.text_digest == digest:
            page, outcome = earlier.page, Outcome.UNCHANGED
        elif earlier is None:
            page, outcome = _create(article, source, keeper), Outcome.CREATED
        else:
            page, outcome = _newest(earlier, by), Outcome.CHANGED
            before = _facts(page)
            _fill(page, article, keeper)
        if outcome is not Outcome.UNCHANGED:
            _credit(page, author or article.author)
            same_words = earlier is not None and earlier.content_digest == content_digest(page)
            if not same_words or _facts(page) != before:
                page.save_revision(user=by, changed=True)
            else:
                outcome = Outcome.UNCHANGED  # written otherwise, and says the same
            _remember(earlier, page, source, digest, at)
        published = publish and _publish(page, by)
        return Imported(page, outcome, published, article)


def _source_of(article: Article) -> str:
    source = slugify(article.title, allow_unicode=True)
    if not source:
        raise ImportRefused("The title has no letters or figures to make an address from.")
    return source[:255]


def _require_free(slug: str) -> None:
    above = journal()
    if above and above.get_children().filter(slug=slug).exists():
        raise ImportRefused(
            f'A page with the address "{slug}" is there already and did not come from a file.'
        )


def _create(article: Article, slug: str, keeper: Keeper) -> ArticlePage:
    _require_free(slug)
    page = ArticlePage(title=article.title, slug=slug, live=False, owner=keeper.by)
    _fill(page, article, keeper)
    ensure_tree().journal.add_child(instance=page)
    return page


def _newest(earlier: ArticleImport, by: User | None) -> ArticlePage:
    """The newest draft, if it is as the import left it."""
    page: ArticlePage = earlier.page.get_latest_revision_as_object()
    if content_digest(page) != earlier.content_digest:
        raise ImportRefused(
            f'"{page.title}" was edited here since it was imported, so it was left as it is. '
            "Change the page itself, or delete it and import again."
        )
    if by is not None and not page.permissions_for_user(by).can_edit():
        raise PermissionDenied(f'You may not edit "{page.title}".')
    if earlier.page.locked:
        raise ImportRefused(f'"{page.title}" is locked. Unlock it and import again.')
    return page


def _fill(page: ArticlePage, article: Article, keeper: Keeper) -> None:
    page.title = page.draft_title = article.title
    page.subtitle = article.subtitle
    try:
        page.body = body_of(article.parts, keeper.keep)
    except UnknownBlock as unknown:
        raise ImportRefused(
            f'The file has a block "{unknown}" that does not fit this site. Take it out, or '
            "import where it came from."
        ) from unknown
    page.sources = sources_of(article.sources)
    page.intro = article.intro or _intro(article)
    if article.tags:
        page.tags.set(article.tags)


def _facts(page: ArticlePage) -> tuple[Any, ...]:
    """What a file says above its words. An intro of one's own stands in no import's way."""
    tags = tuple(sorted(tag.name for tag in page.tags.all()))
    return page.intro, page.author_id, page.author_name, tags


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
    if by is not None and not page.permissions_for_user(by).can_publish():
        raise PermissionDenied("You may not publish articles.")
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


def _intro(article: Article) -> str:
    """The start of the first paragraph, whole sentences where they fit."""
    lines = next((part.lines for part in article.parts if isinstance(part, Paragraph)), ())
    text = " ".join(" ".join(map(text_of, lines)).split())
    if len(text) <= INTRO_LENGTH:
        return text
    end = text.rfind(". ", 0, INTRO_LENGTH)
    return text[: end + 1] if end > 0 else Truncator(text).chars(INTRO_LENGTH)


# --- What a page says, as one number --------------------------------------------------------------
def content_digest(page: ArticlePage) -> str:
    """A digest of the words an import writes; the editor's own marks in them do not count."""
    blocks = [[block.block_type, block.get_prep_value()["value"]] for block in page.body]
    sources = [block.get_prep_value()["value"] for block in page.sources]
    said = [page.title, page.subtitle, blocks, *([sources] if sources else [])]
    words = json.dumps(said, sort_keys=True).replace('\\"', '"')
    for written, mark in _SAME_MARKS:
        words = words.replace(written, mark)
    return hashlib.sha256(_EDITOR_KEYS.sub("", words).encode()).hexdigest()
