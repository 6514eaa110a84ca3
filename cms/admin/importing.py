"""The admin's page "Import a document": upload, look, make the drafts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import ngettext
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.menu import MenuItem

from cms.importing import (
    Foreseen,
    Imported,
    ImportRefused,
    Outcome,
    foresee,
    import_document,
    may_import,
)
from cms.importing_preview import Shown, shown
from cms.imports import WaitingImport
from cms.reading import ENDINGS, Document
from cms.reading_parts import UnreadableText
from cms.tree import journal
from cms.uploading import PICTURES, documents_of, keep_upload
from cms.uploads.errors import UploadRefused

TITLE = "Import a document"
WHAT = {
    Outcome.CREATED: "Becomes a new draft",
    Outcome.CHANGED: "Becomes a new draft of the page that came from it",
    Outcome.UNCHANGED: "Is here already: nothing would be written",
}


class _Files(forms.ClearableFileInput):
    allow_multiple_selected = True


class _ManyFiles(forms.FileField):
    widget = _Files

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        one = super().clean
        return [one(each, initial) for each in data or [None]]


class UploadForm(forms.Form):
    documents = _ManyFiles(
        label="Documents",
        widget=_Files(attrs={"accept": ",".join([*ENDINGS, ".zip", *PICTURES])}),
        help_text="One or several: .txt, .md, .docx, .html. Choose the pictures of an .md or "
        ".html file along with it, or send everything in one .zip.",
        allow_empty_file=True,  # its own sentence says so, beside the other documents
        error_messages={"required": "Choose at least one document."},
    )


@dataclass(frozen=True, slots=True)
class Looked:
    """One document of an upload, and what it will become."""

    name: str
    foreseen: Foreseen | None = None
    trouble: str = ""
    parts: list[Shown] = field(default_factory=list)

    @property
    def what(self) -> str:
        return WHAT[self.foreseen.outcome] if self.foreseen and self.foreseen.outcome else ""


def upload(request: HttpRequest) -> HttpResponse:
    """Choose the files. Nothing is written but the files themselves."""
    _require_editor(request)
    posted = request.method == "POST"
    form = UploadForm(request.POST, request.FILES) if posted else UploadForm()
    if posted and form.is_valid():
        try:
            waiting = keep_upload(
                files=form.cleaned_data["documents"], by=_user(request), at=timezone.now()
            )
        except UploadRefused as refusal:
            form.add_error("documents", str(refusal))
        else:
            return redirect("import_preview", waiting.public_id)
    status = 422 if form.is_bound and form.errors else 200
    return _page(request, "upload", {"form": form}, status)


def preview(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What each document becomes; a POST makes the drafts of those that are ticked."""
    _require_editor(request)
    waiting = get_object_or_404(WaitingImport, public_id=public_id, made_by=_user(request))
    documents = documents_of(waiting)
    if request.method == "POST":
        wanted = set(request.POST.getlist("document"))
        made, troubles = _make(request, [each for each in documents if each.name in wanted])
        if made and not troubles:
            waiting.delete()
            return _done(request, made)
        for trouble in troubles or ["Tick at least one document."]:
            messages.error(request, trouble)
    looked = [_look(document, request) for document in documents]
    ready = [each for each in looked if each.what]
    return _page(request, "preview", {"looked": looked, "ready": ready})


def _make(request: HttpRequest, documents: list[Document]) -> tuple[list[Imported], list[str]]:
    made, troubles = [], []
    for document in documents:
        try:
            made.append(import_document(document=document, at=timezone.now(), by=_user(request)))
        except (UnreadableText, ImportRefused, PermissionDenied) as refusal:
            troubles.append(f"{document.name}: {refusal}")
    return made, troubles


def _look(document: Document, request: HttpRequest) -> Looked:
    try:
        foreseen = foresee(document=document, by=_user(request))
    except UnreadableText as trouble:
        return Looked(document.name, trouble=str(trouble))
    return Looked(document.name, foreseen, foreseen.refusal, shown(foreseen.article))


def _done(request: HttpRequest, made: list[Imported]) -> HttpResponse:
    words = ngettext("Made a draft of", "Made drafts of", len(made))
    titles = ", ".join(f'"{each.page.title}"' for each in made)
    messages.success(request, f"{words} {titles}.")
    if len(made) == 1:
        return redirect("wagtailadmin_pages:edit", made[0].page.pk)
    above = journal()
    return redirect("wagtailadmin_explore", *([above.pk] if above else []))


def _page(
    request: HttpRequest, name: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    known = {
        "page_title": TITLE,
        "header_title": TITLE,
        "header_icon": "upload",
        "breadcrumbs_items": [{"url": reverse("import_document"), "label": TITLE}],
    }
    return render(request, f"cms/admin/import_{name}.html", known | context, status=status)


def _require_editor(request: HttpRequest) -> None:
    if not may_import(_user(request)):
        raise PermissionDenied


def _user(request: HttpRequest) -> Any:
    return request.user


class _ForEditors(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return may_import(_user(request))


@hooks.register("register_admin_urls")
def urls() -> list[Any]:
    return [
        path("import/", upload, name="import_document"),
        path("import/<uuid:public_id>/", preview, name="import_preview"),
    ]


@hooks.register("register_admin_menu_item")
def menu_item() -> MenuItem:
    return _ForEditors(TITLE, reverse("import_document"), icon_name="upload", order=210)
