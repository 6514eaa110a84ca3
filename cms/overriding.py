"""What was the matter with a page when it was published all the same: kept in its history."""

from __future__ import annotations

from typing import Any, Final

from wagtail.log_actions import get_active_log_context, log
from wagtail.signals import page_published

from cms.health import findings_of

OVERRIDE: Final = "cms.publish_as_it_is"


def note_override(*, page: Any, revision: Any = None) -> list[str]:
    """Write what the checks found into the history of a page that goes live; nothing if nothing.

    Whoever acts is named by Wagtail's log; of a publication by schedule it is the author of the
    revision.
    """
    found = [finding.sentence for finding in findings_of(page)]
    if found:
        log(
            instance=page,
            action=OVERRIDE,
            user=_author(revision),
            revision=revision,
            data={"findings": found},
        )
    return found


def _author(revision: Any) -> Any:
    """None leaves it to the request's own user."""
    acting = get_active_log_context().user
    return acting or (revision.user if revision else None)


def page_was_published(sender: Any, instance: Any, revision: Any = None, **news: Any) -> None:
    if instance.live:
        note_override(page=instance, revision=revision)


def watch() -> None:
    """From the app's `ready`."""
    page_published.connect(page_was_published, dispatch_uid="cms.override")
