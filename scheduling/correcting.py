"""Taking back a mark made by mistake: an arrival, a session done, a no-show (E18, B10).

What is over is final for every ordinary act. This one is not ordinary: it follows a table of its
own (``CORRECTIONS``), says who, when and why, and turns round what the mark did to the credit and
the books. A day whose books are closed stays as it is (``payments.closing``).
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from payments import crediting
from scheduling.changing import Kind, change, locked
from scheduling.claiming import expire, guarded, lock_resources
from scheduling.errors import IllegalTransition, ReasonMissing
from scheduling.models import CORRECTIONS, Booking, BookingChange
from scheduling.patience import patiently
from scheduling.world import LONGEST

MARKS = (Kind.CHECKED_IN, Kind.COMPLETED, Kind.NO_SHOW)
# A slip of the thumb: who made the mark takes it back without saying why.
UNDO_FOR = timedelta(minutes=5)


def undoable(booking: Booking, by: User | None, at: datetime) -> BookingChange | None:
    """The mark ``by`` may take back now without a reason: their own, a few minutes old."""
    mark = last_mark(booking)
    return mark if mark is not None and _is_slip(mark, by, at) else None


def last_mark(booking: Booking) -> BookingChange | None:
    """The arrival, done or no-show that stands and can be taken back; None when there is none."""
    standing = _standing(booking)
    return standing[-1] if standing and booking.state == standing[-1].to_state else None


def take_back(
    *,
    booking: Booking,
    by: User | None,
    at: datetime,
    reason: str = "",
    mark: BookingChange | None = None,
) -> Booking:
    """Take back the last arrival, done or no-show: the booking is what it was before.

    A credit that was used is set aside again and its revenue turned round, dated as the mark
    was. ``mark`` names what to take back, so that a second tap changes nothing; without it a
    repeat is known by nothing having happened since.

    Raises:
        IllegalTransition: nothing of the kind stands, or something was marked after ``mark``.
        ReasonMissing: it is not one's own mark of the last few minutes and says no reason.
        TimeTaken: it would occupy its time again, and somebody else has that by now (E1).
        crediting.PeriodClosed: the books of that day are closed.
    """
    return patiently(lambda: _take_back(booking, by, at, reason.strip(), mark))


@transaction.atomic
def _take_back(
    booking: Booking, by: User | None, at: datetime, reason: str, mark: BookingChange | None
) -> Booking:
    if booking.runner is not None:
        crediting.lock_wallet(booking.runner)
    lock_resources([booking.therapist_id], booking.location)
    booking = locked(booking)
    standing = _standing(booking)
    if _is_repeat(booking, standing, mark):
        return booking
    last = standing[-1] if standing else None
    if last is None or last.to_state != booking.state:
        raise IllegalTransition(_("There is nothing to take back."))
    if mark is not None and mark.pk != last.pk:
        raise IllegalTransition(_("Something was marked after that. Take that back first."))
    if not reason and not _is_slip(last, by, at):
        raise ReasonMissing
    _release_run_out_holds(booking, at)
    _write(booking, last, by, at, reason)
    crediting.take_back_use(
        booking_id=booking.public_id, by=by, at=at, reason=reason or _("Taken back")
    )
    return booking


def _write(
    booking: Booking, last: BookingChange, by: User | None, at: datetime, reason: str
) -> None:
    with guarded():
        change(
            booking,
            to=last.from_state,
            kind=Kind.TAKEN_BACK,
            by=by,
            at=at,
            reason=reason,
            details={"change": last.pk},
            allowed=CORRECTIONS,
        )


def _standing(booking: Booking) -> list[BookingChange]:
    """The marks that have not been taken back, the last one last."""
    found: dict[int, BookingChange] = {}
    happened = booking.changes.filter(kind__in=[*MARKS, Kind.TAKEN_BACK]).order_by("pk")
    for one in happened:
        if one.kind == Kind.TAKEN_BACK:
            found.pop(one.details["change"], None)
        elif one.from_state != one.to_state:
            found[one.pk] = one
    return list(found.values())


def _is_repeat(booking: Booking, standing: list[BookingChange], mark: BookingChange | None) -> bool:
    """Whether what is asked for has been done already."""
    if mark is not None:
        was_marked = mark.kind in MARKS and mark.booking_id == booking.pk
        return was_marked and mark.pk not in [one.pk for one in standing]
    last = booking.changes.order_by("-pk").first()
    return last is not None and last.kind == Kind.TAKEN_BACK


def _is_slip(mark: BookingChange, by: User | None, at: datetime) -> bool:
    return by is not None and mark.actor_id == by.pk and at <= mark.at + UNDO_FOR


def _release_run_out_holds(booking: Booking, at: datetime) -> None:
    """A hold that has run out stands in nobody's way, here neither (E13)."""
    in_way = Booking.objects.expired_holds(at).filter(
        Q(therapist=booking.therapist_id) | Q(room=booking.room_id),
        starts_at__gte=booking.starts_at - LONGEST,
        starts_at__lt=booking.frees_at,
        frees_at__gt=booking.starts_at,
    )
    for hold in in_way.order_by("pk").select_for_update():
        expire(hold, by=None, at=at, reason="The hold ran out.")
