"""What happened to pages, written down in the transaction in which it happens.

Wagtail sends its signals after the change; ``change_and_news_together`` puts both into one
transaction, so that neither a crash nor a roll-back leaves one without the other.
"""

from __future__ import annotations

from copy import copy
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models.signals import pre_delete, pre_save
from django.utils import timezone
from wagtail.actions.copy_page import CopyPageAction
from wagtail.actions.delete_page import DeletePageAction
from wagtail.actions.move_page import MovePageAction
from wagtail.actions.publish_page_revision import PublishPageRevisionAction
from wagtail.actions.unpublish_page import UnpublishPageAction
from wagtail.signals import page_published, page_unpublished, post_page_move

from cms.pages.base import BasePage
from cms.webhooks.delivering import owe
from cms.webhooks.models import ContentEvent, Happening, WebhookEndpoint

ACTIONS: tuple[Any, ...] = (
    PublishPageRevisionAction,
    UnpublishPageAction,
    MovePageAction,
    DeletePageAction,
    CopyPageAction,
)


def listen() -> None:
    """Called once, when the app is ready."""
    change_and_news_together()
    pre_save.connect(_remember_address, dispatch_uid="webhooks.address")
    page_published.connect(_published, dispatch_uid="webhooks.published")
    page_unpublished.connect(_unpublished, dispatch_uid="webhooks.unpublished")
    post_page_move.connect(_moved, dispatch_uid="webhooks.moved")
    # Of a page and everything below it each is deleted as a BasePage once.
    pre_delete.connect(_deleted, sender=BasePage, dispatch_uid="webhooks.deleted")


def change_and_news_together() -> None:
    for action in ACTIONS:
        if not getattr(action.execute, "with_its_news", False):
            action.execute = transaction.atomic(action.execute)
            action.execute.with_its_news = True


def _remember_address(sender: type, instance: Any, **kwargs: Any) -> None:
    """Where a live page was before it is saved under another slug."""
    if isinstance(instance, BasePage) and instance.pk:
        before = BasePage.objects.filter(pk=instance.pk, live=True)
        instance._path_before = before.values_list("url_path", flat=True).first()


def _published(instance: Any, **kwargs: Any) -> None:
    before = getattr(instance, "_path_before", None)
    if before and before != instance.url_path:
        record(Happening.MOVED, instance, at=timezone.now(), path_before=before)
    record(Happening.PUBLISHED, instance, at=timezone.now())


def _unpublished(instance: Any, **kwargs: Any) -> None:
    """Wagtail also says so of a page that is about to be deleted; that is news of its own."""
    if not _is_live_in_database(instance):
        record(Happening.UNPUBLISHED, instance, at=timezone.now())


def _moved(instance: Any, url_path_before: str, **kwargs: Any) -> None:
    below = instance.get_descendants().live()
    if instance.live or below.exists():
        record(Happening.MOVED, instance, at=timezone.now(), path_before=url_path_before)


def _deleted(instance: Any, **kwargs: Any) -> None:
    if _is_live_in_database(instance):
        record(Happening.DELETED, instance, at=timezone.now())


def _is_live_in_database(page: Any) -> bool:
    return bool(BasePage.objects.filter(pk=page.pk, live=True).exists())


def record(
    happening: Happening, page: Any, *, at: datetime, path_before: str | None = None
) -> ContentEvent | None:
    """Owe the news to every endpoint that wants it; nothing is written where there is none."""
    wanting = [
        endpoint
        for endpoint in WebhookEndpoint.objects.filter(is_active=True)
        if happening in endpoint.events
    ]
    if not wanting:
        return None
    event = ContentEvent.objects.create(
        type=happening, page_id=page.pk, page=_told_of(page, path_before), happened_at=at
    )
    owe(event=event, endpoints=wanting, at=at)
    return event


def _told_of(page: Any, path_before: str | None) -> dict[str, Any]:
    """Which page it is and where, nothing of its words: those are read, by who may read them."""
    url = _address(page)
    told = {
        "id": page.pk,
        "type": page.specific_class._meta.label,
        "url": url,
        "path": urlsplit(url).path,
        "locale": page.locale.language_code,
    }
    if path_before is not None:
        before = copy(page)
        before.url_path = path_before
        told["previous_url"] = _address(before)
        told["previous_path"] = urlsplit(told["previous_url"]).path
    return told


def _address(page: Any) -> str:
    """Empty for a page outside the site."""
    return page.get_full_url() or ""
