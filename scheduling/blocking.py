"""Blocking time on the day board: a therapist is here, but busy with something else (E3).

Blocked time is time off of its own kind, so the engine treats it as such. It cancels nothing:
sessions that are booked then are named, and blocking over them has to be asked for.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import auditing
from accounts.models import User
from scheduling.claiming import require_in_reach
from scheduling.errors import BookingError, TimeHasBookings
from scheduling.models import Booking, Therapist, TimeOff
from scheduling.patience import patiently
from scheduling.world import LONGEST


def block_time(
    *,
    therapist: Therapist,
    starts_at: datetime,
    ends_at: datetime,
    reason: str,
    by: User | None,
    at: datetime,
    despite_bookings: bool = False,
) -> TimeOff:
    """Block ``[starts_at, ends_at)`` of a therapist, inside working hours or not.

    The same stretch blocked again is returned as it is. ``despite_bookings`` blocks although
    there are sessions: they stay booked.

    Raises:
        TimeHasBookings: sessions, or holds still running, are in it; they are on the error.
        BookingError: it ends before it starts, or lies beyond any diary.
    """
    if ends_at <= starts_at:
        raise BookingError(_("The time ends before it starts."))
    require_in_reach(starts_at)
    require_in_reach(ends_at)
    wanted = TimeOff(
        kind=TimeOff.Kind.BLOCKED,
        therapist=therapist,
        starts_at=starts_at,
        ends_at=ends_at,
        reason=reason.strip()[:120],
        created_by=by,
    )
    return patiently(lambda: _block(wanted, at, despite_bookings))


@transaction.atomic
def _block(wanted: TimeOff, at: datetime, despite_bookings: bool) -> TimeOff:
    # Claims lock the therapist too, so none slips in between our look and our write.
    Therapist.objects.select_for_update().get(pk=wanted.therapist_id)
    same = TimeOff.objects.filter(
        kind=wanted.kind,
        therapist=wanted.therapist_id,
        starts_at=wanted.starts_at,
        ends_at=wanted.ends_at,
    )
    if existing := same.first():
        return existing
    hit = sessions_within(wanted.therapist, wanted.starts_at, wanted.ends_at, at)
    if hit and not despite_bookings:
        raise TimeHasBookings(hit)
    wanted.pk = None  # a second attempt starts afresh
    with auditing.acting(wanted.created_by):
        wanted.save(force_insert=True)
    return wanted


def sessions_within(
    therapist: Therapist, starts_at: datetime, ends_at: datetime, at: datetime
) -> Sequence[Booking]:
    """Live sessions of a therapist that share a moment with a stretch, by start.

    The session itself counts and not its turnaround: the table may be wiped by somebody else.
    """
    return list(
        Booking.objects.live_at(at)
        .with_everything()
        .filter(
            therapist=therapist,
            starts_at__gt=starts_at - LONGEST,
            starts_at__lt=ends_at,
            ends_at__gt=starts_at,
        )
        .order_by("starts_at", "pk")
    )


@transaction.atomic
def unblock(*, time_off: TimeOff, by: User | None, at: datetime) -> None:
    """Free what was blocked on the board. What is free already stays free.

    Raises:
        BookingError: it is time off, which is planned in the set-up and not on the board.
    """
    found = TimeOff.objects.select_for_update().filter(pk=time_off.pk).first()
    if found is None:
        return
    if found.kind != TimeOff.Kind.BLOCKED:
        raise BookingError(_("This is time off. Change it where the therapist's time is planned."))
    with auditing.acting(by):
        found.delete()
