"""Drafts for programs: a preview address for one, and a page in the form it is written in."""

from __future__ import annotations

from typing import Any

from django.db.models import ForeignKey
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router
from taggit.managers import TaggableManager
from wagtail.api import APIField
from wagtail.api.rich_text import RichTextOutputFormat
from wagtail.api.v3.auth import AllowAnonymous
from wagtail.api.v3.querysets import get_pages_queryset
from wagtail.api.v3.routers.pages import PageDetailSchema
from wagtail.fields import StreamField

from cms.api_auth import ContentToken
from cms.api_blocks import as_sent
from cms.api_blocks_shown import blocks_of
from cms.api_draft_shapes import DraftSourceOut, PageTypeBlocksOut, PreviewAddressOut
from cms.api_previewing import NoPreview, preview_address, previewed
from cms.api_scopes import Scope
from cms.api_tightening import hide_relatives
from cms.api_writes import current_version
from cms.models import BasePage

router = Router(tags=["drafts"])

_READ_DRAFTS = ContentToken(Scope.READ_DRAFTS)
_ON_EVERY_PAGE = ("title", "slug", "seo_title", "search_description", "show_in_menus")


@router.get(
    "/preview/",
    response=PageDetailSchema,
    auth=[AllowAnonymous()],
    operation_id="content_preview",
    url_name="content_preview",
)
def preview(
    request: HttpRequest,
    token: str,
    page: int | None = None,
    rich_text_format: RichTextOutputFormat | None = None,
) -> Any:
    """The draft a preview token stands for; with `page`, only if it is that page's.

    A token lasts an hour. Without one that fits there is nothing here: 404, never 403.
    """
    try:
        shown = previewed(token)
    except NoPreview as error:
        raise Http404 from error
    if page is not None and shown.pk != page:
        raise Http404
    hide_relatives(shown, request)
    return shown


@router.post(
    "/pages/{page_id}/preview-address/",
    response={201: PreviewAddressOut},
    auth=_READ_DRAFTS,
    operation_id="content_preview_address",
)
def make_preview_address(request: HttpRequest, page_id: int) -> tuple[int, Any]:
    """An address that shows the latest draft of one page to whoever holds it, for an hour."""
    return 201, preview_address(_page_of(request, page_id), at=timezone.now())


@router.get(
    "/pages/{page_id}/source/",
    response=DraftSourceOut,
    auth=_READ_DRAFTS,
    operation_id="content_page_source",
)
def page_source(request: HttpRequest, page_id: int, response: HttpResponse) -> Any:
    """The latest draft as PATCH takes it: change what you like in `fields` and send it back.

    Blocks hold ids and codes here, where a reader gets pictures and offers. Send the ETag as
    `If-Match` with the PATCH, and nobody's work is lost.
    """
    page = _page_of(request, page_id)
    response["ETag"] = current_version(page.pk) or ""
    draft = page.get_latest_revision_as_object()
    return DraftSourceOut(
        id=page.pk,
        type=draft._meta.label,
        live=page.live,
        has_unpublished_changes=page.has_unpublished_changes,
        fields=_written(draft),
    )


@router.get(
    "/blocks/",
    response=list[PageTypeBlocksOut],
    auth=[AllowAnonymous()],
    operation_id="content_blocks",
)
def block_types(request: HttpRequest) -> list[PageTypeBlocksOut]:
    """The blocks each page type knows, with the values they take."""
    return [
        PageTypeBlocksOut(type=model._meta.label, field=field, blocks=known)
        for model, field, known in blocks_of(BasePage)
    ]


def _page_of(request: HttpRequest, page_id: int) -> BasePage:
    """A page the bearer may change or publish; whether others exist is not told."""
    page: BasePage = get_object_or_404(get_pages_queryset(request), pk=page_id)
    return page


def _written(page: BasePage) -> dict[str, Any]:
    names = [*_ON_EVERY_PAGE, *(each.name for each in APIField.get_writable_fields_for_model(page))]
    return dict(_field(page, name) for name in names)


def _field(page: BasePage, name: str) -> tuple[str, Any]:
    field = page._meta.get_field(name)
    if isinstance(field, StreamField):
        return name, as_sent(field.stream_block, list(getattr(page, name).get_prep_value()))
    if isinstance(field, TaggableManager):
        return name, [tag.name for tag in getattr(page, name).all()]
    if isinstance(field, ForeignKey):
        return field.attname, getattr(page, field.attname)
    return name, getattr(page, name)
