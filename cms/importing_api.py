"""Importing by API: the same act as in the admin, for holders of a token with the right."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from ninja import File, Form, Router, Schema, Status, UploadedFile
from pydantic import Field

from cms.api_auth import ContentToken, scope_missing
from cms.api_scopes import Scope
from cms.importing import ImportRefused, Outcome, foresee, import_document
from cms.importing_pictures import pictures_of
from cms.reading import read_document
from cms.reading_parts import Article
from cms.uploading import documents_among, named_files
from cms.uploads.errors import UploadRefused

router = Router(tags=["content"])


class ImportWanted(Schema):
    author: str = Field("", max_length=120, description="A therapist's code or name, or any name.")
    publish: bool = False
    dry_run: bool = Field(False, description="Say what would happen; nothing is written.")


class ImportOut(Schema):
    outcome: Outcome
    title: str
    page_id: int | None = None  # none after a dry run
    edit_url: str = ""
    published: bool = False
    warnings: list[str]


@router.post(
    "/imports/",
    response={200: ImportOut, 201: ImportOut},
    auth=ContentToken(Scope.WRITE),
    operation_id="content_import",
)
def import_one(
    request: HttpRequest,
    document: File[UploadedFile],
    wanted: Form[ImportWanted],
    pictures: File[list[UploadedFile]] = [],  # noqa: B006 - read, never changed
) -> Any:
    """Make a document (.txt, .md, .docx, .html, or a .zip of one with its pictures) a draft.

    201 when a page was made, 200 otherwise. The same document again writes nothing. One with
    pictures asks for the scope of images too.
    """
    token: Any = request.auth  # type: ignore[attr-defined]
    if wanted.publish and not token.terms.allows(Scope.PUBLISH):
        raise scope_missing(Scope.PUBLISH)
    found = documents_among(named_files([document, *pictures]))
    if len(found) != 1:
        raise UploadRefused("Send one document at a time.")
    if not token.terms.allows(Scope.IMAGES) and pictures_of(read_document(found[0])):
        raise scope_missing(Scope.IMAGES)
    user: Any = request.user
    if wanted.dry_run:
        foreseen = foresee(document=found[0], by=user)
        if foreseen.outcome is None:
            raise ImportRefused(foreseen.refusal)
        return Status(200, _shown(foreseen.outcome, foreseen.article.title, foreseen.article))
    imported = import_document(
        document=found[0], at=timezone.now(), by=user, publish=wanted.publish, author=wanted.author
    )
    page = imported.page
    edit_url = settings.SITE_URL + reverse("wagtailadmin_pages:edit", args=[page.pk])
    shown = _shown(imported.outcome, page.title, imported.article)
    shown = shown.model_copy(
        update={"page_id": page.pk, "edit_url": edit_url, "published": imported.published}
    )
    return Status(201 if imported.outcome is Outcome.CREATED else 200, shown)


def _shown(outcome: Outcome, title: str, article: Article) -> ImportOut:
    return ImportOut(outcome=outcome, title=title, warnings=list(article.warnings))
