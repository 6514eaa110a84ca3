"""What speaks against merging two runners, or against undoing it: a time that is in between."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q

from accounts.merges import Merge
from accounts.merging import merge_asked, undo_asked
from accounts.models import User
from payments.models import CreditEntry
from scheduling.models import Booking, WaitlistEntry


def times_in_between(
    sender: Any, kept: User, absorbed: User, at: datetime, **kwargs: Any
) -> list[str]:
    """A hold, two sessions at one time, or one wish twice: somebody has to decide first."""
    found = []
    both = [kept, absorbed]
    held = Booking.objects.filter(runner__in=both, state=Booking.State.HELD)
    if held.filter(hold_expires_at__gt=at).exists():
        found.append("One of the two holds a time just now. Wait until it is booked or let go.")
    theirs = Booking.objects.of(absorbed).booked()
    same = theirs.filter(starts_at__lt=OuterRef("ends_at"), ends_at__gt=OuterRef("starts_at"))
    if Booking.objects.of(kept).booked().filter(Exists(same)).exists():
        found.append("Each has a session at the same time. Move or cancel one of them first.")
    wishes = WaitlistEntry.objects.of(absorbed).still_open().values("wish_key")
    if WaitlistEntry.objects.of(kept).still_open().filter(wish_key__in=wishes).exists():
        found.append("Both wait for the same. Take one of them off the waitlist first.")
    return found


def sessions_on_the_others_credit(
    sender: Any, merge: Merge, at: datetime, **kwargs: Any
) -> list[str]:
    """A session booked since, on a credit that came with the merge, belongs to both."""
    lots = set(_moved(merge, "payments.creditlot"))
    sessions = Booking.objects.filter(pk__in=_moved(merge, "scheduling.booking"))
    moved = set(sessions.values_list("public_id", flat=True))
    of_both = Q(lot__owner=merge.kept, booking_id__isnull=False, posted_at__gte=merge.made_at)
    since = CreditEntry.objects.filter(of_both).values_list("lot_id", "booking_id")
    if any((lot in lots) != (booking in moved) for lot, booking in since.distinct()):
        return ["Since the merge a session was paid with a credit of the other. Cancel it first."]
    return []


def _moved(merge: Merge, model: str) -> list[int]:
    return [int(pk) for pk in merge.rows.filter(model=model).values_list("row", flat=True)]


def register() -> None:
    merge_asked.connect(times_in_between, dispatch_uid="scheduling.merge_asked")
    undo_asked.connect(sessions_on_the_others_credit, dispatch_uid="scheduling.undo_asked")
