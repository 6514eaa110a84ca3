"""What happens to a session on its day: she arrives, it is done, or she does not come (B10, E18,
E19). What the day looks like is read in ``day_board``."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from payments import crediting
from scheduling import letters
from scheduling.changing import Kind, change, locked, require
from scheduling.claiming import guarded, lock_resources
from scheduling.errors import BookingError, IllegalTransition, ReasonMissing
from scheduling.models import Booking, BookingChange
from scheduling.overriding import shortened
from scheduling.patience import patient, patiently
from scheduling.reasons import Reason
from scheduling.unpaid import paid
from scheduling.wording import moment_words

log = logging.getLogger(__name__)
State = Booking.State

ARRIVES_EARLIEST = timedelta(minutes=60)
MISSED_AFTER = timedelta(minutes=15)
DONE_BY_ITSELF_AFTER = timedelta(hours=12)


@patient
@transaction.atomic
def check_in(*, booking: Booking, by: User | None, at: datetime) -> Booking:
    """She has arrived. From an hour before the start; a second tap changes nothing.

    Raises:
        IllegalTransition: too early, or the session is over or off.
    """
    booking = locked(booking)
    if booking.state == State.CHECKED_IN:
        return booking
    require(booking, State.CHECKED_IN)
    _not_before(booking.starts_at - ARRIVES_EARLIEST, booking, at)
    return change(booking, to=State.CHECKED_IN, kind=Kind.CHECKED_IN, by=by, at=at)


@patient
@transaction.atomic
def complete(*, booking: Booking, by: User | None, at: datetime, reason: str = "") -> Booking:
    """Done: the credit is used and its value earned on the day of the session (B10, E19).

    A second tap changes nothing and posts nothing.

    Raises:
        IllegalTransition: it has not begun, or is off.
        crediting.NotReserved: no credit is set aside for it; the sentence says what to do.
    """
    if booking.runner is not None:
        crediting.lock_wallet(booking.runner)
    booking = locked(booking)
    if booking.state == State.COMPLETED:
        return booking
    require(booking, State.COMPLETED)
    _not_before(booking.starts_at, booking, at)
    if not crediting.holds_credit(booking.public_id):
        raise crediting.NotReserved(
            _("This session is due to pay. Pay it with a credit first, or sell or give one.")
        )
    change(booking, to=State.COMPLETED, kind=Kind.COMPLETED, by=by, at=at, reason=reason)
    crediting.use(
        booking_id=booking.public_id,
        by=by,
        at=at,
        effective_at=booking.starts_at,
        reason=_("Session done"),
    )
    letters.owe(booking, "session_done", at=at)
    return booking


@patient
@transaction.atomic
def mark_no_show(*, booking: Booking, by: User | None, at: datetime, reason: str = "") -> Booking:
    """She did not come: the credit is used (B8). From 15 minutes after the start (E18).

    Where the session was due to pay there is no credit to use.

    Raises:
        IllegalTransition: too early, or she came, or the session is off.
    """
    if booking.runner is not None:
        crediting.lock_wallet(booking.runner)
    booking = locked(booking)
    if booking.state == State.NO_SHOW:
        return booking
    require(booking, State.NO_SHOW)
    _not_before(booking.starts_at + MISSED_AFTER, booking, at)
    change(booking, to=State.NO_SHOW, kind=Kind.NO_SHOW, by=by, at=at, reason=reason)
    if crediting.holds_credit(booking.public_id):
        crediting.use(
            booking_id=booking.public_id,
            by=by,
            at=at,
            effective_at=booking.starts_at,
            reason=_("Missed"),
            late=True,
        )
    return booking


def shorten_turnaround(
    *, booking: Booking, minutes: int, by: User | None, at: datetime, reason: str
) -> Booking:
    """Free therapist and room of one session ``minutes`` after its end, with a reason (E4).

    From none up to what the session usually has; so much already changes nothing.

    Raises:
        ReasonMissing: nobody could follow later why the room was not made ready.
        TimeTaken: what was given up before has been booked by now.
        IllegalTransition: it is not booked, or ``minutes`` is more than the usual.
    """
    if not reason.strip():
        raise ReasonMissing
    return patiently(lambda: _shorten(booking, minutes, by, at, reason.strip()))


@transaction.atomic
def _shorten(booking: Booking, minutes: int, by: User | None, at: datetime, reason: str) -> Booking:
    lock_resources([booking.therapist_id], booking.location)
    booking = locked(booking)
    if not booking.is_booked:
        raise IllegalTransition(
            _("This session is %(state)s, so its turnaround stays.")
            % {"state": booking.get_state_display()}
        )
    if not 0 <= minutes <= booking.variant.turnaround_minutes:
        raise IllegalTransition(
            _("Choose 0 to %(most)s minutes.") % {"most": booking.variant.turnaround_minutes}
        )
    frees_at = booking.ends_at + timedelta(minutes=minutes)
    if frees_at == booking.frees_at:
        return booking
    with guarded(Reason.TURNAROUND):
        return change(
            booking,
            to=booking.state,
            kind=Kind.SHORTENED,
            by=by,
            at=at,
            reason=reason,
            details=shortened(booking.frees_at, frees_at),
            frees_at=frees_at,
        )


def complete_due(*, at: datetime) -> int:
    """The job: sessions nobody marked are done 12 hours after their end; how many (E19).

    A mark that was taken back gives people twelve hours to say what was meant. What nobody has
    paid for is left (``unpaid.report_unpaid`` tells); what cannot be completed is logged.
    """
    silent_since = at - DONE_BY_ITSELF_AFTER
    taken_back = BookingChange.objects.filter(kind=Kind.TAKEN_BACK, at__gt=silent_since)
    due = (
        paid(Booking.objects.booked())
        .filter(ends_at__lte=silent_since)
        .exclude(pk__in=taken_back.values("booking"))
        .select_related("runner")
        .order_by("ends_at")
    )
    done = 0
    for booking in list(due[:500]):
        try:
            complete(booking=booking, by=None, at=at, reason="Nobody said otherwise.")
        except (BookingError, crediting.CreditError):
            log.exception("Session %s could not be completed by itself", booking.public_id)
        else:
            done += 1
    return done


def _not_before(moment: datetime, booking: Booking, at: datetime) -> None:
    if at < moment:
        raise IllegalTransition(
            _("That is possible from %(moment)s.") % {"moment": moment_words(moment, booking.zone)}
        )
