"""A preview address in the page's menu: for a colleague, or for the front end on another host."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods
from wagtail import hooks
from wagtail.admin.widgets import Button

from cms.api_previewing import preview_address
from cms.models import BasePage


@require_http_methods(["GET", "POST"])
def preview_address_view(request: HttpRequest, page_id: int) -> HttpResponse:
    """Explains on GET; makes an address on POST."""
    page = get_object_or_404(BasePage, pk=page_id)
    if not _may_preview(page, request.user):
        raise PermissionDenied
    made = preview_address(page, at=timezone.now()) if request.method == "POST" else None
    return TemplateResponse(
        request,
        "cms/admin/preview_address.html",
        {"page": page, "made": made, "page_title": "Preview address"},
    )


@hooks.register("register_admin_urls")
def preview_urls() -> list[URLPattern]:
    return [
        path(
            "pages/<int:page_id>/preview-address/",
            preview_address_view,
            name="cms_preview_address",
        )
    ]


@hooks.register("register_page_header_buttons")
def preview_address_button(
    page: BasePage, user: Any, view_name: str, next_url: str | None = None
) -> Iterator[Button]:
    if page.pk and _may_preview(page, user):
        yield Button(
            "Preview address",
            reverse("cms_preview_address", args=[page.pk]),
            icon_name="link",
            priority=62,
        )


def _may_preview(page: BasePage, user: Any) -> bool:
    permissions = page.permissions_for_user(user)
    return bool(not page.is_root() and (permissions.can_edit() or permissions.can_publish()))
