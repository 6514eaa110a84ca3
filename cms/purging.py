"""Ends the version of everything kept in front of the site when something it shows has changed.

Content tells by Wagtail's signals. The apps below send nothing for it and know nothing of pages:
what they sell and when somebody is free are rows, and a saved row is news enough. What writes
past Django's signals (``update()``) is true on every page a minute later, when answers end.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models.signals import m2m_changed, post_delete, post_save
from wagtail.signals import page_published, page_unpublished, post_page_move

from cms.page_cache import ContentVersion

# By name: content imports no model of the apps below.
SHOWN = (
    "cms.ConsentText",
    "cms.PolicyText",
    "payments.Package",
    "payments.Policy",
    "payments.Service",
    "payments.ServiceVariant",
    "scheduling.Booking",
    "scheduling.BusyTime",
    "scheduling.Closure",
    "scheduling.HoursException",
    "scheduling.Location",
    "scheduling.Room",
    "scheduling.Therapist",
    "scheduling.TherapistVariant",
    "scheduling.TimeOff",
    "scheduling.WorkingHours",
    "taggit.Tag",
    "wagtailcore.Locale",
    "wagtailcore.PageViewRestriction",
    "wagtailcore.Site",
    "wagtailimages.Image",
)
SHOWN_LINKS = ("payments.Package_variants", "scheduling.Room_variants")
_UID = "cms.purging"


def content_version() -> ContentVersion:
    return ContentVersion(settings.VAR_DIR / "content-version")


def end_version() -> None:
    """Everything kept is forgotten now."""
    content_version().end()


def end_version_on_commit(**_: Any) -> None:
    """A receiver. A disk that is full undoes no booking."""
    transaction.on_commit(end_version, robust=True)


def _page_deleted(instance: Any, **_: Any) -> None:
    from cms.pages.base import BasePage

    if isinstance(instance, BasePage):
        end_version_on_commit()


def watch() -> None:
    """Connect whatever public pages show."""
    for news in (page_published, page_unpublished, post_page_move):
        news.connect(end_version_on_commit, dispatch_uid=_UID)
    post_delete.connect(_page_deleted, dispatch_uid=_UID)
    for label in SHOWN:
        for signal in (post_save, post_delete):
            signal.connect(end_version_on_commit, sender=label, dispatch_uid=f"{_UID} {label}")
    for label in SHOWN_LINKS:
        m2m_changed.connect(end_version_on_commit, sender=label, dispatch_uid=f"{_UID} {label}")
