"""An editor's desk: what waits for them, in a fixed number of queries however much there is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Q
from django.urls import reverse
from django.utils.timezone import localtime
from wagtail.models import Revision, TaskState
from wagtail.permissions import policy_registry

from cms import contents, health, references
from cms.health import Matter

if TYPE_CHECKING:
    from accounts.models import User

AGES_AFTER: Final = timedelta(days=182)
SHOWN: Final = 5  # of each pile; the count tells how many there are


@dataclass(frozen=True, slots=True)
class Line:
    title: str
    url: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Pile:
    """Pages that need the same of somebody. `more_url` leads on; empty: there is nowhere."""

    name: str
    title: str
    count: int
    lines: tuple[Line, ...]
    empty: str
    more_url: str = ""
    more_words: str = ""


def desk_of(user: User, *, at: datetime) -> list[Pile]:
    """The piles of somebody who may write; nothing for anybody else."""
    policy = policy_registry.get_by_type(_pages().model)
    if not policy.user_has_any_permission(user, {"add", "change", "publish"}):
        return []
    mine = policy.instances_user_has_any_permission_for(user, {"add", "change", "publish"})
    mine = mine.filter(depth__gt=1)
    return [
        _drafts(mine, user),
        _waiting(mine),
        _scheduled(mine, at),
        _ageing(mine, at),
        *_troubled(mine),
    ]


def new_article_url(user: User) -> str:
    """Where this person starts an article with one click; empty where they may not."""
    from cms.tree import journal

    above = journal()
    if above is None or not above.permissions_for_user(user).can_add_subpage():
        return ""
    return reverse("wagtailadmin_pages:add", args=["cms", "articlepage", above.pk])


def _pages() -> Any:
    from cms.pages.base import BasePage

    return BasePage.objects.all()


def _drafts(pages: Any, user: User) -> Pile:
    by_user = Q(owner=user) | Q(latest_revision__user=user)
    drafts = pages.filter(by_user, has_unpublished_changes=True)
    drafts = drafts.exclude(pk__in=_in_moderation()).exclude(pk__in=_approved_ids())
    rows = drafts.order_by("-latest_revision_created_at", "-pk")
    lines = [
        Line(page.draft_title, _edit(page.pk), f"saved {_moment(page.latest_revision_created_at)}")
        for page in rows[:SHOWN]
    ]
    every = reverse("wagtailadmin_explore_root")
    return Pile(
        "drafts", "My drafts", rows.count(), tuple(lines), "No drafts of yours.",
        f"{every}?edited_by={user.pk}", "Everything I edited",
    )  # fmt: skip


def _waiting(pages: Any) -> Pile:
    states = (
        TaskState.objects.filter(status=TaskState.STATUS_IN_PROGRESS)
        .filter(revision__object_id__in=_as_text(pages))
        .select_related("revision", "revision__user", "task")
        .order_by("started_at")
    )
    lines = [
        Line(
            state.revision.object_str,
            _edit(state.revision.object_id),
            f"from {_name(state.revision.user)}, {_moment(state.started_at)}",
        )
        for state in states[:SHOWN]
    ]
    more = f"{reverse('wagtailadmin_reports:workflow')}?status=in_progress"
    return _pile(
        "review", "Waiting for review", states.count(), lines, "Nothing waits for a review.", more
    )


def _scheduled(pages: Any, at: datetime) -> Pile:
    """Approved to go live, or live with a last day, the next one first."""
    going = Revision.page_revisions.filter(
        approved_go_live_at__isnull=False, object_id__in=_as_text(pages)
    )
    moments = [
        (row[0], row[1], row[2], "goes live")
        for row in going.values_list("approved_go_live_at", "object_id", "object_str")
    ]
    ending = pages.filter(live=True, expire_at__gt=at)
    moments += [
        (row[0], row[1], row[2], "ends") for row in ending.values_list("expire_at", "pk", "title")
    ]
    moments.sort(key=lambda row: row[0])
    lines = [Line(title, _edit(pk), f"{what} {_moment(on)}") for on, pk, title, what in moments]
    return _pile("scheduled", "Scheduled", len(lines), lines, "Nothing is scheduled.")


def _ageing(pages: Any, at: datetime) -> Pile:
    old = pages.filter(live=True, last_published_at__lt=at - AGES_AFTER)
    rows = old.order_by("last_published_at", "pk")
    lines = [
        Line(page.title, _edit(page.pk), f"published {_day(page.last_published_at)}")
        for page in rows[:SHOWN]
    ]
    before = localtime(at - AGES_AFTER).date().isoformat()
    more = f"{reverse('wagtailadmin_reports:aging_pages')}?live=true&last_published_at={before}"
    return _pile(
        "ageing", "Not looked at for half a year", rows.count(), lines,
        "Everything was looked at within half a year.", more,
    )  # fmt: skip


def _troubled(pages: Any) -> list[Pile]:
    """Withdrawn offers, missing descriptions and alternative texts: from one reading."""
    versions = contents.newest(pages.filter(latest_revision__isnull=False))
    names = {one.page_id: one.title for one in versions}
    gone: dict[int, list[str]] = {}
    for use in references.withdrawn(references.uses_in(versions)):
        gone.setdefault(use.page_id, []).append(f"{use.kind} {use.code}")
    found = health.findings(versions)
    undescribed = _with(found, Matter.DESCRIPTION)
    wordless = _with(found, Matter.ALT)
    report = reverse("cms_reports:health")
    return [
        _pile(
            "withdrawn", "Offer withdrawn", len(gone), _lines(gone, names),
            "Every offer that pages name is on sale.",
            f"{reverse('cms_reports:uses')}?state=withdrawn",
        ),
        _pile(
            "descriptions", "Without a description", len(undescribed), _lines(undescribed, names),
            "Every page has a description.", f"{report}?matter={Matter.DESCRIPTION}",
        ),
        _pile(
            "pictures", "Pictures without words", len(wordless), _lines(wordless, names),
            "Every picture has its words.", f"{report}?matter={Matter.ALT}",
        ),
    ]  # fmt: skip


def _with(found: dict[int, list[health.Finding]], matter: Matter) -> dict[int, list[str]]:
    kept = {
        page: [finding.detail for finding in each if finding.matter == matter]
        for page, each in found.items()
    }
    return {page: details for page, details in kept.items() if details}


def _lines(found: dict[int, list[str]], names: dict[int, str]) -> list[Line]:
    return [
        Line(names[page], _edit(page), ", ".join(dict.fromkeys(filter(None, details))))
        for page, details in found.items()
    ]


def _pile(
    name: str, title: str, count: int, lines: Iterable[Line], empty: str, more: str = ""
) -> Pile:
    words = f"All {count}" if count > SHOWN else "As a list"
    return Pile(name, title, count, tuple(lines)[:SHOWN], empty, more, words)


def _in_moderation() -> Any:
    states = TaskState.objects.filter(status=TaskState.STATUS_IN_PROGRESS)
    return _ids(Revision.objects.filter(pk__in=states.values("revision")))


def _approved_ids() -> Any:
    return _ids(Revision.page_revisions.filter(approved_go_live_at__isnull=False))


def _ids(revisions: Any) -> list[int]:
    """Revisions keep the id of their page as text."""
    return [int(pk) for pk in revisions.values_list("object_id", flat=True) if pk.isdigit()]


def _as_text(pages: Any) -> list[str]:
    return [str(pk) for pk in pages.values_list("pk", flat=True)]


def _edit(page_id: int | str) -> str:
    return reverse("wagtailadmin_pages:edit", args=[page_id])


def _name(user: Any) -> str:
    return (user.name or user.email) if user else "somebody"


def _moment(at: datetime | None) -> str:
    """28 Nov 2026, 17:30 GMT: on the practice's clock, which the admin keeps for everybody."""
    return f"{localtime(at):%-d %b %Y, %H:%M %Z}" if at else ""


def _day(at: datetime | None) -> str:
    return f"{localtime(at):%-d %b %Y}" if at else ""
