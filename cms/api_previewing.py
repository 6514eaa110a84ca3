"""Preview addresses: one draft, for one hour, for whoever holds the address.

Two kinds of token open a draft. Ours names a page and shows its latest draft; the one that
Wagtail's preview panel makes stands for what an editor has on the screen, saved or not.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.conf import settings
from django.core import signing
from django.urls import reverse
from wagtail_headless_preview.models import HeadlessPreviewMixin, PagePreview

from cms.models import BasePage

LASTING: Final = timedelta(hours=1)
_SALT: Final = "cms.page-preview"


@dataclass(frozen=True, slots=True)
class PreviewAddress:
    """`url` is the front end's if one is configured, else the API's own."""

    page_id: int
    token: str
    url: str
    api_url: str
    expires_at: datetime


class NoPreview(Exception):
    """A token that opens nothing: made up, over, or of a page that is gone."""


def preview_address(page: BasePage, *, at: datetime) -> PreviewAddress:
    """An address of the page's latest draft, good for an hour from `at`."""
    token = signing.dumps({"page": page.pk}, salt=_SALT, compress=False)
    api_url = settings.SITE_URL + reverse("wagtailapi_v3:content_preview")
    query = urlencode({"token": token, "page": page.pk})
    clients: Any = settings.WAGTAIL_HEADLESS_PREVIEW["CLIENT_URLS"]
    client = clients["default"]
    kind = urlencode({"content_type": page.cached_content_type.model})
    return PreviewAddress(
        page_id=page.pk,
        token=token,
        url=f"{client}?{kind}&{query}" if client else f"{api_url}?{query}",
        api_url=f"{api_url}?{query}",
        expires_at=at + LASTING,
    )


def previewed(token: str) -> BasePage:
    """The draft behind a token.

    Raises:
        NoPreview: nothing is behind it, or no longer.
    """
    seconds = int(LASTING.total_seconds())
    try:
        named: Any = signing.loads(token, salt=_SALT, max_age=LASTING)
    except signing.BadSignature:
        return _on_an_editors_screen(token, seconds)
    page = BasePage.objects.filter(pk=named["page"]).first()
    if page is None:
        raise NoPreview
    draft: BasePage = page.get_latest_revision_as_object()
    return draft


def _on_an_editors_screen(token: str, seconds: int) -> BasePage:
    try:
        HeadlessPreviewMixin.get_preview_signer().unsign(token, max_age=seconds)
    except signing.BadSignature as error:
        raise NoPreview from error
    kept = PagePreview.objects.filter(token=token).first()
    if kept is None:
        raise NoPreview
    page: BasePage | None = _rebuilt(kept)
    if page is None or (page.pk and not BasePage.objects.filter(pk=page.pk).exists()):
        raise NoPreview
    page.id = page.pk = page.pk or 0  # a page that was never saved
    return page


def _rebuilt(kept: PagePreview) -> Any:
    """The page as it was kept; None when something it cannot be without has gone since."""
    content: dict[str, Any] = json.loads(kept.content_json)
    model = kept.content_type.model_class()
    page = model.from_serializable_data(content) if model else None
    if page is not None:
        page.pk = content["pk"]
    return page
