"""A person closes what needed a person: by our best guess, or with words of her own."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from payments import trail
from payments.checking import still_fails
from payments.mismatching import RULES
from payments.models import Mismatch, MismatchComment
from payments.resolving.suggestions import Suggestion, suggestions

ANSWERED = {"M22"}  # its rule counts from the answer on


class ResolutionError(Exception):
    """A mismatch that cannot be closed so; says why."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """What came of a suggestion: what was done, and whether that settled the matter."""

    mismatch: Mismatch
    done: str

    @property
    def is_settled(self) -> bool:
        return self.mismatch.status == Mismatch.Status.RESOLVED


@transaction.atomic
def resolve_mismatch(*, mismatch: Mismatch, resolution: str, by: User, at: datetime) -> Mismatch:
    """Close a mismatch with a note. One that is closed keeps its first note and is returned.

    It opens again by itself if its rule fails again.

    Raises:
        ResolutionError: the note is empty; nothing is written.
    """
    if not resolution.strip():
        raise ResolutionError(_("Say how it was resolved."))
    mismatch = Mismatch.objects.select_for_update().get(pk=mismatch.pk)
    if mismatch.status == Mismatch.Status.RESOLVED:
        return mismatch
    mismatch.status = Mismatch.Status.RESOLVED
    mismatch.resolution = resolution.strip()
    mismatch.resolved_by, mismatch.resolved_at = by, at
    mismatch.save(update_fields=["status", "resolution", "resolved_by", "resolved_at"])
    trail.mismatch_resolved(mismatch, by=by, at=at)
    return mismatch


def accept_suggestion(*, mismatch: Mismatch, by: User, at: datetime, key: str = "") -> Accepted:
    """Do what was suggested (the best guess without `key`) and close what that settles.

    If its rule still finds it afterwards, it stays open and the answer says what was done. A
    mismatch that is closed is returned as it is. May call Stripe: never inside a transaction.

    Raises:
        ResolutionError: there is no such suggestion, or it only leads to a page.
    """
    mismatch.refresh_from_db()
    if mismatch.status == Mismatch.Status.RESOLVED:
        return Accepted(mismatch, mismatch.resolution)
    chosen = _chosen(mismatch, key)
    if chosen.act is None:
        raise ResolutionError(_("This is decided on its own page."))
    done = chosen.act(by, at)
    mismatch.refresh_from_db()
    if mismatch.status == Mismatch.Status.OPEN and (
        _answers(mismatch) or not still_fails(mismatch, at=at)
    ):
        mismatch = resolve_mismatch(mismatch=mismatch, resolution=done, by=by, at=at)
    elif mismatch.status == Mismatch.Status.RESOLVED and mismatch.resolved_by is None:
        mismatch = _signed(mismatch, by, at)
    return Accepted(mismatch, done)


def _chosen(mismatch: Mismatch, key: str) -> Suggestion:
    offered = suggestions([mismatch]).get(mismatch.pk, [])
    wanted = [one for one in offered if not key or one.key == key]
    if not wanted:
        raise ResolutionError(_("That cannot be done here any more. Look at it again."))
    return wanted[0]


def _answers(mismatch: Mismatch) -> bool:
    """What stays as it happened is settled by a person's answer."""
    return RULES[mismatch.code].once or mismatch.code in ANSWERED


@transaction.atomic
def _signed(mismatch: Mismatch, by: User, at: datetime) -> Mismatch:
    """The act settled it through a rule: still a person's doing."""
    mismatch.resolved_by = by
    mismatch.save(update_fields=["resolved_by"])
    trail.mismatch_resolved(mismatch, by=by, at=at)
    return mismatch


@transaction.atomic
def own_mismatch(*, mismatch: Mismatch, owner: User | None) -> Mismatch:
    """Say who looks after it; None when nobody does."""
    mismatch.owner = owner
    mismatch.save(update_fields=["owner"])
    return mismatch


def comment_on_mismatch(
    *, mismatch: Mismatch, text: str, by: User, at: datetime
) -> MismatchComment:
    """Write down what was found out on the way.

    Raises:
        ResolutionError: there are no words.
    """
    if not text.strip():
        raise ResolutionError(_("Write something."))
    return MismatchComment.objects.create(
        mismatch=mismatch, author=by, text=text.strip(), written_at=at
    )
