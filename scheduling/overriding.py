"""Setting rules aside: what staff may, with a reason, and what that means in the diary (E23, B15).

Two sessions in one pair of hands or in one room stay impossible, whoever asks. What was set aside
is kept on the booking (``overrides``) and, with the reason, in its change.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from accounts.models import User
from scheduling.changing import Kind, record
from scheduling.claiming import Place
from scheduling.errors import NotOverridable, ReasonMissing
from scheduling.models import Booking
from scheduling.models.bookings import BookingQuerySet
from scheduling.reasons import OVERRIDABLE, Reason
from scheduling.world import LONGEST


def require_overridable(overriding: Collection[Reason], reason: str) -> None:
    """Refuse to set aside what never is, or anything without saying why.

    Raises:
        NotOverridable, ReasonMissing.
    """
    if not OVERRIDABLE.issuperset(overriding):
        raise NotOverridable
    if overriding and not reason.strip():
        raise ReasonMissing


def kept(place: Place) -> list[str]:
    """The codes of the rules that had to be set aside for a place, as the booking keeps them."""
    return [str(reason) for reason in place.reasons]


def fitted(place: Place, minutes: int, ignoring: Collection[int] = ()) -> Place:
    """The place with as much of its ``minutes`` of turnaround as the next session leaves (E4).

    For a claim that turnaround was forgiven; others have it whole. Under the claim's locks.
    """
    if Reason.TURNAROUND not in place.reasons:
        return place
    whole = place.ends_at + timedelta(minutes=minutes)
    after = _beside(place, ignoring).filter(starts_at__gte=place.ends_at, starts_at__lt=whole)
    first = after.order_by("starts_at").values_list("starts_at", flat=True).first()
    return replace(place, frees_at=first or whole)


def cut_turnarounds(
    place: Place, *, by: User | None, at: datetime, reason: str, ignoring: Collection[int] = ()
) -> None:
    """End the turnaround of the sessions just before a place when it starts (E4, E23).

    The database counts it among what they occupy, so it has to be given up in writing. Under the
    claim's locks; where no turnaround was forgiven there is nothing to cut.
    """
    if Reason.TURNAROUND not in place.reasons:
        return
    before = _beside(place, ignoring).filter(
        starts_at__gte=place.starts_at - LONGEST,
        ends_at__lte=place.starts_at,
        frees_at__gt=place.starts_at,
    )
    for booking in before.order_by("pk").select_for_update(of=("self",)):
        was, booking.frees_at = booking.frees_at, place.starts_at
        booking.save(update_fields=["frees_at"])
        record_shortened(booking, was, by=by, at=at, reason=reason)


def record_shortened(
    booking: Booking, was: datetime, *, by: User | None, at: datetime, reason: str
) -> None:
    """The trace of a shorter turnaround: when therapist and room were to be free, and are now."""
    record(
        booking,
        before=booking.state,
        kind=Kind.SHORTENED,
        by=by,
        at=at,
        reason=reason,
        details=shortened(was, booking.frees_at),
    )


def record_own_shortened(booking: Booking, *, by: User | None, at: datetime, reason: str) -> None:
    """The trace of having less turnaround than usual from the start; none where it is whole."""
    usual = booking.ends_at + timedelta(minutes=booking.variant.turnaround_minutes)
    if booking.frees_at < usual:
        record_shortened(booking, usual, by=by, at=at, reason=reason)


def shortened(was: datetime, now: datetime) -> dict[str, Any]:
    return {"frees_at": [was.isoformat(), now.isoformat()]}


def _beside(place: Place, ignoring: Collection[int]) -> BookingQuerySet:
    """Sessions that share the therapist or the room of a place."""
    same = Q(therapist=place.therapist_id) | Q(room=place.room_id)
    return Booking.objects.occupying().filter(same).exclude(pk__in=ignoring)
