"""The admin's "Download as Markdown", on every page that has a body."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from wagtail import hooks
from wagtail.admin.widgets import Button

from cms.exporting import exported
from cms.models import BasePage

LABEL = "Download as Markdown"


def download(request: HttpRequest, page_id: int) -> HttpResponse:
    """The newest draft: a Markdown file, or a ZIP of it with its pictures."""
    page = get_object_or_404(BasePage, pk=page_id)
    if not page.permissions_for_user(request.user).can_edit():
        raise PermissionDenied
    newest = page.get_latest_revision_as_object()
    if not hasattr(newest, "body"):
        raise Http404
    export = exported(newest)
    data, kind, ending = export.text.encode(), "text/markdown; charset=utf-8", "md"
    if export.pictures:
        data, kind, ending = export.as_zip(), "application/zip", "zip"
    response = HttpResponse(data, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{page.pk}-page.{ending}"'
    if export.name.isascii():
        response["Content-Disposition"] = f'attachment; filename="{export.name}.{ending}"'
    return response


@hooks.register("register_admin_urls")
def urls() -> list[Any]:
    return [path("export/<int:page_id>/", download, name="export_markdown")]


@hooks.register("register_page_listing_more_buttons")
@hooks.register("register_page_header_buttons")
def buttons(page: Any, user: Any, **kwargs: Any) -> Iterator[Button]:
    has_body = any(field.name == "body" for field in page.specific_class._meta.fields)
    if has_body and page.permissions_for_user(user).can_edit():
        url = reverse("export_markdown", args=[page.pk])
        yield Button(LABEL, url, icon_name="download", priority=65)
