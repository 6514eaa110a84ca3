"""A person closes what needed a person, and says how."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from payments.models import Mismatch


class ResolutionError(Exception):
    """A mismatch that cannot be closed so; says why."""


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
    return mismatch
